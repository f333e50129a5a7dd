"""How documents and chunks stand in the database: the rows that Library writes and reads."""

import hashlib
import json
import sqlite3
from datetime import UTC, datetime

from workbench.core.evidence import Location, Passage, PassageKind
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.records import RECORD_KINDS, Record
from workbench.core.knowledge.stored import document_id, source_of

PASSAGE_COLUMNS = """
    chunks.id, chunks.passage_id, chunks.collection, chunks.document_id, documents.title, chunks.text, chunks.kind,
    chunks.location, chunks.identifiers
"""
"""What `passage_of` reads, from chunks joined with documents."""


FORGOTTEN = "removed_forgotten"
"""The key in meta of the epoch up to which `removed_chunks` was emptied."""


def passage_id(identity: str, ordinal: int, text: str) -> str:
    """Stable id of a passage, 16 hex digits: the same text at the same place of a document has the same id."""
    return hashlib.sha256(f"{identity}\0{ordinal}\0{text}".encode()).hexdigest()[:16]


def clean(text: str) -> str:
    """`text` as the database can keep it: lone surrogates, as in odd file names, are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def epoch_of(connection: sqlite3.Connection) -> int:
    """How many changes the library has seen."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'library_epoch'").fetchone()[0])


def next_epoch(connection: sqlite3.Connection) -> int:
    """Count a change and return its epoch."""
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'library_epoch'")
    return epoch_of(connection)


def forget_removed(connection: sqlite3.Connection, epoch: int) -> None:
    """Forget which chunks went away up to an epoch, and remember that."""
    connection.execute("DELETE FROM removed_chunks WHERE epoch <= ?", (epoch,))
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (FORGOTTEN, str(epoch)))


def write_document(
    connection: sqlite3.Connection,
    collection: str,
    document: LoadedDocument,
    *,
    content_hash: str,
    size: int,
    epoch: int,
) -> str:
    """Write or overwrite the row of a document that was taken in, and return its id."""
    identity = document_id(collection, document.path)
    blocks = [block.model_dump(exclude_defaults=True) for block in document.blocks]
    connection.execute(
        """
        INSERT INTO documents (id, collection, path, title, kind, media_type, content_hash, size, state, reason,
                               ingested_at, epoch, blocks, dated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ingested', ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            title = excluded.title, kind = excluded.kind, media_type = excluded.media_type,
            content_hash = excluded.content_hash, size = excluded.size, state = excluded.state,
            reason = excluded.reason, ingested_at = excluded.ingested_at, epoch = excluded.epoch,
            blocks = excluded.blocks, dated = excluded.dated
        """,
        (
            identity,
            collection,
            clean(document.path),
            clean(document.title),
            document.kind,
            document.media_type,
            content_hash,
            size,
            clean(" ".join(document.notices)),
            now(),
            epoch,
            json.dumps(blocks),
            document.dated,
        ),
    )
    return identity


def write_records(connection: sqlite3.Connection, identity: str, document: LoadedDocument) -> None:
    """Write the records that a document describes, with their relations, in the place of those that it described."""
    connection.execute("DELETE FROM records WHERE document_id = ?", (identity,))
    connection.execute("DELETE FROM relations WHERE document_id = ?", (identity,))
    connection.executemany(
        "INSERT INTO records (id, kind, title, data, document_id, severity) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (record.id, record.kind, clean(record.title), json.dumps(record.data), identity, record.severity or "")
            for record in document.records or _own_record(document)
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO relations (source, kind, target, document_id) VALUES (?, ?, ?, ?)",
        [(relation.source, relation.kind, relation.target, identity) for relation in document.relations],
    )


def _own_record(document: LoadedDocument) -> list[Record]:
    if document.kind not in RECORD_KINDS or not document.identifiers:
        return []
    return [Record(id=document.identifiers[0], kind=document.kind, title=document.title)]


def write_failure(connection: sqlite3.Connection, collection: str, path: str, state: str, reason: str) -> None:
    """Note that the document of a path was not taken in; what an earlier version left stays as it is."""
    connection.execute(
        """
        INSERT INTO documents (id, collection, path, title, kind, media_type, content_hash, size, state, reason,
                               ingested_at, epoch, blocks)
        VALUES (?, ?, ?, ?, 'document', '', '', 0, ?, ?, ?, ?, '[]')
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason
        """,
        (
            document_id(collection, path),
            collection,
            clean(path),
            clean(path.replace("\\", "/").rpartition("/")[2]),
            state,
            clean(reason),
            now(),
            epoch_of(connection),
        ),
    )


def passage_of(row: tuple[int, str, str, str, str, str, str, str, str]) -> Passage:
    """The passage of a row of PASSAGE_COLUMNS."""
    _, identity, collection, document, title, text, kind, location, identifiers = row
    return Passage(
        id=identity,
        source=source_of(collection),
        document_id=document,
        title=title,
        text=text,
        kind=PassageKind(kind),
        location=Location.model_validate_json(location),
        identifiers=tuple(json.loads(identifiers)) if identifiers != "[]" else (),
    )


def now() -> str:
    """The time, as it is written."""
    return datetime.now(UTC).isoformat()
