"""HTML and XML as text: no script, no style, nothing loaded from elsewhere, no entity expanded."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean, decode_text
from workbench.core.knowledge.loaders.headings import SEPARATOR, HeadingPath
from workbench.core.knowledge.loaders.raw import RawFile, broken

if TYPE_CHECKING:
    from lxml.etree import _Element

UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "canvas", "audio", "video"}
)
"""Elements whose content is not text of the page."""

INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
        "img", "ins", "kbd", "label", "mark", "nobr", "q", "ruby", "rb", "rt", "rp", "s", "samp", "small", "span",
        "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
"""Elements that do not end a paragraph; every other one does."""

HEADINGS = {f"h{level}": level for level in range(1, 7)}

XML_NAMES = 3
"""How many of the elements it stands in are named with a text of an XML document."""

MANY_ATTRIBUTES = 1_000

CELLS = frozenset({"td", "th"})
"""Elements whose neighbours stand on the same line."""


def load_html(file: RawFile) -> LoadedDocument:
    """The text of a page in paragraphs under its headings; its title is the page's own.

    Raises LoadError when no element can be made out.
    """
    from lxml import etree

    text, notices = decode_text(file)
    # HTML has no entities to expand, and the child's limits bound the tree; libxml2's own would drop text unseen.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True, recover=True
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        raise broken(file.name, "no HTML element in it")
    fatal = [entry for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL]
    if fatal:
        notices += (f"{file.name} cannot be read past line {fatal[0].line}; what stands before it is kept",)
    path = HeadingPath()
    blocks = tuple(_Paragraphs(path).read(root))
    title = " ".join((root.findtext(".//title") or "").split())
    if not blocks and title:
        blocks = (Block(text=clean(title)),)
    return LoadedDocument(
        path=str(file.path),
        title=clean(title)[:300] or path.first or file.name,
        media_type=file.media_type,
        blocks=blocks,
        notices=notices,
    )


def load_xml(file: RawFile) -> LoadedDocument:
    """The text of an XML document, each element's own text under the names of the elements it stands in.

    Raises LoadError when it is not well-formed from the beginning; what a damaged one has up to the damage is kept.
    """
    from lxml import etree

    text, notices = decode_text(file)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, recover=True,
    )  # fmt: skip
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        raise broken(file.name, "no XML element in it")
    if parser.error_log:
        first = parser.error_log[0]
        notices += (f"{file.name} is not well-formed XML (line {first.line}); what could be read of it is kept",)
    blocks = tuple(_xml_blocks(root))
    return LoadedDocument(
        path=str(file.path), title=file.name, media_type=file.media_type, blocks=blocks, notices=notices
    )


class _Paragraphs:
    """Collects the running text of a page and ends a block wherever an element that is not inline begins or ends."""

    def __init__(self, path: HeadingPath) -> None:
        self._path = path
        self._parts: list[str] = []
        self._line: int = 1
        self._keeps_space: int = 0

    def read(self, root: "_Element") -> Iterator[Block]:
        """The blocks of the page in reading order."""
        from lxml import etree

        unseen: _Element | None = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if unseen is None and event == "start":
                if element.tag in UNSEEN:
                    unseen = element
                else:
                    yield from self._start(element)
            elif event == "end" and unseen in (None, element):
                if unseen is None:
                    yield from self._end(element)
                unseen = None
                self._take(element.tail, element)
        yield from self._flush()

    def _start(self, element: "_Element") -> Iterator[Block]:
        if element.tag == "br":
            self._parts.append("\n")
        elif element.tag in CELLS:
            self._parts.append(" | " if self._parts else "")
        elif element.tag not in INLINE:
            yield from self._flush()
        self._keeps_space += element.tag == "pre"
        self._take(element.text, element)

    def _end(self, element: "_Element") -> Iterator[Block]:
        level = HEADINGS.get(str(element.tag))
        if level is not None:
            self._path.enter(level, clean("".join(self._parts)))
        if element.tag not in INLINE and element.tag not in CELLS:
            yield from self._flush(is_heading=level is not None)
        self._keeps_space -= element.tag == "pre"

    def _take(self, text: str | None, element: "_Element") -> None:
        if not text:
            return
        if not self._parts:
            self._line = _line(element)
        if self._keeps_space:
            self._parts.append(text)
            return
        words = " ".join(text.split())
        before, after = " " * text[0].isspace(), " " * text[-1].isspace()
        self._parts.append(f"{before}{words}{after}" if words else " ")

    def _flush(self, *, is_heading: bool = False) -> Iterator[Block]:
        text = clean("".join(self._parts)).strip("\n")
        text = "\n".join(line.rstrip() if self._keeps_space else " ".join(line.split()) for line in text.split("\n"))
        self._parts.clear()
        if text.strip(" |\n"):
            line = self._line
            yield Block(text=text, heading=str(self._path), line_start=line, line_end=line, is_heading=is_heading)


def _xml_blocks(root: "_Element") -> Iterator[Block]:
    """A block for each run of text, attributes with words in them included, under the path of element names."""
    from lxml import etree

    names: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            names.append(_local(element.tag))
            found = [f"{_local(str(name))}: {value}" for name, value in _attributes(element)]
            texts = ["; ".join(found), _with_entities(element.text, next(iter(element), None))]
        else:
            names.pop()
            texts = [_with_entities(element.tail, element.getnext())]
        for text in texts:
            if text.strip():
                line = _line(element)
                heading = SEPARATOR.join(names[-XML_NAMES:])
                yield Block(text=clean(text).strip(), heading=heading, line_start=line, line_end=line)


def _attributes(element: "_Element") -> Iterator[tuple[str, str]]:
    """Names and values; of very many by XPath, since lxml's own list takes time in the square of their number."""
    if len(element.attrib) <= MANY_ATTRIBUTES:
        yield from ((str(name), str(value)) for name, value in element.attrib.items())
        return
    values: Any = element.xpath("@*")
    yield from ((str(value.attrname), str(value)) for value in values)


def _local(name: str) -> str:
    """A name without its namespace, or the prefix of one that is not declared."""
    return name.rpartition("}")[2].rpartition(":")[2]


def _with_entities(text: str | None, node: "_Element | None") -> str:
    """`text` and the unexpanded entities that follow it, as they are written, with the text behind each."""
    from lxml import etree

    parts = [text or ""]
    while node is not None and node.tag is etree.Entity:
        parts += [node.text or "", node.tail or ""]
        node = node.getnext()
    return "".join(parts)


def _line(element: Any) -> int:
    """The line where an element begins, as far as libxml2 counts (it stops at 65,535 in some versions)."""
    return int(element.sourceline or 1)
