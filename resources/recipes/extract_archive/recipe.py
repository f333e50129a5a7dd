"""Unpack a ZIP or TAR archive from outside: only plain files, only below the folder, only so much."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

MAX_FILES = 1_000
"""Most entries in one archive, folders and links included."""

MAX_BYTES = 100_000_000
"""Most bytes that all files together may have when unpacked."""

PIECE = 64 * 1024
PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
BROKEN = (
    lzma.LZMAError,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
)


class ArchiveRefusedError(ValueError):
    """The archive names a place outside, has too many or too large files, is damaged, or is none."""


def extract_archive(archive: Path, folder: Path) -> list[Path]:
    """Unpack the plain files of `archive` into the new folder `folder` and return their paths.

    Links, devices and rights in the archive are ignored; sizes are counted while unpacking, since a header can lie.
    Raises ArchiveRefusedError; what was unpacked until then lies in `folder`, which the caller removes.
    """
    folder.mkdir()
    written: list[Path] = []
    left = MAX_BYTES
    try:
        for name, content in _members(archive):
            path = _place(name, folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            left -= _copy(content, path, left)
            written.append(path)
    except (*BROKEN, UnicodeError) as error:
        raise ArchiveRefusedError("this is neither a ZIP nor a TAR archive, or it is damaged or locked") from error
    return written


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each plain file."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for number, info in enumerate(zipped.infolist()):
                _count(number)
                if not info.is_dir():
                    with zipped.open(info) as content:
                        yield info.filename, content
        return
    with archive.open("rb") as file:
        unpack = next((unpack for magic, unpack in PACKED.items() if file.peek(6).startswith(magic)), None)
        stream = cast("IO[bytes]", _Bounded(unpack(file) if unpack else file))
        with tarfile.open(fileobj=stream, mode="r|") as tarred:
            for number, member in enumerate(tarred):
                _count(number)
                content_or_none = tarred.extractfile(member) if member.isreg() else None
                if content_or_none is not None:
                    yield member.name, content_or_none


class _Bounded:
    """A tar unpacked to no more bytes than allowed: its headers too can claim and hold any amount."""

    def __init__(self, file: Any) -> None:
        self.file, self.left = file, MAX_BYTES + MAX_FILES * 2_000 + 10_240

    def read(self, size: int) -> bytes:
        data: bytes = self.file.read(min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise ArchiveRefusedError(f"unpacked, the archive has more than {MAX_BYTES} bytes")
        return data


def _count(number: int) -> None:
    if number >= MAX_FILES:
        raise ArchiveRefusedError(f"the archive has more than {MAX_FILES} files")


def _place(name: str, folder: Path) -> Path:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or any(part == "/" or not part.strip(" .") or set(part) & set(":\0") for part in parts):
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
