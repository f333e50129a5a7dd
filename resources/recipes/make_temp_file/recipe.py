"""Temporary and private files that nobody else can read, prepare beforehand, or swap for a link."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = Path(tempfile.gettempdir())
"""Where temporary files go. Not a folder in memory for files that do not fit there."""


class FileExistsAlreadyError(FileExistsError):
    """Something is there under that name, perhaps put there by somebody else; it was not opened."""


@contextmanager
def make_temp_file(suffix: str = "") -> Iterator[Path]:
    """The path of an empty file for you alone, which vanishes with everything beside it at the end of the `with`.

    It lies in a folder of its own with the rights 0700, so that programs may open it by its name, and write files
    beside it, in a shared /tmp too. `suffix` such as ".pdf" comes from the program, not from a user.
    """
    if not suffix.removeprefix(".").isalnum() and suffix:
        raise ValueError(f"{suffix!r} is no suffix")
    with tempfile.TemporaryDirectory(prefix="private-", dir=FOLDER) as folder:
        path = Path(folder) / f"file{suffix}"
        open_private_file(path).close()
        yield path


def open_private_file(path: Path) -> IO[bytes]:
    """A new file at `path`, open for writing, with the rights 0600 whatever the umask says.

    Raises FileExistsAlreadyError when anything is there, also a link that leads nowhere: creating and checking are one
    step of the kernel, so there is no moment in between.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError as error:
        raise FileExistsAlreadyError(f"{path} exists already") from error
    return os.fdopen(descriptor, "wb")


def open_own_file(path: Path) -> IO[bytes]:
    """The file at `path`, open for reading, when it is a plain file of this user that no other may write.

    Raises PermissionError for a link, a device, a file of another user or one that others may change. POSIX only.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    about = os.fstat(descriptor)  # of what was opened, not of what has the name by now
    plain = about.st_mode & 0o170000 == 0o100000
    if not plain or about.st_uid != os.geteuid() or about.st_mode & 0o022 or about.st_nlink != 1:
        os.close(descriptor)
        raise PermissionError(f"{path} is no plain file of this user alone")
    return os.fdopen(descriptor, "rb")
