"""Let one process at a time do something: a file lock that waits a while and dies with the process that holds it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 10.0
"""Longest wait for the lock; 0 asks once."""

PAUSE = 0.05


class LockedError(TimeoutError):
    """Another process has the lock, and kept it for all the time we waited."""


@contextmanager
def take_lock(
    path: Path,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock of `path` for the length of the `with`. Raises LockedError when it is not free in time.

    The kernel frees it when the process ends, however it ends, so there is no stale lock to clear away. The file
    stays: its being there means nothing, and removing it would let two processes lock two files of one name. The
    folder must not be writable for others.
    """
    end = clock() + seconds
    while (descriptor := _try(path)) is None:
        if clock() >= end:
            raise LockedError(f"{path} is locked by another process{_holder(path)}")
        sleep(PAUSE)
    try:
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)  # for people; nothing here relies on it
        yield
    finally:
        os.close(descriptor)


def _try(path: Path) -> int | None:
    """The open file with the lock on it; None when another process has it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC  # programs we start do not inherit the lock
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)  # taken, or somebody removed the file between opening and locking
    return None


def _holder(path: Path) -> str:
    try:
        number = path.read_text(encoding="ascii")[:20].strip()
    except (OSError, ValueError):
        return ""
    return f" (process {number})" if number.isdigit() else ""
