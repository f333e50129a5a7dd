"""Files inside a file: attachments of a message, documents embedded in another."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError
from workbench.core.knowledge.loaders.headings import SEPARATOR, shorten
from workbench.core.knowledge.loaders.raw import RawFile
from workbench.core.knowledge.loaders.registry import load_bytes

MAX_DEPTH = 4
"""How deep a file may be packed in others: a document in a message in a message in an archive, and nothing below."""


def load_nested(within: RawFile, name: str, data: bytes) -> LoadedDocument:
    """The file `name` that is packed in `within`, read by the loader of its kind; only the last part of `name` counts.

    Raises UnknownKindError for a kind that no loader reads, LoadError for what cannot be read or lies too deep.
    """
    name = last_part(name)
    if within.depth >= MAX_DEPTH:
        raise LoadError(
            f"{name} is packed {MAX_DEPTH + 1} files deep, so it was not opened; save it by itself and ingest that"
        )
    return load_bytes(within.path.parent / name, data, within)


def last_part(name: str) -> str:
    """What a file is called, without the folders that a stranger wrote in front of it; never empty."""
    name = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    name = "".join(character for character in name if character.isprintable())
    return name if name not in {"", ".", ".."} else "unnamed"


def under(heading: str, document: LoadedDocument) -> Iterator[Block]:
    """The blocks of a nested document, under `heading`; lines and pages are its own, so they are named in words."""
    for block in document.blocks:
        place = f"page {block.page}" if block.page else block.row_key
        path = SEPARATOR.join(filter(None, (shorten(heading), block.heading)))
        yield Block(text=block.text, heading=path, row_key=place, is_heading=block.is_heading, asks=block.asks)
