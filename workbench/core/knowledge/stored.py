"""What the library hands out: its list of documents, a document to read, a record. Light to import."""

import hashlib
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.documents import Block
from workbench.core.values import Value

STARTER, OWN = "starter", "library"
"""Collections: what came with the program, and what the user took in (any other name counts as the user's too)."""

STARTER_SOURCE, OWN_SOURCE = "starter knowledge", "my library"
"""The sources that the library is offered as."""


def source_of(collection: str) -> str:
    """The name of the source that a collection is searched as."""
    return STARTER_SOURCE if collection == STARTER else OWN_SOURCE


def document_id(collection: str, path: str) -> str:
    """Stable id of the document read from `path`: 16 hex digits, the same after every change of its text."""
    return hashlib.sha256(f"{collection}\0{path}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


class DocumentState(StrEnum):
    """Where a document stands: searchable as it is, or not taken in (an earlier version stays searchable)."""

    INGESTED = "ingested"
    SKIPPED = "skipped"
    FAILED = "failed"


class DocumentInfo(Value):
    """One line of the library's contents. `reason` says why a document was skipped or failed."""

    id: str
    collection: str
    path: str
    title: str
    kind: PassageKind
    media_type: str
    content_hash: str
    size: int
    state: DocumentState
    reason: str
    chunks: int
    ingested_at: datetime
    dated: str
    """When it was written or published, in ISO format; empty where nothing says."""

    @property
    def source(self) -> str:
        """The source it is found in."""
        return source_of(self.collection)


class CollectionInfo(Value):
    """A collection of the library, with what it holds."""

    name: str
    documents: int
    """Documents that can be searched."""
    failed: int
    """Files that could not be taken in."""
    chunks: int
    size: int
    """Bytes of the files, or characters of documents that are no files."""
    newest: datetime | None
    """When the latest of its documents was taken in."""

    @property
    def source(self) -> str:
        """The source it is found in."""
        return source_of(self.name)


class Folder(Value):
    """A folder that was taken in, or is watched."""

    path: str
    collection: str
    watched: bool
    last_pass: datetime | None
    """When it was last gone through to the end."""
    unfinished: bool
    """Whether a pass over it was broken off by the end of the program, and can go on."""
    missing: bool
    """Whether it is not there now, or is empty as the place of a drive that is not mounted: nothing is pruned then."""


class DocumentView(Value):
    """A document to read. `blocks` are its pieces in order; `text` lays them out."""

    id: str
    collection: str
    title: str
    path: str
    kind: PassageKind
    media_type: str
    blocks: tuple[Block, ...]

    @property
    def has_file_lines(self) -> bool:
        """Whether line N of `text` is line N of the file: so for plain text, Markdown and source code."""
        return bool(self.blocks) and all(map(_fills_its_lines, self.blocks)) and _in_order(self.blocks)

    @property
    def text(self) -> str:
        """All of its text: at the lines of the file where they are known, else block by block, a blank line between."""
        if not self.has_file_lines:
            return "\n\n".join(block.text for block in self.blocks)
        lines = [""] * max(block.line_end or 0 for block in self.blocks)
        for block in self.blocks:
            assert block.line_start is not None
            lines[block.line_start - 1 : block.line_end] = _lines(block.text)
        return "\n".join(lines)

    def lines_at(self, location: Location) -> tuple[int, int] | None:
        """First and last line (from 1) of `text` that a passage at `location` stands on; None when it is not there."""
        if self.has_file_lines and location.line_start is not None:
            return location.line_start, location.line_end or location.line_start
        found: list[tuple[int, int]] = []
        line = 1
        for block in self.blocks:
            last = line + len(_lines(block.text)) - 1
            if _stands_at(block, location):
                found.append((line, last))
            line = last + 2
        return (found[0][0], found[-1][1]) if found else None


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _fills_its_lines(block: Block) -> bool:
    if block.line_start is None or block.line_end is None:
        return False
    return len(_lines(block.text)) == block.line_end - block.line_start + 1


def _in_order(blocks: tuple[Block, ...]) -> bool:
    return all((before.line_end or 0) < (after.line_start or 0) for before, after in pairwise(blocks))


def _stands_at(block: Block, location: Location) -> bool:
    if (block.page, block.row_key) != (location.page, location.row_key):
        return False
    if location.heading and block.heading != location.heading:
        return False
    if location.line_start is None or block.line_start is None:
        return True
    return block.line_start <= (location.line_end or location.line_start) and location.line_start <= (
        block.line_end or block.line_start
    )
