"""Archives (zip, tar) and single compressed files (gzip, bzip2, xz), unpacked in memory within limits.

An archive is one document: its members' blocks stand under their names. Nothing is ever written to the disk, and the
names inside are shown, never opened. What is no plain file (links, devices) is left out.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import IO

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.loaders.headings import SEPARATOR
from workbench.core.knowledge.loaders.nested import load_nested
from workbench.core.knowledge.loaders.raw import MAX_FILE_BYTES, RawFile, broken, encrypted, oversized

MAX_MEMBERS = 10_000
"""Most members of one archive; a larger one is unpacked by the analyst, and its folder ingested."""

MAX_UNPACKED_BYTES = 300_000_000
"""Most that the members of an archive may unpack to, all together."""

MAX_RATIO = 200
"""How many times the archive's size its content may unpack to, above FREE_BYTES; text packs about 10 times."""

FREE_BYTES = 10_000_000
"""What may be unpacked whatever the ratio."""

ARCHIVES_DEEP = 2
"""An archive may stand in two others, and no deeper."""

READ_BYTES = 256 * 1024

LISTED = 3
"""Members named in one notice; the others are counted."""

DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, IndexError,
    NotImplementedError, KeyError, OverflowError,
)  # fmt: skip
"""What the standard library's unpackers raise over damaged data."""


@dataclass
class _Contents:
    """What is taken out of an archive, and what is left in it."""

    file: RawFile
    blocks: list[Block] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    """Why members were left out -> their names."""
    notices: list[str] = field(default_factory=list)
    kinds: Counter[PassageKind] = field(default_factory=Counter)
    unpacked: int = 0
    members: int = 0

    def leave(self, name: str, reason: str) -> None:
        """Note a member of which nothing is taken."""
        self.left.setdefault(reason, []).append(shown(name))

    def unpack(self, stream: IO[bytes]) -> bytes:
        """All that a member unpacks to. Raises LoadError when the archive is beyond its limits."""
        pieces = []
        taken = 0
        while piece := stream.read(READ_BYTES):
            pieces.append(piece)
            taken += len(piece)
            self.unpacked += len(piece)
            self.file.taken.unpack(self.file.name, len(piece))
            _check_unpacked(self.file, self.unpacked)
            if taken > MAX_FILE_BYTES:
                raise oversized("a member", f"over {MAX_FILE_BYTES // 1_000_000} MB", "that of a file")
        return b"".join(pieces)

    def take(self, name: str, data: bytes) -> None:
        """Read one member as a document and add its blocks under its name."""
        try:
            document = load_nested(self.file, name, data)
        except UnknownKindError:
            self.leave(name, "no loader reads such files")
            return
        except LoadError as error:
            self.leave(name, str(error))
            return
        except Exception as error:  # whatever a parser raises over a damaged member ends that member, not the others
            self.leave(name, f"it cannot be read ({type(error).__name__})")
            return
        self.notices += document.notices
        self.kinds[document.kind] += len(document.text)
        heading = shown(name)
        self.blocks += (
            block.model_copy(update={"heading": f"{heading}{SEPARATOR}{block.heading}" if block.heading else heading})
            for block in document.blocks
        )


def load_zip(file: RawFile) -> LoadedDocument:
    """The members of a zip archive that a loader reads.

    Raises LoadError when it is broken, encrypted throughout, or made to unpack without bound.
    """
    _check_depth(file)
    contents = _Contents(file)
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_members(file, len(members))
            _check_unpacked(file, sum(member.file_size for member in members))
            _check_overlap(file, members)
            if members and all(member.flag_bits & 1 for member in members):
                raise encrypted(file.name)
            for member in members:
                _take_zipped(archive, member, contents)
    except DAMAGE as error:
        raise broken(file.name, "its list of members cannot be read") from error
    return _document(file, contents)


def _take_zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, contents: _Contents) -> None:
    """Read one member of a zip archive."""
    reason = _unfit(member.filename, member.file_size) or (
        "it is a link" if member.external_attr >> 28 == 0xA else "it is encrypted" if member.flag_bits & 1 else ""
    )
    if reason:
        contents.leave(member.filename, reason)
        return
    try:
        with archive.open(member) as stream:
            data = contents.unpack(stream)
    except DAMAGE:
        contents.leave(member.filename, "it is damaged")
        return
    contents.take(member.filename, data)


def load_tar(file: RawFile) -> LoadedDocument:
    """The members of a tar archive, packed or not, that a loader reads.

    Raises LoadError when it is broken from the beginning, or made to unpack without bound.
    """
    _check_depth(file)
    contents = _Contents(file)
    stream = _Bounded(file)
    try:
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
            _take_tarred(archive, contents)
    except DAMAGE as error:
        if not contents.members:
            raise broken(file.name, "it is no tar archive, or a damaged one") from error
        contents.notices.append(f"{file.name} is damaged after member {contents.members}; what stands before is kept")
    return _document(file, contents)


class _Member(tarfile.TarInfo):
    """A member whose headers are bounded: a name or PAX header of megabytes is no name."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in (*tarfile.GNU_TYPES, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE) and (
            self.size > MAX_HEADER_BYTES
        ):
            raise tarfile.HeaderError("a header without bound")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


MAX_HEADER_BYTES = 1_000_000


def _take_tarred(archive: tarfile.TarFile, contents: _Contents) -> None:
    """Read the members of a tar archive, in order."""
    for member in archive:
        contents.members += 1
        _check_members(contents.file, contents.members)
        if member.isdir():
            continue
        reason = "it is a link or a device" if not member.isreg() else _unfit(member.name, member.size)
        stream = None if reason or member.issparse() else archive.extractfile(member)
        if stream is None:
            contents.leave(member.name, reason or "it is sparse")
            continue
        contents.take(member.name, contents.unpack(stream))


def load_packed(file: RawFile) -> LoadedDocument:
    """A single file packed by gzip, bzip2 or xz, as a document of its own; a tar archive inside is opened.

    Raises LoadError when it is broken, or made to unpack without bound.
    """
    _check_depth(file)
    name = _inner_name(file)
    stream = _Bounded(file)
    try:
        data = stream.read(MAX_FILE_BYTES + 1)
    except DAMAGE as error:
        raise broken(file.name, "it is damaged, or not packed as its name says") from error
    if is_tar(data):
        return load_tar(file)
    if len(data) > MAX_FILE_BYTES:
        raise oversized(file.name, "it unpacks to more", f"{MAX_FILE_BYTES // 1_000_000} MB")
    try:
        document = load_nested(file, name, data)
    except LoadError as error:
        raise type(error)(f"{file.name} was unpacked, but {error}") from error
    return document.model_copy(update={"path": str(file.path), "media_type": file.media_type})


def is_tar(data: bytes) -> bool:
    """Whether the bytes begin as a tar archive: by the magic of POSIX and GNU, else by a valid first header."""
    if data[257:262] == b"ustar":
        return True
    try:
        tarfile.TarInfo.frombuf(data[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


class _Bounded(io.RawIOBase):
    """The unpacked stream of a file, which ends in LoadError beyond the limits."""

    def __init__(self, file: RawFile) -> None:
        self._file = file
        self._stream = _unpacked(file.data)
        self._taken = 0

    def readable(self) -> bool:
        """Reading is all it can."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` unpacked bytes."""
        pieces = []
        wanted = size if size >= 0 else MAX_UNPACKED_BYTES
        while wanted > 0 and (piece := self._stream.read(min(wanted, READ_BYTES))):
            pieces.append(piece)
            wanted -= len(piece)
            self._taken += len(piece)
            self._file.taken.unpack(self._file.name, len(piece))
            _check_unpacked(self._file, self._taken)
        return b"".join(pieces)


def _unpacked(data: bytes) -> "IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile":
    """A stream of what these bytes unpack to, by their signature."""
    stream = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    if data.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    if data.startswith((b"\xfd7zXZ\0", b"\x5d\0\0")):
        return lzma.LZMAFile(stream)
    return stream


def _inner_name(file: RawFile) -> str:
    """What the packed file is called: the archive's name without its last ending."""
    name = file.path.stem if file.path.suffix.lower() in PACKED_ENDINGS else file.path.name
    return f"{name}.tar" if file.path.suffix.lower() in (".tgz", ".tbz2", ".txz") else name


PACKED_ENDINGS = (".gz", ".bz2", ".xz", ".lzma", ".tgz", ".tbz2", ".txz")


def _check_depth(file: RawFile) -> None:
    """Refuse an archive that stands too deep in others."""
    if file.depth > ARCHIVES_DEEP:
        raise LoadError(
            f"{file.name} is an archive {file.depth} files deep, so it was not opened; "
            "unpack the outer ones and ingest their folder"
        )


def _check_members(file: RawFile, count: int) -> None:
    if count > MAX_MEMBERS:
        raise LoadError(
            f"{file.name} has more than {MAX_MEMBERS:,} members, too many for one document; "
            "unpack it and ingest the folder"
        )


def _check_unpacked(file: RawFile, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(FREE_BYTES, MAX_RATIO * len(file.data)):
        limit = f"{MAX_UNPACKED_BYTES // 1_000_000} MB, and {MAX_RATIO} times its own size"
        raise oversized(file.name, f"it unpacks to {unpacked / 1e6:.0f} MB or more", limit)


def _check_overlap(file: RawFile, members: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share their packed bytes, by which a small archive unpacks to a huge one (Fifield 2019)."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise broken(file.name, "its members overlap, as those of a zip bomb do")
        end = member.header_offset + 30 + member.compress_size


def _unfit(name: str, size: int) -> str:
    """Why a member is not even unpacked; empty when it may be."""
    parts = name.replace("\\", "/").split("/")
    if any(part.startswith(".") and part not in (".", "..") for part in parts) or "__MACOSX" in parts:
        return "it is hidden or made by tools"
    return f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB" if size > MAX_FILE_BYTES else ""


def shown(name: str) -> str:
    """A member's name as it may be shown: no folders above, no control characters, no marks that turn the direction."""
    text = "".join(
        character if unicodedata.category(character)[0] != "C" else "\ufffd" for character in name.replace("\\", "/")
    )
    parts = [part for part in text.split("/") if part not in ("", ".", "..")]
    return "/".join(parts)[-200:] or "unnamed"


def _document(file: RawFile, contents: _Contents) -> LoadedDocument:
    """The archive as one document; raises LoadError when nothing in it could be read."""
    left = [_left_out(file, reason, names) for reason, names in contents.left.items()]
    if not contents.blocks:
        why = "; ".join(left[:LISTED]) or f"{file.name} has no members"
        raise LoadError(f"{why}, so nothing was taken from it; unpack it and ingest what you need")
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        kind=contents.kinds.most_common(1)[0][0],
        blocks=tuple(contents.blocks),
        notices=(*contents.notices, *left),
    )


def _left_out(file: RawFile, reason: str, names: list[str]) -> str:
    """One notice for all members that were left out for one reason."""
    others = f" and {len(names) - LISTED} others" if len(names) > LISTED else ""
    return f"{', '.join(names[:LISTED])}{others} in {file.name}: {reason.rstrip('.')}"
