"""The library: documents, their chunks and vectors, and the records they describe, in one database."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.database import Database
from workbench.core.evidence import Passage, Severity
from workbench.core.filters import SearchFilter
from workbench.core.knowledge.documents import Chunk, LoadedDocument
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.library_chunks import known_vectors, remove_documents, replace_chunks
from workbench.core.knowledge.library_rows import (
    PASSAGE_COLUMNS,
    epoch_of,
    forget_removed,
    next_epoch,
    passage_of,
    write_document,
    write_failure,
    write_records,
)
from workbench.core.knowledge.library_snapshot import LibrarySnapshot
from workbench.core.knowledge.narrowing import narrows_further, passing, scope_of
from workbench.core.knowledge.records import NAMES_HEADING, RECORD_KINDS, Record, Relation, RelationKind
from workbench.core.knowledge.stored import (
    OWN,
    DocumentInfo,
    DocumentState,
    DocumentView,
    document_id,
)

if TYPE_CHECKING:
    import numpy as np

RECORDS = ", ".join(f"'{kind}'" for kind in sorted(RECORD_KINDS))
UNIT = f"""
    CASE WHEN kind IN ({RECORDS})
    THEN (SELECT min(id) FROM chunks AS own WHERE own.document_id = chunks.document_id) ELSE id END
"""  # noqa: S608
"""The first chunk of a record's document stands for all of it; every other chunk stands for itself."""


REMOVED_AT_ONCE = 500
"""Documents that go in one transaction, which keeps every other writer waiting: a fraction of a second."""


class Part(NamedTuple):
    """A chunk of a record, and whether it is a question that the record answers."""

    chunk: int
    asks: bool


class Library:
    """Keeps documents with their chunks, vectors and records. All methods block: call them from a thread.

    `space` names the vectors that this library writes and reads (see embedder.space_of).
    """

    def __init__(self, database: Database, space: str) -> None:
        self._database = database
        self.space = space

    def replace(
        self,
        document: LoadedDocument,
        content_hash: str,
        chunks: Sequence[Chunk],
        vectors: "np.ndarray",
        collection: str = OWN,
        *,
        size: int = 0,
        space: str = "",
    ) -> bool:
        """Take a document in, or put its new version in the place of the old, in one transaction.

        `content_hash` covers all that the chunks depend on: the file's bytes and the version of the chunker.
        `vectors` are float32 rows (len(chunks), d) in `space`, ours when that is empty. Returns whether the document
        was there before. Raises ValueError when chunks and vectors do not belong together. A chunk that is the same
        keeps its row and its vector.
        """
        rows = _checked(vectors, len(chunks))
        with self._database.write() as connection:
            epoch = next_epoch(connection)
            existed = _is_known(connection, document_id(collection, document.path))
            identity = write_document(
                connection, collection, document, content_hash=content_hash, size=size, epoch=epoch
            )
            replace_chunks(
                connection,
                identity,
                collection,
                document,
                pairs=(chunks, rows),
                space=space or self.space,
                epoch=epoch,
            )
            write_records(connection, identity, document)
        return existed

    def record_failure(
        self, path: str, reason: str, state: DocumentState = DocumentState.FAILED, collection: str = OWN
    ) -> None:
        """Note that a document was not taken in, and why. A version that was taken in before stays searchable."""
        with self._database.write() as connection:
            write_failure(connection, collection, path, state, reason)

    def remove(self, identity: str) -> bool:
        """Forget a document with everything made from it; returns whether it was there."""
        with self._database.write() as connection:
            existed = _is_known(connection, identity)
            remove_documents(connection, [identity], next_epoch(connection))
        return existed

    def remove_all(self, identities: Sequence[str]) -> None:
        """Forget several documents, REMOVED_AT_ONCE in a transaction; broken off, those that are left are whole."""
        for start in range(0, len(identities), REMOVED_AT_ONCE):
            with self._database.write() as connection:
                gone = identities[start : start + REMOVED_AT_ONCE]
                remove_documents(connection, gone, next_epoch(connection))

    def known_vectors(self, path: str, collection: str = OWN) -> "Mapping[Embedded, np.ndarray]":
        """The vectors in our space of the document of that path, by what was embedded; read-only rows."""
        with self._database.read() as connection:
            return known_vectors(connection, document_id(collection, path), self.space)

    def is_unchanged(self, path: str, content_hash: str, collection: str = OWN) -> bool:
        """Whether the document of that path is taken in with that hash, and has all its vectors in our space."""
        with self._database.read() as connection:
            row = connection.execute(
                """
                SELECT 1 FROM documents WHERE id = ? AND state = 'ingested' AND content_hash = ?
                AND NOT EXISTS (
                    SELECT 1 FROM chunks WHERE document_id = documents.id
                    AND NOT EXISTS (SELECT 1 FROM vectors WHERE chunk_id = chunks.id AND space = ?)
                )
                """,
                (document_id(collection, path), content_hash, self.space),
            ).fetchone()
        return row is not None

    def is_whole(self, collection: str, digest: str) -> bool:
        """Whether all that has this digest was taken into a collection, in our space, and nothing has gone since."""
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (f"whole {collection}",)).fetchone()
            return row is not None and row[0] == self._account(connection, collection, digest)

    def set_whole(self, collection: str, digest: str | None) -> None:
        """Say that a collection holds all of what has this digest; None while it is being taken in."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (f"whole {collection}",))
            if digest is not None:
                account = self._account(connection, collection, digest)
                connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (f"whole {collection}", account))

    def _account(self, connection: sqlite3.Connection, collection: str, digest: str) -> str:
        query = "SELECT count(*) FROM documents WHERE collection = ? AND state = 'ingested'"
        count = connection.execute(query, (collection,)).fetchone()[0]
        return f"{digest} {self.space} {count}"

    def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """All documents, or those of one collection, by path; also those that could not be taken in."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT id, collection, path, title, kind, media_type, content_hash, size, state, reason,
                       (SELECT count(*) FROM chunks WHERE document_id = documents.id), ingested_at, dated
                FROM documents WHERE ?1 IS NULL OR collection = ?1 ORDER BY collection, path, id
                """,
                (collection,),
            ).fetchall()
        return [DocumentInfo.model_validate(dict(zip(DocumentInfo.model_fields, row, strict=True))) for row in rows]

    def document(self, identity: str) -> DocumentView | None:
        """A document to read, None when there is none of that id."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT id, collection, title, path, kind, media_type, blocks FROM documents WHERE id = ?", (identity,)
            ).fetchone()
        if row is None:
            return None
        fields = dict(zip(DocumentView.model_fields, row, strict=True))
        return DocumentView.model_validate({**fields, "blocks": json.loads(fields["blocks"])})

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, None when its document was removed or changed."""
        with self._database.read() as connection:
            row = connection.execute(
                f"SELECT {PASSAGE_COLUMNS} FROM chunks JOIN documents ON documents.id = chunks.document_id "  # noqa: S608
                "WHERE chunks.passage_id = ?",
                (passage_id,),
            ).fetchone()
        return None if row is None else passage_of(row)

    def neighbours(self, passage_id: str, before: int, after: int) -> list[Passage]:
        """The passages of one document around the one of that id, itself among them, in reading order; [] if unknown.

        `before` and `after` say how many at most; questions that a document answers are none.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"""
                SELECT {PASSAGE_COLUMNS} FROM chunks AS here
                JOIN chunks ON chunks.document_id = here.document_id
                    AND chunks.ordinal BETWEEN here.ordinal - ? AND here.ordinal + ?
                JOIN documents ON documents.id = chunks.document_id
                WHERE here.passage_id = ? AND (NOT chunks.asks OR chunks.id = here.id) ORDER BY chunks.ordinal
                """,  # noqa: S608
                (max(0, before), max(0, after), passage_id),
            ).fetchall()
        return [passage_of(row) for row in rows]

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        """The passages of those chunks, by chunk id; a chunk that is gone is left out."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {PASSAGE_COLUMNS} FROM chunks JOIN documents ON documents.id = chunks.document_id "  # noqa: S608
                "WHERE chunks.id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(chunk_ids)),),
            ).fetchall()
        return {row[0]: passage_of(row) for row in rows}

    def record(self, identifier: str) -> Record | None:
        """The record of that identifier, None when the library has none. The user's own goes before the starter's."""
        with self._database.read() as connection:
            row = connection.execute(
                """
                SELECT records.id, records.kind, records.title, records.data, document_id, severity
                FROM records JOIN documents ON documents.id = document_id
                WHERE records.id = ? ORDER BY documents.collection = 'starter', document_id
                """,
                (identifier,),
            ).fetchone()
        if row is None:
            return None
        return Record(
            id=row[0],
            kind=row[1],
            title=row[2],
            data=json.loads(row[3]),
            document_id=row[4],
            severity=Severity(row[5]) if row[5] else None,
        )

    def relations(self, identifier: str) -> list[Relation]:
        """How the record of that identifier bears on others, and others on it."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT source, kind, target FROM relations WHERE source = ?1 OR target = ?1 ORDER BY 1, 2, 3",
                (identifier,),
            ).fetchall()
        return [Relation(source=source, kind=RelationKind(kind), target=target) for source, kind, target in rows]

    def chunks_of_records(self, identifiers: Sequence[str]) -> list[tuple[str, int, str]]:
        """Chunks that belong to the records of those identifiers: (identifier, chunk id, scope), in reading order."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT records.id, chunks.id, chunks.collection, chunks.kind
                FROM records JOIN chunks ON chunks.document_id = records.document_id
                WHERE records.id IN (SELECT value FROM json_each(?)) ORDER BY records.document_id, chunks.ordinal
                """,
                (json.dumps(list(identifiers)),),
            ).fetchall()
        return [(identifier, chunk, scope_of(collection, kind)) for identifier, chunk, collection, kind in rows]

    def chunks_passing(self, filters: SearchFilter, scopes: Collection[str]) -> frozenset[int] | None:
        """The chunks of those scopes that pass; None where the scopes alone decide."""
        if not narrows_further(filters):
            return None
        with self._database.read() as connection:
            return passing(connection, filters, scopes)

    def units(self, chunk_ids: Collection[int]) -> dict[int, int]:
        """What each of those chunks counts as in a search: a record's as its first chunk, any other as itself."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT id, {UNIT} FROM chunks WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
                (json.dumps(list(chunk_ids)),),
            ).fetchall()
        return dict(rows)

    def parts(self, units: Collection[int]) -> dict[int, list[Part]]:
        """The chunks of those units that are records, in reading order, questions last."""
        with self._database.read() as connection:
            rows = connection.execute(
                f"""
                SELECT document_id, id, asks FROM chunks WHERE document_id IN (
                    SELECT document_id FROM chunks WHERE kind IN ({RECORDS}) AND id IN (SELECT value FROM json_each(?))
                ) ORDER BY document_id, ordinal
                """,  # noqa: S608
                (json.dumps(list(units)),),
            ).fetchall()
        found: dict[str, list[Part]] = {}
        for document, chunk, asks in rows:
            found.setdefault(document, []).append(Part(chunk, bool(asks)))
        return {parts[0].chunk: parts for parts in found.values()}

    def names(self, units: Collection[int]) -> dict[int, list[str]]:
        """What those units that are records are called, a line for each name; those without such lines are left out."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT (SELECT min(id) FROM chunks AS first WHERE first.document_id = named.document_id), named.text
                FROM chunks AS named
                WHERE named.asks AND json_extract(named.location, '$.heading') = ? AND named.document_id IN (
                    SELECT document_id FROM chunks WHERE id IN (SELECT value FROM json_each(?))
                ) ORDER BY named.id
                """,
                (NAMES_HEADING, json.dumps(list(units))),
            ).fetchall()
        found: dict[int, list[str]] = {}
        for unit, name in rows:
            found.setdefault(unit, []).append(name)
        return found

    def weaknesses(self, units: Collection[int]) -> dict[int, tuple[bool, int]]:
        """Of those units the weaknesses: whether vulnerabilities are mapped to each, and how many kinds of it are."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT chunks.id, max(coalesce(json_extract(records.data, '$.mapped'), 0)),
                    max(coalesce(json_extract(records.data, '$.mapped_kinds'), 0))
                FROM chunks JOIN records ON records.document_id = chunks.document_id
                WHERE chunks.kind = 'weakness' AND chunks.id IN (SELECT value FROM json_each(?)) GROUP BY chunks.id
                """,
                (json.dumps(list(units)),),
            ).fetchall()
        return {unit: (bool(mapped), int(kinds)) for unit, mapped, kinds in rows}

    def epoch(self) -> int:
        """How many changes the library has seen."""
        with self._database.read() as connection:
            return epoch_of(connection)

    def forget_removed(self, epoch: int) -> None:
        """Forget which chunks went away up to that epoch; an index that was saved before it is then built anew."""
        with self._database.read() as connection:
            query = "SELECT 1 FROM removed_chunks WHERE epoch <= ? LIMIT 1"
            if connection.execute(query, (epoch,)).fetchone() is None:
                return
        with self._database.write() as connection:
            forget_removed(connection, epoch)

    @contextmanager
    def snapshot(self, space: str = "") -> "Iterator[LibrarySnapshot]":
        """One state of the library for an index to follow, whatever is written meanwhile; in its own space if empty."""
        with self._database.read() as connection:
            yield LibrarySnapshot(connection, space or self.space)


def _is_known(connection: sqlite3.Connection, identity: str) -> bool:
    return connection.execute("SELECT 1 FROM documents WHERE id = ?", (identity,)).fetchone() is not None


def _checked(vectors: "np.ndarray", count: int) -> list[bytes]:
    import numpy as np

    matrix = np.asarray(vectors, dtype="<f4")
    if count == 0:
        return []
    if matrix.ndim != 2 or len(matrix) != count or not np.isfinite(matrix).all():
        raise ValueError(f"{count} chunks need as many finite vectors, not an array of shape {matrix.shape}")
    return [row.tobytes() for row in matrix]
