"""How this program starts itself as a child: parsers of untrusted material run apart, under limits.

A child is started with an argument list (never a shell) and speaks JSON over its pipes. It works from a checkout, from
an installed package and from the frozen program, whose executable knows no `-m`.
"""

import contextlib
import runpy
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

CHILD_SWITCH = "--workbench-child"
"""First argument by which the frozen executable knows that it is to be a child."""

CHILD_MODULES = frozenset(
    {
        "workbench.core.analysis.child",
        "workbench.core.knowledge.importers.child",
        "workbench.core.knowledge.loaders.child",
        "workbench.core.knowledge.model_child",
    }
)
"""The only modules that may be run as a child."""


def child_command(module: str) -> list[str]:
    """The argument list that runs `module` as a child of this program; ValueError if it is not a known child.

    `-P` keeps the current folder off the child's import path, so that a file there named like a library is not run.
    """
    if module not in CHILD_MODULES:
        raise ValueError(f"{module} is not a child module of the workbench")
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD_SWITCH, module]
    return [sys.executable, "-P", "-m", module]


def run_as_child(argv: Sequence[str]) -> bool:
    """Run the child module that `argv` (sys.argv) asks for, and tell whether it did.

    Each entry point of the program calls this before anything else: in the frozen program it is how children start.
    """
    if len(argv) < 3 or argv[1] != CHILD_SWITCH or argv[2] not in CHILD_MODULES:
        return False
    runpy.run_module(argv[2], run_name="__main__", alter_sys=True)
    return True


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """Kill a child, whatever it is doing, and let go of it."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def limit_resources(memory_bytes: int, cpu_seconds: int | None = None) -> None:
    """Bound this process's address space and processor time where the system can (not on Windows).

    The parent's deadline holds everywhere; this also stops a parser that eats memory before the deadline.
    A warm child that serves many requests has no bound on processor time (None).
    """
    try:
        import resource
    except ImportError:
        return
    for kind, limit in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, cpu_seconds)):
        if limit is None:
            continue
        _, hard = resource.getrlimit(kind)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (bound, hard))
