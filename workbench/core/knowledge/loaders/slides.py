"""Presentations (PPTX and its variants) slide by slide: titles, texts, tables, diagrams and speaker's notes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.compound import open_compound
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.embedded import embedded_blocks
from workbench.core.knowledge.loaders.headings import shorten
from workbench.core.knowledge.loaders.package import OLE_HEADER, Package, open_package
from workbench.core.knowledge.loaders.raw import RawFile, broken

if TYPE_CHECKING:
    from lxml.etree import _Element

SLIDES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

BREAKS = {f"{DRAWING}br": "\n", f"{DRAWING}tab": "\t"}

TITLES = frozenset({"title", "ctrTitle"})
FURNITURE = frozenset({"sldNum", "dt", "ftr", "hdr"})
"""Kinds of placeholders: those that hold the title of a slide, and those repeated on each."""

GENERIC_TITLES = frozenset({"powerpoint presentation", "slide 1", "powerpoint-präsentation", "presentation"})
"""Titles that programs write into a new presentation; its first slide says more."""

BESIDE = {"notesSlide": "Notes", "comments": "Comments", "diagramData": "Diagram", "chart": "Chart"}
"""Parts that belong to a slide, by the kind of their relationship, and what their text is called."""


def load_slides(file: RawFile) -> LoadedDocument:
    """The slides in the order in which they are shown; a block's page is the number of its slide.

    Hidden slides are read as well and named so. Raises LoadError when the file is encrypted, broken, or would unpack
    beyond the limits.
    """
    if file.data.startswith(OLE_HEADER):
        open_compound(file).close()
        raise broken(file.name, "it is a presentation in the format before 2007; save it as PPTX")
    package = open_package(file)
    main = next(iter(package.related("", "officeDocument")), "ppt/presentation.xml")
    root = package.xml(main)
    if root is None or (root.find(f".//{SLIDES}sldIdLst") is None and root.tag != f"{SLIDES}presentation"):
        raise broken(file.name, "it holds no presentation")
    blocks: list[Block] = []
    for number, name in enumerate(_slide_names(package, root, main), start=1):
        slide = package.optional_xml(name) if name else None
        if slide is None:
            package.notices.append(f"Slide {number} of {file.name} is missing or damaged")
        else:
            blocks += _slide(package, name, slide, number)
    blocks += _repeated(package)
    title, dated = package.core_properties()
    first = next((block.heading for block in blocks if block.is_heading), "")
    blocks += embedded_blocks(package)
    return LoadedDocument(
        path=str(file.path),
        title=(title if title.lower() not in GENERIC_TITLES else "") or first or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=tuple(package.notices),
        dated=dated,
    )


def _slide_names(package: Package, root: "_Element", main: str) -> list[str]:
    """The parts of the slides as they are shown, each once; "" for one that the package does not have."""
    relations = package.relationships(main)
    ids = [element.get(RELATION) or "" for element in root.iter(f"{SLIDES}sldId")]
    return list(dict.fromkeys(relations.get(found, ("", f"?{found}"))[1] for found in ids))


def _slide(package: Package, name: str, slide: "_Element", number: int) -> Iterator[Block]:
    """The texts of one slide under its title, then those of the parts that belong to it."""
    shapes = list(_shapes(slide))
    titles = [shape for shape in shapes if _placeholder(shape) in TITLES]
    title = " ".join(filter(None, (" ".join(_text(shape).split()) for shape in titles)))
    hidden = " (hidden)" if slide.get("show") in ("0", "false") else ""
    heading = f"{shorten(title) or f'Slide {number}'}{hidden}"
    if title:
        yield Block(text=title, heading=heading, page=number, is_heading=True)
    for shape in shapes:
        text = "" if shape in titles or _placeholder(shape) in FURNITURE else _text(shape)
        if text:
            yield Block(text=text, heading=heading, page=number)
    for kind, part in dict.fromkeys(package.relationships(name).values()):
        root = package.optional_xml(part) if kind in BESIDE else None
        shapes = list(_shapes(root)) if root is not None else []
        texts = (_text(shape) for shape in shapes if _placeholder(shape) not in FURNITURE)
        text = "\n".join(filter(None, texts if shapes else (_text(root),)))
        if text:
            yield Block(text=text, heading=f"{heading} > {BESIDE[kind]}", page=number)


def _repeated(package: Package) -> Iterator[Block]:
    """What stands on many slides, each text once: their footers, and what was written on masters and layouts."""
    seen: set[str] = set()
    for name in package.names:
        folder = name.rpartition("/")[0]
        if not name.endswith(".xml") or folder not in ("ppt/slides", "ppt/slidelayouts", "ppt/slidemasters"):
            continue
        root = package.optional_xml(name)
        kinds = ("ftr",) if folder == "ppt/slides" else (None,)
        for shape in _shapes(root) if root is not None else ():
            text = _text(shape) if _placeholder(shape) in kinds else ""
            if text and text not in seen:
                seen.add(text)
                yield Block(text=text, heading="Footer" if folder == "ppt/slides" else "Master")


def _shapes(root: "_Element") -> Iterator["_Element"]:
    """The shapes and the frames of tables of a slide, those in groups too, without alternatives for old programs."""
    pending: list[Any] = [root]
    while pending:
        element = pending.pop()
        if element.tag in (f"{SLIDES}sp", f"{SLIDES}graphicFrame", f"{SLIDES}cxnSp"):
            yield element
        elif element.tag != FALLBACK:
            pending.extend(reversed(element))


def _placeholder(shape: "_Element") -> str | None:
    """What kind of placeholder a shape is, empty for the text of the slide; None when it is none."""
    found = shape.find(f".//{SLIDES}nvPr/{SLIDES}ph")
    return (found.get("type") or "") if found is not None else None


def _text(root: "_Element | None") -> str:
    """The text below an element: a line for each paragraph or table row."""
    if root is None:
        return ""
    lines: list[str] = []
    pending: list[Any] = [root]
    while pending:
        element = pending.pop()
        if element.tag == f"{DRAWING}tr":
            cells = [" ".join(_text(cell).split()) for cell in element.iterchildren(f"{DRAWING}tc")]
            lines.append(" | ".join(cells) if any(cells) else "")
        elif element.tag == f"{DRAWING}p":
            lines.append(_paragraph(element))
        elif element.tag == f"{SLIDES}text":
            lines.append(element.text or "")
        elif element.tag != FALLBACK:
            pending.extend(reversed(element))
    return clean("\n".join(line for line in lines if line.strip())).strip()


def _paragraph(paragraph: "_Element") -> str:
    found = paragraph.iter(f"{DRAWING}t", *BREAKS)
    return "".join(BREAKS.get(str(element.tag)) or element.text or "" for element in found)
