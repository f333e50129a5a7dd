"""Run another program with arguments from outside: no shell, a fixed program, a deadline."""

import os
import subprocess
from collections.abc import Sequence

PROGRAM = ("/usr/bin/sort", "--numeric-sort")
"""The program by its full path, with the options that are always given."""

SECONDS = 30.0
"""Longest time it may take."""

MAX_OUTPUT = 1_000_000
"""Most characters of output that are used."""


class CommandError(RuntimeError):
    """The program failed, took too long or is not there."""


def run_command(operands: Sequence[str], text: str = "") -> str:
    """Run PROGRAM on `operands` with `text` as its input, and return what it prints.

    Operands are file names or values, never options: they follow `--`, and no shell reads them, so quotes, semicolons
    and dollar signs mean nothing. The program sees no environment but PATH and LANG. Raises CommandError.
    """
    environment = {"PATH": "/usr/bin:/bin", "LANG": os.environ.get("LANG", "C.UTF-8")}
    try:
        done = subprocess.run(
            [*PROGRAM, "--", *operands],
            input=text,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
            shell=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"{PROGRAM[0]} took longer than {SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise CommandError(f"{PROGRAM[0]} failed with status {error.returncode}") from error
    except (OSError, ValueError) as error:
        raise CommandError(f"{PROGRAM[0]} could not be started") from error
    return done.stdout[:MAX_OUTPUT]
