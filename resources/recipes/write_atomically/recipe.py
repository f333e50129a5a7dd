"""Replace a file so that every reader sees the old content or the new, also after a crash, and never a half."""

import os
import tempfile
from pathlib import Path

MODE = 0o600
"""Rights of a file that was not there before; one that was keeps its own."""


def write_atomically(path: Path, content: bytes) -> None:
    """Make `content` the content of `path`. When it returns, the content is on the disk under that name.

    A link at `path` is followed, and what it leads to is replaced. Raises OSError, and then `path` is as it was. Two
    writers do not mix, the last one wins; who reads, changes and writes needs a lock around all three.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".new")
    temporary = Path(name)  # in the same folder: a rename is atomic only within one file system
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # before the rename, or a power cut leaves the new name with nothing in it
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        return MODE


def _sync_folder(folder: Path) -> None:
    """Make the new name last. Windows has no such call and does not need it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
