"""Puts a document's chunks in the place of its earlier ones, and leaves those alone that are the same.

A chunk that stays keeps its row: the indexes, which follow the library by what changed, need not look at it again.
"""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.knowledge.documents import Chunk, LoadedDocument
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.library_rows import clean, passage_id
from workbench.core.knowledge.records import RECORD_KINDS

if TYPE_CHECKING:
    import numpy as np


class _Same(NamedTuple):
    """What must be equal for a chunk to stay as it is, besides its passage id (which stands for place and text)."""

    header: str
    kind: str
    identifiers: str
    asks: bool
    vector: bytes


def replace_chunks(
    connection: sqlite3.Connection,
    identity: str,
    collection: str,
    document: LoadedDocument,
    *,
    pairs: tuple[Sequence[Chunk], Sequence[bytes]],
    space: str,
    epoch: int,
) -> None:
    """Write the chunks of a document with their vectors (`pairs`) in `space`; the ids of those that go are remembered.

    A record is one text to the indexes, that of all its chunks, so its chunks stay or go together.
    """
    present = _present(connection, identity, space)
    wanted = [(_passage(identity, chunk), chunk, _same(chunk, vector)) for chunk, vector in zip(*pairs, strict=True)]
    kept = {passage for passage, _, same in wanted if passage in present and present[passage][1] == same}
    if document.kind in RECORD_KINDS and not len(kept) == len(wanted) == len(present):
        kept = set()
    _remove_chunks(connection, [chunk_id for passage, (chunk_id, _) in present.items() if passage not in kept], epoch)
    for passage, chunk, same in wanted:
        if passage in kept:
            location = json.dumps(chunk.location.model_dump(exclude_defaults=True))
            connection.execute("UPDATE chunks SET location = ? WHERE passage_id = ?", (location, passage))
        else:
            chunk_id = _insert(connection, (identity, collection, epoch), passage, chunk)
            connection.execute(
                "INSERT INTO vectors (chunk_id, space, vector) VALUES (?, ?, ?)", (chunk_id, space, same.vector)
            )


def _passage(identity: str, chunk: Chunk) -> str:
    return passage_id(identity, chunk.ordinal, clean(chunk.text))


def _same(chunk: Chunk, vector: bytes) -> _Same:
    return _Same(clean(chunk.header), chunk.kind, json.dumps(chunk.identifiers), chunk.asks, vector)


def known_vectors(connection: sqlite3.Connection, identity: str, space: str) -> "dict[Embedded, np.ndarray]":
    """The vectors that a document has in `space`, by what was embedded."""
    import numpy as np

    rows = connection.execute(
        "SELECT header, text, asks, vector FROM chunks JOIN vectors ON chunk_id = chunks.id AND space = ? "
        "WHERE document_id = ?",
        (space, identity),
    )
    return {
        Embedded(f"{header}\n{text}" if header else text, bool(asks)): np.frombuffer(vector, dtype="<f4")
        for header, text, asks, vector in rows
    }


def remove_documents(connection: sqlite3.Connection, identities: Sequence[str], epoch: int) -> None:
    """Remove documents with everything made from them, remembering the ids of their chunks for the indexes."""
    gone = json.dumps(list(identities))
    connection.execute(
        "INSERT OR REPLACE INTO removed_chunks (chunk_id, epoch) "
        "SELECT id, ? FROM chunks WHERE document_id IN (SELECT value FROM json_each(?))",
        (epoch, gone),
    )
    connection.execute("DELETE FROM documents WHERE id IN (SELECT value FROM json_each(?))", (gone,))


def _remove_chunks(connection: sqlite3.Connection, chunk_ids: Sequence[int], epoch: int) -> None:
    gone = json.dumps(list(chunk_ids))
    connection.execute(
        "INSERT OR REPLACE INTO removed_chunks (chunk_id, epoch) SELECT value, ? FROM json_each(?)", (epoch, gone)
    )
    connection.execute("DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?))", (gone,))


def _present(connection: sqlite3.Connection, identity: str, space: str) -> dict[str, tuple[int, _Same]]:
    rows = connection.execute(
        """
        SELECT passage_id, id, header, kind, identifiers, asks, coalesce(vector, x'')
        FROM chunks LEFT JOIN vectors ON chunk_id = chunks.id AND space = ? WHERE document_id = ?
        """,
        (space, identity),
    )
    return {
        passage: (chunk_id, _Same(header, kind, identifiers, bool(asks), vector))
        for passage, chunk_id, header, kind, identifiers, asks, vector in rows
    }


def _insert(connection: sqlite3.Connection, owner: tuple[str, str, int], passage: str, chunk: Chunk) -> int:
    """Write a chunk of `owner` (document, collection, epoch); returns its id, which no other chunk ever had or gets."""
    identity, collection, epoch = owner
    text = clean(chunk.text)
    cursor = connection.execute(
        """
        INSERT INTO chunks (document_id, passage_id, collection, kind, ordinal, text, header, location, identifiers,
                            content_hash, epoch, asks)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            identity,
            passage,
            collection,
            chunk.kind,
            chunk.ordinal,
            text,
            clean(chunk.header),
            json.dumps(chunk.location.model_dump(exclude_defaults=True)),
            json.dumps(chunk.identifiers),
            hashlib.sha256(text.encode()).hexdigest(),
            epoch,
            chunk.asks,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid
