"""Texts with headings in other markup than Markdown: reStructuredText, AsciiDoc and Org.

Only the headings are looked for, by their few rules; all else stays as it is written. A parser (docutils) would follow
directives, which include files and run code.
"""

import re
from collections.abc import Callable, Iterator

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.plain import line_block, paragraphs
from workbench.core.knowledge.loaders.raw import RawFile

ORG = re.compile(r"(\*{1,8})\s+(?:(?:TODO|DONE)\s+)?(\S.*)$")
ASCIIDOC = re.compile(r"(={1,6})\s+(\S.*)$")
ADORNMENT = re.compile(r"""([!-/:-@\[-`{-~])\1{2,}\s*$""")
"""A line of reStructuredText that makes the one above, or the one between two, a title."""

Heading = tuple[int, int, int, str]
"""First and last line (indices), level, title."""


def load_outline(file: RawFile) -> LoadedDocument:
    """A text in paragraphs under its headings; its title is the first of them, else the file's name."""
    text, notices = decode_text(file)
    path = HeadingPath()
    headings = HEADINGS[file.path.suffix.lower()](text.split("\n"))
    blocks = tuple(_blocks(text.split("\n"), headings, path))
    return LoadedDocument(
        path=str(file.path),
        title=path.first or file.name,
        media_type=file.media_type,
        blocks=blocks,
        notices=notices,
    )


def _blocks(lines: list[str], headings: Iterator[Heading], path: HeadingPath) -> Iterator[Block]:
    done = 0
    for first, last, level, title in headings:
        yield from paragraphs("\n".join(lines[done:first]), first_line=done + 1, heading=str(path))
        path.enter(level, title)
        block = line_block(lines, first, last + 1, heading=str(path))
        if block is not None:
            yield block.model_copy(update={"is_heading": True})
        done = last + 1
    yield from paragraphs("\n".join(lines[done:]), first_line=done + 1, heading=str(path))


def _marked(pattern: re.Pattern[str]) -> Callable[[list[str]], Iterator[Heading]]:
    """Headings that begin with as many marks as their level."""

    def find(lines: list[str]) -> Iterator[Heading]:
        for number, line in enumerate(lines):
            match = pattern.match(line)
            if match:
                yield number, number, len(match.group(1)), match.group(2)

    return find


def _underlined(lines: list[str]) -> Iterator[Heading]:
    """Titles of reStructuredText; their levels are those in which their adornments appear (docutils)."""
    levels: list[tuple[str, bool]] = []
    number = 1
    while number < len(lines):
        title, line = lines[number - 1], lines[number].rstrip()
        if _is_title(title) and ADORNMENT.match(line) and len(line) >= min(len(title.rstrip()), 4):
            over = number >= 2 and lines[number - 2].rstrip() == line
            style = (line[0], over)
            if style not in levels:
                levels.append(style)
            yield number - 2 if over else number - 1, number, levels.index(style) + 1, title.strip()
            number += 1
        number += 1


def _is_title(line: str) -> bool:
    return bool(line.strip()) and not ADORNMENT.match(line)


HEADINGS: dict[str, Callable[[list[str]], Iterator[Heading]]] = {
    ".rst": _underlined,
    ".org": _marked(ORG),
    ".adoc": _marked(ASCIIDOC),
    ".asciidoc": _marked(ASCIIDOC),
}
"""What finds the headings, by the ending of the file's name."""
