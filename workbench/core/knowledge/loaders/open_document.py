"""OpenDocument texts and presentations (ODT, ODP and their templates), from content.xml of their package."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.package import Package, open_package
from workbench.core.knowledge.loaders.properties import sound_date
from workbench.core.knowledge.loaders.raw import RawFile, broken, encrypted

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TEXT, TABLE, DRAW, OFFICE, PRESENTATION = (
    NAMESPACE % name for name in ("text", "table", "drawing", "office", "presentation")
)
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"

UNREAD = frozenset({f"{TEXT}tracked-changes", f"{OFFICE}forms", f"{TEXT}sequence-decls", f"{DRAW}glue-point"})
"""Elements whose text was deleted, or is no text."""

BREAKS = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}

ASIDES = {f"{TEXT}note": "Notes", f"{OFFICE}annotation": "Comments"}
"""Elements inside a paragraph whose text stands elsewhere on the page, and the heading it is put under."""

MAX_SPACES = 1_000
"""Most spaces that one element may stand for."""


def load_open_document(file: RawFile) -> LoadedDocument:
    """Paragraphs under their headings and tables row by row; in a presentation the page is the number of the slide.

    Notes and comments come last. Raises LoadError when it is encrypted, broken, or would unpack beyond the limits.
    """
    package = open_package(file)
    refuse_encrypted(package)
    content = package.xml("content.xml")
    body = content.find(f"{OFFICE}body") if content is not None else None
    if body is None:
        raise broken(file.name, "it holds no text of an OpenDocument file")
    path = HeadingPath()
    asides: list[Block] = []
    blocks = [*_blocks(body, path, asides), *asides, *_page_furniture(package)]
    title, dated = document_properties(package)
    return LoadedDocument(
        path=str(file.path),
        title=title or path.first or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=tuple(package.notices),
        dated=dated,
    )


def refuse_encrypted(package: Package) -> None:
    """Raise LoadError when the parts of an OpenDocument file are encrypted, which its manifest says."""
    if b"encryption-data" in (package.data("META-INF/manifest.xml") or b""):
        raise encrypted(package.file.name)


def _blocks(body: "_Element", path: HeadingPath, asides: list[Block]) -> Iterator[Block]:
    """The blocks in reading order; what stands aside is added to `asides`."""
    pending: list[tuple[Any, int | None, str]] = [(body, None, "")]
    slides = 0
    while pending:
        element, page, slide = pending.pop()
        if element.tag in UNREAD or not isinstance(element.tag, str):
            continue
        if element.tag == f"{DRAW}page":
            slides += 1
            pending += [(child, slides, f"Slide {slides}") for child in reversed(element)]
        elif element.tag == f"{PRESENTATION}notes":
            pending += [(child, page, f"{slide} > Notes") for child in reversed(element)]
        elif element.tag in (f"{TEXT}h", f"{TEXT}p", f"{TABLE}table-row"):
            block = _block(element, path, page, slide, asides)
            if block is not None:
                yield block
        else:
            pending += [(child, page, slide) for child in reversed(element)]


def _block(element: "_Element", path: HeadingPath, page: int | None, slide: str, asides: list[Block]) -> Block | None:
    if element.tag == f"{TABLE}table-row":
        cells = [" ".join(_text(cell, asides, page).split()) for cell in element.iterchildren(f"{TABLE}table-cell")]
        text = " | ".join(cells) if any(cells) else ""
    else:
        text = clean(_text(element, asides, page)).strip()
    if not text:
        return None
    is_heading = element.tag == f"{TEXT}h"
    if is_heading:
        level = element.get(f"{TEXT}outline-level") or ""
        path.enter(int(level) if level.isdecimal() and len(level) < 4 else 1, text)
    return Block(text=text, heading=slide or str(path), page=page, is_heading=is_heading)


def _text(element: "_Element", asides: list[Block], page: int | None) -> str:
    """The text below an element, paragraphs on lines of their own."""
    parts: list[str] = [element.text or ""]
    pending: list[Any] = list(reversed(element))
    while pending:
        child = pending.pop()
        if isinstance(child, str):
            parts.append(child)
            continue
        pending.append(child.tail or "")
        if child.tag in ASIDES:
            text = clean(_text(child, asides, page)).strip()
            if text:
                asides.append(Block(text=text, heading=ASIDES[child.tag], page=page))
        elif child.tag == f"{TEXT}s":
            count = child.get(f"{TEXT}c") or "1"
            parts.append(" " * min(int(count), MAX_SPACES) if count.isdecimal() and len(count) < 9 else " ")
        elif child.tag in BREAKS:
            parts.append(BREAKS[child.tag])
        elif isinstance(child.tag, str) and child.tag not in UNREAD:
            parts.append("\n" if child.tag in (f"{TEXT}p", f"{TEXT}h") and any(parts) else "")
            parts.append(child.text or "")
            pending.extend(reversed(child))
    return "".join(parts)


def _page_furniture(package: Package) -> Iterator[Block]:
    """Headers and footers of a text, each text once."""
    styles = package.optional_xml("styles.xml")
    seen: set[str] = set()
    for name, heading in (("header", "Header"), ("footer", "Footer")):
        for element in styles.iter(f"{NAMESPACE % 'style'}{name}") if styles is not None else ():
            text = clean(_text(element, [], None)).strip()
            if text and text not in seen:
                seen.add(text)
                yield Block(text=text, heading=heading)


def document_properties(package: Package) -> tuple[str, str]:
    """Title and date by the document's own properties; empty where they say nothing."""
    meta = package.optional_xml("meta.xml")
    if meta is None:
        return "", ""
    title = " ".join(clean(meta.findtext(f".//{DUBLIN_CORE}title") or "").split())
    moments = (meta.findtext(f".//{DUBLIN_CORE}date"), meta.findtext(f".//{NAMESPACE % 'meta'}creation-date"))
    return title[:300], next(filter(None, (sound_date(moment or "") for moment in moments)), "")
