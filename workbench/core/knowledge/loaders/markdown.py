"""Markdown by its headings: the source lines of each block, under the path of headings it stands under."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.plain import line_block, paragraphs
from workbench.core.knowledge.loaders.raw import RawFile

if TYPE_CHECKING:
    from markdown_it.token import Token

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
"""Metadata that many tools write above a Markdown text; to Markdown itself it would read as a heading."""

TITLE = re.compile(r"""^title:[ \t]*["']?(.+?)["']?[ \t]*$""", re.MULTILINE)


def load_markdown(file: RawFile) -> LoadedDocument:
    """A Markdown document; its title is its metadata's, else its first top heading, else the file's name."""
    text, notices = decode_text(file)
    path = HeadingPath()
    front = FRONT_MATTER.match(text)
    skipped = front.group().count("\n") if front else 0
    blocks = [*(paragraphs(front.group(1), first_line=2) if front else ()), *_blocks(text, skipped, path)]
    named = TITLE.search(front.group(1)) if front else None
    return LoadedDocument(
        path=str(file.path),
        title=named.group(1) if named else path.first or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=notices,
    )


def _blocks(text: str, skipped: int, path: HeadingPath) -> Iterator[Block]:
    """The top-level blocks after the first `skipped` lines; lines of none of them, as link targets, are kept too."""
    lines = text.split("\n")
    done = skipped
    for token, inline in _top_level(lines[skipped:]):
        start, end = (skipped + line for line in token.map or (0, 0))
        between = line_block(lines, done, start, heading=str(path))
        if between is not None:
            yield between
        if token.type == "heading_open":
            path.enter(int(token.tag[1:]), inline)
        block = line_block(lines, start, end, heading=str(path))
        if block is not None:
            yield block.model_copy(update={"is_heading": token.type == "heading_open"})
        done = end
    rest = line_block(lines, done, len(lines), heading=str(path))
    if rest is not None:
        yield rest


def _top_level(lines: list[str]) -> Iterator[tuple["Token", str]]:
    """The tokens that open a top-level block, each with the source of its first inline text.

    Only the block rules run: inline markup stays as it is written, and its pathological cases cost nothing.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    tokens = parser.parse("\n".join(lines))
    for number, token in enumerate(tokens):
        if token.level == 0 and token.map and token.nesting >= 0:
            inline = tokens[number + 1] if number + 1 < len(tokens) else None
            yield token, inline.content if inline is not None and inline.type == "inline" else ""
