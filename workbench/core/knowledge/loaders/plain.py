"""Plain text, logs and the source code that no parser of ours knows: blocks of lines as they stand."""

from collections.abc import Iterator

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.raw import RawFile

LOG_LINES = 10
"""Lines of a log in one block: enough to be a scene, few enough that a hit points at it."""


def load_text(file: RawFile) -> LoadedDocument:
    """A text in paragraphs; its title is the file's name."""
    text, notices = decode_text(file)
    return _document(file, paragraphs(text), notices, PassageKind.DOCUMENT)


def load_code(file: RawFile) -> LoadedDocument:
    """Source code or configuration in any language, cut at its empty lines."""
    text, notices = decode_text(file)
    return _document(file, paragraphs(text), notices, PassageKind.CODE)


def load_log(file: RawFile) -> LoadedDocument:
    """A log in groups of LOG_LINES lines."""
    text, notices = decode_text(file)
    lines = text.split("\n")
    groups = (line_block(lines, start, start + LOG_LINES) for start in range(0, len(lines), LOG_LINES))
    return _document(file, (block for block in groups if block is not None), notices, PassageKind.DOCUMENT)


def paragraphs(text: str, first_line: int = 1, heading: str = "") -> Iterator[Block]:
    """The runs of lines between empty lines, each with its line numbers, counted from `first_line`."""
    lines = text.split("\n")
    start: int | None = None
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            start = number if start is None else start
        elif start is not None:
            block = line_block(lines, start, number, first_line=first_line, heading=heading)
            if block is not None:
                yield block
            start = None


def line_block(lines: list[str], start: int, end: int, *, first_line: int = 1, heading: str = "") -> Block | None:
    """The lines `start` to `end` (indices, end excluded) as one block without empty lines at its ends, if any are left.

    `first_line` is the line number of `lines[0]`.
    """
    end = min(end, len(lines))
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    if start >= end:
        return None
    text = "\n".join(lines[start:end])
    return Block(text=text, heading=heading, line_start=first_line + start, line_end=first_line + end - 1)


def _document(file: RawFile, blocks: Iterator[Block], notices: tuple[str, ...], kind: PassageKind) -> LoadedDocument:
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        kind=kind,
        blocks=tuple(blocks),
        notices=notices,
    )
