"""Unpack a ZIP or TAR archive from outside: only plain files, only below the folder, only so much."""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

MAX_FILES = 1_000
"""Most files in one archive."""

MAX_BYTES = 100_000_000
"""Most bytes that all files together may have when unpacked."""

PIECE = 64 * 1024


class ArchiveRefusedError(ValueError):
    """The archive names a place outside, has too many or too large files, or is none."""


def extract_archive(archive: Path, folder: Path) -> list[Path]:
    """Unpack the plain files of `archive` into the new folder `folder` and return their paths.

    Links, devices and rights in the archive are ignored; sizes are counted while unpacking, since a header can lie.
    Raises ArchiveRefusedError; what was unpacked until then lies in `folder`, which the caller removes.
    """
    folder.mkdir()
    written: list[Path] = []
    left = MAX_BYTES
    for name, content in _members(archive):
        if len(written) == MAX_FILES:
            raise ArchiveRefusedError(f"the archive has more than {MAX_FILES} files")
        path = _place(name, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        left -= _copy(content, path, left)
        written.append(path)
    return written


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each plain file."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if not info.is_dir():
                    with zipped.open(info) as content:
                        yield info.filename, content
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tarred:
            for member in tarred:
                content_or_none = tarred.extractfile(member) if member.isreg() else None
                if content_or_none is not None:
                    yield member.name, content_or_none
    else:
        raise ArchiveRefusedError("this is neither a ZIP nor a TAR archive")


def _place(name: str, folder: Path) -> Path:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part in ("/", "..") or ":" in part or "\0" in part for part in parts):
        raise ArchiveRefusedError(f"the archive holds a file that would land outside: {name!r}")
    return folder.joinpath(*parts)


def _copy(content: IO[bytes], path: Path, most: int) -> int:
    copied = 0
    with path.open("xb") as file:  # x: a name that comes twice is refused, not overwritten
        while piece := content.read(PIECE):
            copied += len(piece)
            if copied > most:
                raise ArchiveRefusedError(f"unpacked, the archive has more than {MAX_BYTES} bytes")
            file.write(piece)
    return copied
