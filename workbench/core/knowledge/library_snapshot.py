"""What the indexes read of the library: all from one moment, whatever is written meanwhile."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from workbench.core.knowledge.library_rows import FORGOTTEN, epoch_of
from workbench.core.knowledge.narrowing import scope_of
from workbench.core.knowledge.records import RECORD_KINDS
from workbench.core.stores.base import IndexedText, VectorBatch

BATCH = 1000
"""Rows handed to an index at a time."""


class LibrarySnapshot:
    """What indexes read of the library: all from one moment. Valid inside `Library.snapshot` only."""

    def __init__(self, connection: sqlite3.Connection, space: str) -> None:
        self._connection = connection
        self._space = space
        self.epoch = epoch_of(connection)
        """How many changes the library had seen."""
        self.forgotten = int(self._value("SELECT coalesce(max(value), 0) FROM meta WHERE key = ?", FORGOTTEN))
        """The epoch up to which it is forgotten which chunks went away: an index of before it cannot follow."""
        self.library_id = self._value("SELECT value FROM meta WHERE key = 'library_id'")
        """Which library it is."""

    def chunks(self) -> int:
        """How many chunks there are."""
        return sum(self._tallies("chunks").values())

    def texts(self) -> int:
        """How many texts `texts_after(0)` gives: a record is one, whatever its chunks."""
        chunks = sum(count for kind, count in self._tallies("chunks").items() if kind not in RECORD_KINDS)
        return chunks + sum(count for kind, count in self._tallies("first").items() if kind in RECORD_KINDS)

    def vectors(self) -> int:
        """How many of them have a vector in our space."""
        return self._tallies("vectors").get(self._space, 0)

    def _tallies(self, what: str) -> dict[str, int]:
        return dict(self._connection.execute("SELECT name, count FROM tallies WHERE what = ?", (what,)))

    def scopes(self) -> frozenset[str]:
        """The scopes of all chunks, each looked up from the one before: SQLite would read all rows for them."""
        found: list[tuple[str, str]] = []
        last = ("", "")
        after = (
            "SELECT collection, kind FROM chunks WHERE (collection, kind) > (?, ?) ORDER BY collection, kind LIMIT 1"
        )
        while row := self._connection.execute(after, last).fetchone():
            last = row
            found.append(row)
        return frozenset(scope_of(collection, kind) for collection, kind in found)

    def is_far_from(self, epoch: int, chunks: int) -> bool:
        """Whether more than so many chunks came or went after `epoch`."""
        query = """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM chunks WHERE epoch > ?1 LIMIT ?2 + 1))
                 + (SELECT count(*) FROM (SELECT 1 FROM removed_chunks WHERE epoch > ?1 LIMIT ?2 + 1)) > ?2
        """
        return bool(self._value(query, epoch, chunks))

    def removed_after(self, epoch: int) -> list[int]:
        """Ids of chunks that went away after `epoch`."""
        rows = self._connection.execute("SELECT chunk_id FROM removed_chunks WHERE epoch > ?", (epoch,))
        return [row[0] for row in rows]

    def texts_after(self, epoch: int) -> Iterator[list[IndexedText]]:
        """Chunks that came after `epoch`, in batches: header and text together.

        A record is one text, that of its first chunk: its parts say different things of one subject, and a question's
        words are often spread over several of them.
        """
        query = f"""
            SELECT id, collection, kind, header, text, document_id FROM {_chunks_since(epoch)}
            WHERE epoch > ? ORDER BY id
        """  # noqa: S608
        whole: IndexedText | None = None
        known = ""
        for rows in self._batches(query, epoch):
            ready: list[IndexedText] = []
            for chunk, collection, kind, header, text, document in rows:
                said = f"{header}\n{text}" if header else text
                if whole is not None and kind in RECORD_KINDS and document == known:
                    whole = whole._replace(text=f"{whole.text}\n{said}")
                    continue
                if whole is not None:
                    ready.append(whole)
                whole, known = IndexedText(chunk, scope_of(collection, kind), said), document
            if ready:
                yield ready
        if whole is not None:
            yield [whole]

    def vectors_after(self, epoch: int) -> Iterator[VectorBatch]:
        """Chunks that came after `epoch` and have a vector in our space, in batches."""
        import numpy as np

        query = f"""
            SELECT chunks.id, collection, kind, vector
            FROM {_chunks_since(epoch)} JOIN vectors ON chunk_id = chunks.id AND space = ?
            WHERE epoch > ? ORDER BY chunks.id
        """  # noqa: S608
        for rows in self._batches(query, self._space, epoch):
            ids = np.array([row[0] for row in rows], dtype=np.int64)
            vectors = np.frombuffer(b"".join(row[3] for row in rows), dtype="<f4").reshape(len(rows), -1)
            yield VectorBatch(ids, [scope_of(row[1], row[2]) for row in rows], vectors.astype(np.float32))

    def _batches(self, query: str, *arguments: object) -> Iterator[list[Any]]:
        cursor = self._connection.execute(query, arguments)
        while rows := cursor.fetchmany(BATCH):
            yield rows

    def _value(self, query: str, *arguments: object) -> Any:
        return self._connection.execute(query, arguments).fetchone()[0]


def _chunks_since(epoch: int) -> str:
    """The table to read what came after `epoch` from: SQLite by itself would read all of it, which is in order."""
    return "chunks INDEXED BY chunks_by_epoch" if epoch else "chunks"
