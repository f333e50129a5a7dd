"""Files inside compound files: what other programs left in an Office document as objects ([MS-OLEDS])."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.loaders.compound import stream

if TYPE_CHECKING:
    from olefile import OleFileIO

NATIVE, PACKAGE, CONTENTS = "\x01Ole10Native", "Package", "CONTENTS"
"""Streams of an object: a file as it was inserted, an Office package, and what Acrobat wraps a PDF in."""

BEGINNINGS = {b"%PDF-": ".pdf", b"{\\rtf": ".rtf", b"<?xml": ".xml"}

PARTS = {b"word/document.xml": ".docx", b"xl/workbook": ".xlsx", b"ppt/presentation.xml": ".pptx"}
"""Names of parts, which stand unpacked in a zip, and the kind of document that has them."""

OWN_FORMAT = ("WordDocument", "Workbook", "Book", "PowerPoint Document", "Equation Native")
"""Streams of objects that Office keeps unwrapped and that are not read as files of their own."""

MAX_NAME_BYTES = 1_000


def inserted_files(compound: "OleFileIO[Any]", *, root: bool) -> Iterator[tuple[str, bytes]]:
    """Name and content of each object; "" and nothing for one that is in a format of its own.

    `root` says whether the compound file is itself an object, else only the storages inside it are looked at.
    """
    for path in compound.listdir():
        if len(path) == 1 and not root:
            continue
        name = path[-1]
        if name == NATIVE:
            yield _native(stream(compound, "/".join(path)))
        elif name in (PACKAGE, CONTENTS):
            data = stream(compound, "/".join(path))
            ending = _ending(data)
            yield (f"object{ending}", data) if ending else ("", b"")
        elif name in OWN_FORMAT:
            yield "", b""


def _native(data: bytes) -> tuple[str, bytes]:
    """A file as it was inserted: sizes, its label, its path, its temporary path, its content ([MS-OLEDS] 2.3.6)."""
    label, at = _string(data, 6)
    _, at = _string(data, at)
    at += 4
    at += 4 + int.from_bytes(data[at : at + 4], "little")
    size = int.from_bytes(data[at : at + 4], "little")
    content = data[at + 4 : at + 4 + size]
    return (label, content) if label and size and len(content) == size else ("", b"")


def _string(data: bytes, at: int) -> tuple[str, int]:
    """A text that ends in a zero byte, and where the next field stands."""
    end = data.find(b"\0", at, at + MAX_NAME_BYTES)
    return (data[at:end].decode("cp1252", "replace"), end + 1) if end >= 0 else ("", len(data))


def _ending(data: bytes) -> str:
    """The kind of a file by its content, as the ending of a name; empty for one that no loader reads."""
    if data.startswith(b"PK\x03\x04"):
        return next((ending for part, ending in PARTS.items() if part in data), "")
    return next((ending for begin, ending in BEGINNINGS.items() if data.startswith(begin)), "")
