"""Word documents (DOCX) by heading, through python-docx, after a look at what the package would unpack to."""

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.raw import RawFile, broken, empty, encrypted, oversized

if TYPE_CHECKING:
    from docx.document import Document

MAX_UNPACKED_BYTES = 200_000_000
"""Most that all parts together may unpack to; Word's own longest documents stay far below."""

MAX_RATIO = 200
"""How many times its packed size a part above a megabyte may unpack to; deflate reaches 1,032, text about 10."""

MAX_PARTS = 10_000

OLE_HEADER = bytes.fromhex("d0cf11e0a1b11ae1")
"""A compound file: an encrypted Office document, or one in the format before 2007."""

ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream that holds an encrypted document in a compound file ([MS-OFFCRYPTO] 2.3.4.1)."""

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

TITLE_LEVEL = 0
"""The style "Title" stands above every heading."""


def load_word(file: RawFile) -> LoadedDocument:
    """Paragraphs under their headings, and tables row by row.

    Raises LoadError when the file is encrypted, broken, or would unpack beyond the limits.
    """
    import docx

    _check_package(file)
    try:
        document = docx.Document(io.BytesIO(file.data))
        path = HeadingPath()
        blocks = tuple(_blocks(document, path))
        title = " ".join(clean(document.core_properties.title or "").split())
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # python-docx and lxml raise whatever a damaged part leads them into
        raise broken(file.name, f"python-docx cannot read it: {type(error).__name__}") from error
    return LoadedDocument(
        path=str(file.path), title=title[:300] or path.first or file.name, media_type=file.media_type, blocks=blocks
    )


def _check_package(file: RawFile) -> None:
    """Refuse what is no Word package, is encrypted, or is made to unpack without bound."""
    if not file.data:
        raise empty(file.name)
    if file.data.startswith(OLE_HEADER):
        if ENCRYPTED_STREAM in file.data:
            raise encrypted(file.name)
        raise broken(file.name, "it is a Word document in the format before 2007, or another Office file")
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise broken(file.name, "it is no Office package") from error
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted(file.name)
    unpacked = sum(part.file_size for part in parts)
    steep = any(part.file_size > 1_000_000 and part.file_size > MAX_RATIO * part.compress_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or steep:
        limit = f"{MAX_UNPACKED_BYTES // 1_000_000} MB, {MAX_PARTS:,} parts, {MAX_RATIO} times the packed size"
        raise oversized(file.name, f"it unpacks to {unpacked / 1e6:.0f} MB in {len(parts):,} parts", limit)


def _blocks(document: "Document", path: HeadingPath) -> Iterator[Block]:
    """Paragraphs and tables in reading order, also those inside content controls; without headers and footers."""
    levels = _heading_levels(document)
    for element in _body_elements(document.element.body):
        if element.tag == f"{WORD}tbl":
            rows = filter(None, (_row_text(row) for row in element.iter(f"{WORD}tr")))
            text, level = "\n".join(rows), None
        else:
            text, level = _paragraph_text(element), levels.get(_style(element))
        text = clean(text).strip()
        if not text:
            continue
        if level is not None:
            path.enter(level, text)
        yield Block(text=text, heading=str(path), is_heading=level is not None)


def _body_elements(body: Any) -> Iterator[Any]:
    """The paragraphs and tables of `body`, with content controls opened."""
    pending = list(reversed(body))
    while pending:
        element = pending.pop()
        if element.tag in (f"{WORD}p", f"{WORD}tbl"):
            yield element
        elif element.tag in (f"{WORD}sdt", f"{WORD}sdtContent", f"{WORD}ins", f"{WORD}customXml", f"{WORD}smartTag"):
            pending.extend(reversed(element))


def _heading_levels(document: "Document") -> dict[str, int]:
    """Heading level by style id, from the styles' English names, which Word stores whatever its own language is."""
    levels = {}
    for style in document.styles.element.iter(f"{WORD}style"):
        name = style.find(f"{WORD}name")
        words = (name.get(f"{WORD}val") or "").lower().split() if name is not None else []
        if words == ["title"]:
            levels[style.get(f"{WORD}styleId")] = TITLE_LEVEL
        elif len(words) == 2 and words[0] == "heading" and words[1].isdecimal():
            levels[style.get(f"{WORD}styleId")] = int(words[1])
    return levels


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
    return (style.get(f"{WORD}val") or "") if style is not None else ""


def _row_text(row: Any) -> str:
    """The cells of one row; a table inside a cell is read with its own rows, so its text is not taken here."""
    cells = []
    for cell in row.iterchildren(f"{WORD}tc"):
        paragraphs = [_paragraph_text(paragraph) for paragraph in cell.iterchildren(f"{WORD}p")]
        cells.append(" ".join(" ".join(paragraphs).split()))
    return " | ".join(cells) if any(cells) else ""


def _paragraph_text(paragraph: Any) -> str:
    """The text of all runs, text boxes included; of alternatives for old programs only the new one."""
    parts, pending = [], [paragraph]
    while pending:
        element = pending.pop()
        if element.tag == f"{WORD}t":
            parts.append(element.text or "")
        elif element.tag in (f"{WORD}tab", f"{WORD}br", f"{WORD}cr"):
            parts.append("\t" if element.tag == f"{WORD}tab" else "\n")
        elif element.tag not in (FALLBACK, f"{WORD}pPr", f"{WORD}delText"):
            pending.extend(reversed(element))
    return "".join(parts)
