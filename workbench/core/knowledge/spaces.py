"""The spaces that a library's vectors live in, one for each embedding model that it was embedded with."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.database import Database

if TYPE_CHECKING:
    import numpy as np


class Unembedded(NamedTuple):
    """A chunk without a vector in a space."""

    chunk: int
    text: str
    """What the embedder reads of it: header, then text."""
    asks: bool
    """Whether it is a question, which some models read in another way."""


class Spaces:
    """Reads and writes vectors of any space. Blocking; a space that nobody uses does no harm but for its size."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[str, int]:
        """How many vectors there are in each space."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT name, count FROM tallies WHERE what = 'vectors' AND count > 0").fetchall()
        return dict(rows)

    def missing(self, space: str) -> int:
        """How many chunks have no vector in a space."""
        with self._database.read() as connection:
            tallies = "SELECT total(count) FROM tallies WHERE what = ? AND ?2 IN ('', name)"
            chunks = connection.execute(tallies, ("chunks", "")).fetchone()[0]
            return int(chunks - connection.execute(tallies, ("vectors", space)).fetchone()[0])

    def unembedded(self, space: str, batch: int) -> Iterator[list[Unembedded]]:
        """The chunks without a vector in a space, in batches; what is added while this goes on may come too."""
        last = 0
        while rows := self._after(space, last, batch):
            yield rows
            last = rows[-1].chunk

    def _after(self, space: str, last: int, batch: int) -> list[Unembedded]:
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT id, header, text, asks FROM chunks WHERE id > ?
                AND NOT EXISTS (SELECT 1 FROM vectors WHERE chunk_id = chunks.id AND space = ?)
                ORDER BY id LIMIT ?
                """,
                (last, space, batch),
            ).fetchall()
        return [
            Unembedded(chunk, f"{header}\n{text}" if header else text, bool(asks)) for chunk, header, text, asks in rows
        ]

    def write(self, space: str, chunks: Sequence[int], vectors: "np.ndarray") -> None:
        """Keep float32 rows (len(chunks), d); those of chunks that are gone, or have one already, are left out."""
        import numpy as np

        rows = np.asarray(vectors, dtype="<f4")
        if rows.ndim != 2 or len(rows) != len(chunks) or not np.isfinite(rows).all():
            raise ValueError(f"{len(chunks)} chunks need as many finite vectors, not an array of shape {rows.shape}")
        with self._database.write() as connection:
            known = connection.execute(
                "SELECT id FROM chunks WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(chunks)),)
            ).fetchall()
            there = {row[0] for row in known}
            connection.executemany(
                "INSERT OR IGNORE INTO vectors (chunk_id, space, vector) VALUES (?, ?, ?)",
                [(chunk, space, row.tobytes()) for chunk, row in zip(chunks, rows, strict=True) if chunk in there],
            )

    def pairs(self, limit: int) -> list[tuple[str, str]]:
        """Questions that records say they answer, each with a passage of that record and with one of another."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT text, document_id FROM chunks WHERE asks ORDER BY id % 97, id LIMIT ?
                """,
                (limit,),
            ).fetchall()
            told = [self._opening(connection, document) for _, document in rows]
        questions = [question for question, _ in rows]
        strangers = [*told[len(told) // 2 :], *told[: len(told) // 2]]
        pairs = zip(questions * 2, [*told, *strangers], strict=True)
        return [(question, passage) for question, passage in pairs if passage]

    def _opening(self, connection: sqlite3.Connection, document: str) -> str:
        row = connection.execute(
            "SELECT text FROM chunks WHERE document_id = ? AND NOT asks ORDER BY length(text) DESC, ordinal LIMIT 1",
            (document,),
        ).fetchone()
        return str(row[0]) if row else ""

    def forget(self, space: str) -> int:
        """Remove the vectors of a space and return how many there were."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM vectors WHERE space = ?", (space,)).rowcount
