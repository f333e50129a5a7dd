"""Word documents (DOCX and its variants with macros or as templates) by heading, from the parts of their package."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.embedded import embedded_blocks
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.package import OLE_HEADER, Package, open_package
from workbench.core.knowledge.loaders.raw import RawFile, broken

if TYPE_CHECKING:
    from lxml.etree import _Element

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"

TITLE_LEVEL = 0
"""The style "Title" stands above every heading."""

BESIDE_THE_BODY = {
    "header": "Header", "footer": "Footer", "footnotes": "Footnotes", "endnotes": "Endnotes", "comments": "Comments",
}  # fmt: skip
"""Parts read after the body, by the kind of their relationship, and the heading that their text is put under."""

WRAPPERS = frozenset(f"{WORD}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
"""Elements that stand around paragraphs and mean nothing for their text."""

REMOVED = frozenset({FALLBACK, f"{WORD}pPr", f"{WORD}delText", f"{WORD}instrText", f"{WORD}moveFrom"})
"""Elements whose text is a repetition, was deleted, or is no text."""

BREAKS = {
    f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "-", f"{WORD}softHyphen": "",
}  # fmt: skip


def load_word(file: RawFile) -> LoadedDocument:
    """Paragraphs under their headings, and tables row by row; then headers, footers, notes and comments.

    Raises LoadError when the file is encrypted, broken, or would unpack beyond the limits.
    """
    if file.data.startswith(OLE_HEADER):
        from workbench.core.knowledge.loaders.old_word import load_old_word

        return load_old_word(file)
    package = open_package(file)
    main = next(iter(package.related("", "officeDocument")), "word/document.xml")
    root = package.xml(main)
    body = root.find(f"{WORD}body") if root is not None else None
    if body is None:
        raise broken(file.name, "it holds no text of a Word document")
    path = HeadingPath()
    blocks = [*_blocks(body, _heading_levels(package, main), path), *_beside(package, main)]
    blocks += embedded_blocks(package)
    title, dated = package.core_properties()
    return LoadedDocument(
        path=str(file.path),
        title=title or path.first or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=tuple(package.notices),
        dated=dated,
    )


def _blocks(body: "_Element", levels: dict[str, int], path: HeadingPath) -> Iterator[Block]:
    """Paragraphs and tables in reading order, also those inside content controls."""
    for element in _body_elements(body):
        text, level = _text(element), None
        if element.tag == f"{WORD}p":
            level = levels.get(_style(element))
        if not text:
            continue
        if level is not None:
            path.enter(level, text)
        yield Block(text=text, heading=str(path), is_heading=level is not None)


def _beside(package: Package, main: str) -> Iterator[Block]:
    """What stands beside the body, each text once, however many sections repeat it."""
    for kind, heading in BESIDE_THE_BODY.items():
        seen: set[str] = set()
        for name in dict.fromkeys(package.related(main, kind)):
            root = package.optional_xml(name)
            for note in root if root is not None else ():
                elements = [note] if note.tag in (f"{WORD}p", f"{WORD}tbl") else _body_elements(note)
                text = "\n".join(filter(None, (_text(element) for element in elements)))
                if text and text not in seen:
                    seen.add(text)
                    yield Block(text=text, heading=heading)


def _text(element: "_Element") -> str:
    """The text of a paragraph or a table."""
    if element.tag == f"{WORD}tbl":
        return clean("\n".join(filter(None, (_row_text(row) for row in element.iter(f"{WORD}tr"))))).strip()
    return clean(_paragraph_text(element)).strip()


def _body_elements(body: Any) -> Iterator[Any]:
    """The paragraphs and tables of `body`, with content controls opened."""
    pending = list(reversed(body))
    while pending:
        element = pending.pop()
        if element.tag in (f"{WORD}p", f"{WORD}tbl"):
            yield element
        elif element.tag in WRAPPERS:
            pending.extend(reversed(element))


def _heading_levels(package: Package, main: str) -> dict[str, int]:
    """Heading level by style id, from the styles' English names, which Word stores whatever its own language is."""
    levels: dict[str, int] = {}
    root = package.optional_xml(next(iter(package.related(main, "styles")), "word/styles.xml"))
    for style in root.iter(f"{WORD}style") if root is not None else ():
        name = style.find(f"{WORD}name")
        words = (name.get(f"{WORD}val") or "").lower().split() if name is not None else []
        if words == ["title"]:
            levels[style.get(f"{WORD}styleId") or ""] = TITLE_LEVEL
        elif len(words) == 2 and words[0] == "heading" and words[1].isdecimal():
            levels[style.get(f"{WORD}styleId") or ""] = int(words[1])
    return levels


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
    return (style.get(f"{WORD}val") or "") if style is not None else ""


def _row_text(row: Any) -> str:
    """The cells of one row; a table inside a cell is read with its own rows, so its text is not taken here."""
    cells = []
    for cell in _cells(row):
        paragraphs = [_paragraph_text(element) for element in _body_elements(cell) if element.tag == f"{WORD}p"]
        cells.append(" ".join(" ".join(paragraphs).split()))
    return " | ".join(cells) if any(cells) else ""


def _cells(row: Any) -> Iterator[Any]:
    """The cells of a row, also those inside content controls."""
    pending = list(reversed(row))
    while pending:
        element = pending.pop()
        if element.tag == f"{WORD}tc":
            yield element
        elif element.tag in WRAPPERS:
            pending.extend(reversed(element))


def _paragraph_text(paragraph: Any) -> str:
    """The text of all runs, text boxes and formulas included; of alternatives for old programs only the new one."""
    parts: list[str] = []
    pending: list[Any] = list(reversed(paragraph))
    while pending:
        element = pending.pop()
        if isinstance(element, str):
            parts.append(element)
        elif element.tag in (f"{WORD}t", MATH_TEXT):
            parts.append("".join(element.itertext()))
        elif element.tag in BREAKS:
            parts.append(BREAKS[element.tag])
        elif element.tag not in REMOVED:
            aside = ["\n"] if element.tag == f"{WORD}p" else []
            pending += [*aside, *reversed(element), *aside]
    return "".join(parts)
