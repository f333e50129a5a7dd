"""Which of some files an importer knows, told by their beginnings, which are looked at in the importer child."""

import json
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workbench.core.knowledge.importers.contents import PACKED
from workbench.core.knowledge.importers.reading import CHILD
from workbench.core.knowledge.loaders.process import start_child

SECONDS = 10.0
"""Deadline for a look at one file."""


def recognised(paths: Sequence[Path]) -> dict[Path, str]:
    """The importer of each file that one knows. Others are not in it, nor what the child cannot cope with. Blocking.

    Only files whose name ends as those of catalogues and feeds do are looked at.
    """
    known: dict[Path, str] = {}
    child: subprocess.Popen[bytes] | None = None
    try:
        for path in paths:
            if not path.name.lower().endswith(PACKED) or not path.is_file():
                continue
            if child is None or child.poll() is not None:
                _end(child)
                child = start_child(CHILD)
            with suppress(OSError, ValueError, KeyError):
                if kind := _ask(child, path.absolute()):
                    known[path] = kind
    finally:
        _end(child)
    return known


def _ask(child: "subprocess.Popen[bytes]", path: Path) -> str:
    """Raises OSError, ValueError or KeyError when the child does not answer as agreed; it has ended then."""
    alarm = threading.Timer(SECONDS, child.kill)
    alarm.daemon = True
    alarm.start()
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(
            json.dumps({"path": str(path), "kind": "", "of_folder": False, "only_recognise": True}).encode()
        )
        child.stdin.write(b"\n")
        child.stdin.flush()
        return str(json.loads(child.stdout.readline())["kind"])
    except (OSError, ValueError, KeyError):
        child.kill()
        child.wait()
        raise
    finally:
        alarm.cancel()


def _end(child: "subprocess.Popen[bytes] | None") -> None:
    if child is None:
        return
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
