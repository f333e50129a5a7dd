"""Word documents before 2007 (DOC): their text by the piece table of [MS-DOC]; formatting is not read."""

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.compound import open_compound, stream, summary
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.embedded import objects_in
from workbench.core.knowledge.loaders.package import OLE_HEADER
from workbench.core.knowledge.loaders.properties import sound_moment
from workbench.core.knowledge.loaders.raw import MAX_TEXT_CHARS, RawFile, broken, empty, encrypted, oversized

if TYPE_CHECKING:
    from olefile import OleFileIO

MAGIC = 0xA5EC
"""First word of the WordDocument stream since Word 97 ([MS-DOC] 2.5.2); Word 6 and 95 have 0xA5DC."""

MAGICS = (MAGIC, 0xA5DC)
ENCRYPTED = 0x0100
SECOND_TABLE = 0x0200
PIECES = 0x0004
"""Flags of the document (FibBase, [MS-DOC] 2.5.2): encrypted, which table stream it uses, saved in pieces."""

FLAGS_AT, FIRST_AT, LENGTHS_AT, CLX_AT = 0x0A, 0x18, 0x4C, 0x01A2
"""Where the flags, the begin and end of plain text, the lengths of its stories and the place of the Clx stand."""

STORIES = ("", "Footnotes", "Headers and footers", "", "Comments", "Endnotes", "Text boxes", "Text boxes")
"""What the stretches of a document's text are, in their order (FibRgLw97, [MS-DOC] 2.5.4)."""

COMPRESSED = 0x40000000
"""Flag of a piece with one byte a character, whose offset is then doubled ([MS-DOC] 2.9.73)."""

SHOWN_AS = {
    0x01: "", 0x02: "", 0x05: "", 0x08: "", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x0E: "\n", 0x1E: "-", 0x1F: "",
}  # fmt: skip
"""Characters with a meaning of their own: pictures, note marks, ends of lines, pages and paragraphs, hyphens."""

FIELD_BEGIN, FIELD_RESULT, FIELD_END = "\x13", "\x14", "\x15"


def load_old_word(file: RawFile) -> LoadedDocument:
    """The paragraphs of the text, then notes, headers, comments and text boxes under headings that say so.

    A file that only has the name of one (RTF, HTML, text or a package) is read as what it is. Raises LoadError when it
    is encrypted or broken.
    """
    if not file.data.startswith(OLE_HEADER):
        return _in_disguise(file)
    compound = open_compound(file)
    try:
        document = stream(compound, "WordDocument")
        if len(document) < CLX_AT + 8 or _word(document, 0) not in MAGICS:
            raise broken(file.name, "it is an Office file, but holds no Word document")
        flags = _word(document, FLAGS_AT)
        if flags & ENCRYPTED:
            raise encrypted(file.name)
        text = _text(file, document, stream(compound, "1Table" if flags & SECOND_TABLE else "0Table"))
        title, dated = _properties(compound)
        notices: list[str] = []
        embedded = objects_in(file, compound, notices)
    finally:
        compound.close()
    blocks = (*_blocks(text, _lengths(document)), *embedded)
    return LoadedDocument(
        path=str(file.path),
        title=title or file.name,
        media_type=file.media_type,
        blocks=blocks,
        notices=tuple(notices),
        dated=dated,
    )


def _in_disguise(file: RawFile) -> LoadedDocument:
    """What is no compound file, by how it begins."""
    from workbench.core.knowledge.loaders.html import load_html
    from workbench.core.knowledge.loaders.plain import load_text
    from workbench.core.knowledge.loaders.rtf import load_rtf
    from workbench.core.knowledge.loaders.word import load_word

    head = file.data[:1024].lstrip().lower()
    if not head:
        raise empty(file.name)
    if head.startswith(b"{\\rtf"):
        return load_rtf(file)
    if head.startswith(b"pk\x03\x04"):
        return load_word(file)
    if b"<html" in head or head.startswith(b"<!doctype html"):
        return load_html(file)
    return load_text(file)


def _text(file: RawFile, document: bytes, table: bytes) -> str:
    """All stories of the document in one. Raises LoadError when the table of pieces leads out of the file."""
    if _word(document, 0) != MAGIC:
        if _word(document, FLAGS_AT) & PIECES:
            raise broken(file.name, "it was saved in pieces by Word 6 or 95, which is not read")
        first, end = struct.unpack_from("<2I", document, FIRST_AT)
        return document[first:end].decode("cp1252", "replace")
    offset, size = struct.unpack_from("<2I", document, CLX_AT)
    pieces = _piece_table(table[offset : offset + size])
    count = max(0, (len(pieces) - 4) // 12)
    if not count:
        raise broken(file.name, "its table of text pieces is missing")
    positions = struct.unpack_from(f"<{count + 1}I", pieces)
    if positions[-1] > MAX_TEXT_CHARS:
        raise oversized(file.name, "its text", f"{MAX_TEXT_CHARS // 1_000_000} million characters")
    places = [struct.unpack_from("<I", pieces, 4 * (count + 1) + 8 * index + 2)[0] for index in range(count)]
    parts, total = [], 0
    for (begin, end), place in zip(pairwise(positions), places, strict=True):
        total += max(0, end - begin)
        if end < begin or total > MAX_TEXT_CHARS:
            raise broken(file.name, "its table of text pieces is damaged")
        parts.append(_piece(document, place, end - begin))
    return "".join(parts)


def _piece_table(clx: bytes) -> bytes:
    """The table of pieces behind the formatting that may stand before it ([MS-DOC] 2.9.38); empty when damaged."""
    at = 0
    while at + 3 <= len(clx) and clx[at] == 1:
        at += 3 + _word(clx, at + 1)
    if at + 5 > len(clx) or clx[at] != 2:
        return b""
    return clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]


def _piece(document: bytes, place: int, length: int) -> str:
    """One piece of text; what lies beyond the end of the file is not there. Half characters keep their place."""
    if place & COMPRESSED:
        first = (place & ~COMPRESSED) // 2
        return document[first : first + length].decode("cp1252", "replace")
    return document[place : place + 2 * length].decode("utf-16-le", "surrogatepass")


def _lengths(document: bytes) -> list[int]:
    """How many characters each of STORIES has; before Word 97 all is one."""
    if _word(document, 0) != MAGIC:
        return [MAX_TEXT_CHARS]
    return [max(0, length) for length in struct.unpack_from(f"<{len(STORIES)}i", document, LENGTHS_AT)]


def _blocks(text: str, lengths: list[int]) -> Iterator[Block]:
    """A block for each paragraph or table row."""
    begin = 0
    for heading, length in zip(STORIES, lengths, strict=False):
        for line in _shown(text[begin : begin + length]).split("\n"):
            paragraph = clean(line).strip(" |\t")
            if paragraph:
                yield Block(text=paragraph, heading=heading)
        begin += length


def _shown(text: str) -> str:
    """The text as a reader sees it: of fields their results, of tables their rows."""
    text = text.replace("\x07\x07", "\n").replace("\x07", " | ").translate(SHOWN_AS)
    parts: list[str] = []
    hidden = [False]
    for run in _runs(text):
        if run == FIELD_BEGIN:
            hidden.append(True)
        elif run == FIELD_RESULT and len(hidden) > 1:
            hidden[-1] = hidden[-2]
        elif run == FIELD_END and len(hidden) > 1:
            hidden.pop()
        elif not hidden[-1]:
            parts.append(run)
    return "".join(parts)


def _runs(text: str) -> Iterator[str]:
    """The text cut at the marks of fields, which come by themselves."""
    begin = 0
    for index, character in enumerate(text):
        if FIELD_BEGIN <= character <= FIELD_END:
            yield text[begin:index]
            yield character
            begin = index + 1
    yield text[begin:]


def _properties(compound: "OleFileIO[Any]") -> tuple[str, str]:
    """Title and date by the document's own properties; empty where they say nothing or are damaged."""
    title, saved, created = summary(compound)
    return title, sound_moment(saved) or sound_moment(created)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
