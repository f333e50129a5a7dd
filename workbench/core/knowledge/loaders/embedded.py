"""Documents that are embedded in an Office document, read as files of their own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadError
from workbench.core.knowledge.loaders.compound import open_compound
from workbench.core.knowledge.loaders.nested import last_part, load_nested, under
from workbench.core.knowledge.loaders.objects import inserted_files
from workbench.core.knowledge.loaders.package import OLE_HEADER, Package
from workbench.core.knowledge.loaders.raw import RawFile

if TYPE_CHECKING:
    from olefile import OleFileIO

MAX_OBJECTS = 1_000
"""Most objects of one document that are read."""

WHOLE = {"WordDocument": "object.doc", "Workbook": "object.xls", "Book": "object.xls"}
"""Streams of an object that is a document before 2007 itself, and what to call it."""


def embedded_blocks(package: Package) -> list[Block]:
    """The text of the documents embedded in a package, each under its name; notices go to the package."""
    names = [name for name in package.names if "/embeddings/" in name and not name.endswith("/")]
    return _read(package.file, _of_package(package, names), package.notices)


def objects_in(file: RawFile, compound: "OleFileIO[Any]", notices: list[str]) -> list[Block]:
    """The text of the documents embedded in a compound file, each under its name."""
    return _read(file, inserted_files(compound, root=False), notices)


def _of_package(package: Package, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Embedded files by name; what other programs wrapped comes unwrapped, or nameless when nobody knows how."""
    for name in names:
        data = package.data(name) or b""
        if not data.startswith(OLE_HEADER) or not name.endswith(".bin"):
            yield name, data
            continue
        try:
            with open_compound(replace(package.file, data=data)) as compound:
                whole = next((kind for stream, kind in WHOLE.items() if compound.exists(stream)), "")
                yield from [(whole, data)] if whole else [*inserted_files(compound, root=True)] or [("", b"")]
        except LoadError:
            yield "", b""


def _read(file: RawFile, found: Iterator[tuple[str, bytes]], notices: list[str]) -> list[Block]:
    blocks: list[Block] = []
    unread = 0
    for number, (name, data) in enumerate(found):
        if not name or number >= MAX_OBJECTS:
            unread += 1
            continue
        try:
            document = load_nested(file, name, data)
        except LoadError as error:
            notices.append(f"Embedded in {file.name}: {error}")
            continue
        notices += document.notices
        blocks += under(last_part(name), document)
    if unread:
        notices.append(
            f"{file.name} embeds {unread} objects of other programs, whose text is not read; ingest them by themselves"
        )
    return blocks
