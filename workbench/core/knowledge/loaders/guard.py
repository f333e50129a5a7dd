"""What the child process may not do, whatever a file leads a parser into: open others, write, start, connect."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

FORBIDDEN = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "pty.",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
    "shutil.", "ftplib.", "http.", "smtplib.", "urllib.", "webbrowser.", "sqlite3.", "tempfile.",
)  # fmt: skip
"""Beginnings of audit events (https://docs.python.org/3.11/library/audit_events.html) that are refused."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Refuses by PermissionError, from `install` to the end of the process.

    It covers what Python code does. What native parsers do is bounded by their settings and by the resource limits.
    """

    def __init__(self, code_folders: Iterable[str]) -> None:
        spellings = {
            spelling for folder in code_folders if folder for spelling in (folder, str(Path(folder).resolve()))
        }
        self._folders = tuple(f"{spelling}{os.sep}" for spelling in spellings)
        self._document: str | None = None

    def install(self) -> None:
        """From now on only code may be read; it can not be undone."""
        sys.dont_write_bytecode = True
        sys.addaudithook(self._check)

    def allow(self, document: Path) -> None:
        """Let this document be read, and no other any more."""
        self._document = os.fspath(document)

    def _check(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            self._check_open(*arguments[:3])
        elif event.startswith(FORBIDDEN):
            raise PermissionError(f"a loader may not use {event}")

    def _check_open(self, path: object, mode: object, flags: object) -> None:
        if isinstance(path, int):
            return
        writes = bool(flags & WRITING) if isinstance(flags, int) else not str(mode).startswith("r")
        name = os.fsdecode(path) if isinstance(path, str | bytes) else str(path)
        # Links are not resolved: an installer may link library files from a cache of its own.
        if writes or (name != self._document and not os.path.abspath(name).startswith(self._folders)):  # noqa: PTH100
            raise PermissionError(f"a loader may not open {name}")


def code_folders() -> list[str]:
    """Where this program's own code lies: the interpreter, the libraries, the workbench.

    The frozen program keeps its modules inside its executable, and opens that at every import.
    """
    package = str(Path(__file__).resolve().parents[4])
    frozen = [str(Path(sys.executable).parent)] if getattr(sys, "frozen", False) else []
    return [sys.prefix, sys.base_prefix, sys.exec_prefix, package, *sys.path, *frozen]
