"""What is in a file that is imported: itself, or what is packed in it, within limits on size, ratio and members."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.importers.base import HEAD_BYTES

MAX_FILE_BYTES = 600_000_000
"""Largest file on the disk. All of GitHub's advisories packed are about half of it."""

MAX_PART_BYTES = 700_000_000
"""Largest content once unpacked. NVD's largest year is about 200 MB of JSON."""

MAX_TOTAL_BYTES = 6_000_000_000
"""Most that may be unpacked of one file, all members together."""

MAX_MEMBERS = 1_000_000
"""Most members of an archive; OSV's archive of npm has a quarter of that."""

MAX_RATIO = 200
"""Unpacked over packed size from RATIO_FROM on; JSON packs 10 to 30 times, a bomb a thousand times."""

RATIO_FROM = 20_000_000
"""Up to this size anything may be unpacked: it does no harm."""

READABLE = (".json", ".xml", ".csv", ".sarif", ".spdx", ".cdx", ".bom")
"""Endings of archive members that an importer is asked about; the others are not looked at."""

PACKED = (".gz", ".zip", ".json", ".xml", ".csv", ".sarif", ".spdx", ".cdx", ".bom")
"""Endings that are no part of the name of what a file is a version of."""

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


def bare_name(name: str) -> str:
    """A file's name without its endings."""
    while (dot := name.rfind(".")) > 0 and name[dot:].lower() in PACKED:
        name = name[:dot]
    return name


def head_of(stream: BinaryIO) -> bytes:
    """The first HEAD_BYTES of the first content. Raises LoadError when it cannot be unpacked."""
    start = stream.read(HEAD_BYTES)
    stream.seek(0)
    if start.startswith(GZIP):
        try:
            return gzip.GzipFile(fileobj=stream).read(HEAD_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(error) from error
        finally:
            stream.seek(0)
    if start.startswith(ZIP):
        _, head = next(_members(stream, HEAD_BYTES), ("", b""))
        stream.seek(0)
        return head
    return start


def contents(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Each content with its name inside an archive (empty for the file itself), unpacked. Raises LoadError."""
    start = stream.read(4)
    stream.seek(0)
    if start.startswith(GZIP):
        yield "", _gunzip(stream)
    elif start.startswith(ZIP):
        yield from _members(stream)
    else:
        data = stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise _too_large("larger than an import may be", MAX_FILE_BYTES)
        yield "", data


def _gunzip(stream: BinaryIO) -> bytes:
    packed = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    out = bytearray()
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            while piece := unpacked.read(1_000_000):
                out += piece
                _check(len(out), packed)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(error) from error
    return bytes(out)


def _members(stream: BinaryIO, most: int = MAX_PART_BYTES) -> Iterator[tuple[str, bytes]]:
    """The readable members by name, so that their order in the archive means nothing; `most` bytes of each."""
    total = 0
    try:
        with zipfile.ZipFile(stream) as archive:
            known = [info for info in archive.infolist() if info.filename.lower().endswith(READABLE)]
            if len(known) > MAX_MEMBERS:
                raise _too_large(f"it packs {len(known):,} files", MAX_MEMBERS)
            for info in sorted(known, key=lambda info: info.filename):
                if info.flag_bits & 1:
                    raise LoadError("it is encrypted, so nothing was imported; unpack it and import the folder")
                data = _member(archive, info, most)
                total += len(data)
                if total > MAX_TOTAL_BYTES:
                    raise _too_large("it unpacks beyond the limit", MAX_TOTAL_BYTES)
                yield info.filename, data
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _damaged(error) from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    out = bytearray()
    with archive.open(info) as unpacked:
        while len(out) < most and (piece := unpacked.read(min(1_000_000, most - len(out)))):
            out += piece
            _check(len(out), info.compress_size)
    return bytes(out)


def _check(size: int, packed: int) -> None:
    if size > MAX_PART_BYTES:
        raise _too_large("it unpacks beyond the limit", MAX_PART_BYTES)
    if size > RATIO_FROM and size > MAX_RATIO * max(1, packed):
        raise LoadError(
            f"it unpacks to more than {MAX_RATIO} times its size, as only a made-up file does, so nothing was "
            "imported; get it anew from its source"
        )


def _too_large(what: str, limit: int) -> LoadError:
    return LoadError(f"{what} (the limit is {limit:,}), so nothing was imported; import it in parts")


def _damaged(error: Exception) -> LoadError:
    return LoadError(f"it cannot be unpacked ({error}), so nothing was imported; get it anew")
