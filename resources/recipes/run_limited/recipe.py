"""Run a program on data from outside with bounds on processor time, memory, output and time, in a clean environment."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SECONDS = 20.0
"""Longest time by the clock."""

CPU_SECONDS = 10
"""Most processor time."""

MEMORY = 1_000_000_000
"""Most memory in bytes (address space; a Java or Node program needs far more of it than it uses)."""

MAX_OUTPUT = 5_000_000
"""Most bytes it may print or write into one file."""

MAX_FILES = 64

LAUNCHER = """
import os, resource, signal, sys
cpu, memory, output, files = map(int, sys.argv[1:5])
for limit, value in (
    (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, output),
    (resource.RLIMIT_NOFILE, files), (resource.RLIMIT_CORE, 0),
):
    resource.setrlimit(limit, (value, value))
for number in (signal.SIGXFSZ, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[5], sys.argv[5:])
"""
"""Sets the limits in the new process and then becomes the program: safe with threads, which preexec_fn is not."""


class LimitedError(RuntimeError):
    """The program failed, or reached one of its limits."""


def run_limited(program: Sequence[str], data: bytes = b"") -> bytes:
    """What `program` prints when it gets `data` as its input. Its first item is a full path. Raises LimitedError.

    No shell, no environment but PATH and LANG, an empty folder of its own to work in, no open file of ours. When the
    time is over, the program and all that it started in its group are killed. What it prints as errors is dropped.
    """
    if not Path(program[0]).is_absolute():
        raise ValueError("the program must be named by its full path")
    limits = [str(limit) for limit in (CPU_SECONDS, MEMORY, MAX_OUTPUT, MAX_FILES)]
    command = [sys.executable, "-I", "-S", "-c", LAUNCHER, *limits, *program]
    with (
        tempfile.TemporaryDirectory(prefix="run-") as folder,
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as printed,  # a file, not a pipe: the limit on file size bounds it
    ):
        given.write(data)
        given.seek(0)
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=printed,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise LimitedError(f"it took longer than {SECONDS:g} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status:
            raise LimitedError(_reason(status))
        printed.seek(0)
        return printed.read()


def _reason(status: int) -> str:
    known = {-signal.SIGXFSZ: "it printed too much", -signal.SIGXCPU: "it used too much processor time"}
    known[-signal.SIGKILL] = "it was killed, as for using too much processor time"
    return known.get(status, f"it failed with status {status}")
