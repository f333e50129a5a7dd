"""The schema of the library, as numbered steps that only ever get longer: a step that was released never changes.

Each step runs inside one transaction, so it uses `execute` and never `executescript`, which would commit.
"""

import sqlite3
from collections.abc import Callable

Migration = Callable[[sqlite3.Connection], None]


def m001_library(connection: sqlite3.Connection) -> None:
    """Documents, their chunks and vectors, and the records they describe.

    `epoch` counts the changes of the library; what changed carries the epoch of its change, so that an index which
    was written at an earlier epoch can catch up. Chunk ids are never used twice, which lets indexes keep them.
    Key columns come first: `PRAGMA quick_check` of SQLite 3.40 tells of NULLs that are not there otherwise.
    """
    for statement in (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "INSERT INTO meta (key, value) VALUES ('library_epoch', '0'), ('library_id', lower(hex(randomblob(8))))",
        """
        CREATE TABLE documents (
            id TEXT PRIMARY KEY,
            collection TEXT NOT NULL,
            path TEXT NOT NULL,
            title TEXT NOT NULL,
            kind TEXT NOT NULL,
            media_type TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            size INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            ingested_at TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            blocks TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
            passage_id TEXT NOT NULL UNIQUE,
            collection TEXT NOT NULL,
            kind TEXT NOT NULL,
            ordinal INTEGER NOT NULL,
            text TEXT NOT NULL,
            header TEXT NOT NULL,
            location TEXT NOT NULL,
            identifiers TEXT NOT NULL,
            content_hash TEXT NOT NULL,
            epoch INTEGER NOT NULL
        )
        """,
        "CREATE INDEX chunks_by_document ON chunks (document_id, ordinal)",
        "CREATE INDEX chunks_by_scope ON chunks (collection, kind)",
        "CREATE INDEX chunks_by_epoch ON chunks (epoch)",
        """
        CREATE TABLE vectors (
            chunk_id INTEGER NOT NULL REFERENCES chunks (id) ON DELETE CASCADE,
            space TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (chunk_id, space)
        )
        """,
        "CREATE TABLE removed_chunks (chunk_id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL)",
        "CREATE INDEX removed_chunks_by_epoch ON removed_chunks (epoch)",
        """
        CREATE TABLE records (
            id TEXT NOT NULL,
            document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (id, document_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX records_by_document ON records (document_id)",
    ):
        connection.execute(statement)


def m002_journal(connection: sqlite3.Connection) -> None:
    """The append-only journal of runs, and the options their reports were made with."""
    for statement in (
        """
        CREATE TABLE journal (
            run_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (run_id, seq)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX journal_by_kind ON journal (kind, run_id)",
        "CREATE TABLE report_options (run_id TEXT PRIMARY KEY, options TEXT NOT NULL) WITHOUT ROWID",
    ):
        connection.execute(statement)


def m003_notes(connection: sqlite3.Connection) -> None:
    """Encrypted notes, and what is needed besides the key or the passphrase to open them."""
    for statement in (
        """
        CREATE TABLE vault (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL,
            protection TEXT NOT NULL CHECK (protection IN ('keyring', 'passphrase')),
            verifier BLOB NOT NULL,
            salt BLOB,
            scrypt_n INTEGER,
            scrypt_r INTEGER,
            scrypt_p INTEGER,
            wrapped_keys BLOB,
            backend TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE notes (
            id TEXT PRIMARY KEY,
            created TEXT NOT NULL,
            updated TEXT NOT NULL,
            ciphertext BLOB NOT NULL
        ) WITHOUT ROWID
        """,
    ):
        connection.execute(statement)


def m004_record(connection: sqlite3.Connection) -> None:
    """The audit log of decisions and of what the analyst said was right; each entry seals those before it."""
    for statement in (
        """
        CREATE TABLE record_log (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('decision', 'feedback')),
            run_id TEXT NOT NULL,
            at TEXT NOT NULL,
            body TEXT NOT NULL,
            digest TEXT NOT NULL
        )
        """,
        """
        CREATE TRIGGER record_log_is_append_only BEFORE UPDATE ON record_log
        BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
        """,
        """
        CREATE TRIGGER record_log_keeps_all BEFORE DELETE ON record_log
        BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END
        """,
    ):
        connection.execute(statement)


def m005_questions(connection: sqlite3.Connection) -> None:
    """Chunks that are questions which their document answers: they are searched and never shown."""
    connection.execute("ALTER TABLE chunks ADD COLUMN asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1))")


def m006_relations(connection: sqlite3.Connection) -> None:
    """When documents were written, how bad records are, and how one record bears on another."""
    for statement in (
        "ALTER TABLE documents ADD COLUMN dated TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE records ADD COLUMN severity TEXT NOT NULL DEFAULT ''",
        """
        CREATE TABLE relations (
            source TEXT NOT NULL,
            kind TEXT NOT NULL,
            target TEXT NOT NULL,
            document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
            PRIMARY KEY (source, kind, target, document_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX relations_by_target ON relations (target, kind)",
        "CREATE INDEX relations_by_document ON relations (document_id)",
    ):
        connection.execute(statement)


def m007_passes(connection: sqlite3.Connection) -> None:
    """Which folders were taken in and when, so that a pass which a killed program left open is known; and the watched.

    A pass without an end was broken off: its documents are in as far as it came.
    """
    for statement in (
        """
        CREATE TABLE passes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL,
            collection TEXT NOT NULL,
            is_folder INTEGER NOT NULL CHECK (is_folder IN (0, 1)),
            started TEXT NOT NULL,
            ended TEXT,
            cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
            counts TEXT NOT NULL DEFAULT '{}'
        )
        """,
        "CREATE INDEX passes_by_path ON passes (path, collection, id)",
        """
        CREATE TABLE watched (
            path TEXT NOT NULL,
            collection TEXT NOT NULL,
            since TEXT NOT NULL,
            PRIMARY KEY (path)
        ) WITHOUT ROWID
        """,
    ):
        connection.execute(statement)


def m008_imports(connection: sqlite3.Connection) -> None:
    """Imports with what each changes and has brought, and what left the machine to download files for them.

    An import without `finished` was broken off. Members are the documents of the newest version of a name.
    """
    for statement in (
        """
        CREATE TABLE imports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            collection TEXT NOT NULL,
            version TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            file TEXT NOT NULL,
            began TEXT NOT NULL,
            finished TEXT NOT NULL,
            added INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            removed INTEGER NOT NULL DEFAULT 0,
            unchanged INTEGER NOT NULL DEFAULT 0
        )
        """,
        """
        CREATE TABLE import_changes (
            import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            change TEXT NOT NULL CHECK (change IN ('added', 'changed', 'removed')),
            title TEXT NOT NULL,
            PRIMARY KEY (import_id, path)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE import_members (
            collection TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            PRIMARY KEY (collection, kind, name, path)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE downloads (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            host TEXT NOT NULL,
            address TEXT NOT NULL,
            bytes_sent INTEGER NOT NULL,
            bytes_received INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            outcome TEXT NOT NULL,
            etag TEXT NOT NULL,
            last_modified TEXT NOT NULL
        )
        """,
    ):
        connection.execute(statement)


def m009_tallies(connection: sqlite3.Connection) -> None:
    """How many vectors of each space there are, and chunks of each kind, so that nobody has to count a million.

    `first` counts the chunks that begin a document: of a record's kind there are as many as records.
    """
    for statement in (
        """
        CREATE TABLE tallies (
            what TEXT NOT NULL CHECK (what IN ('vectors', 'chunks', 'first')),
            name TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (what, name)
        ) WITHOUT ROWID
        """,
        "INSERT INTO tallies SELECT 'vectors', space, count(*) FROM vectors GROUP BY space",
        "INSERT INTO tallies SELECT 'chunks', kind, count(*) FROM chunks GROUP BY kind",
        "INSERT INTO tallies SELECT 'first', kind, count(*) FROM chunks WHERE ordinal = 0 GROUP BY kind",
        *_tallied("vectors", "vectors", "space", "chunk_id IS NOT NULL"),
        *_tallied("chunks", "chunks", "kind", "id IS NOT NULL"),
        *_tallied("first", "chunks", "kind", "ordinal = 0"),
    ):
        connection.execute(statement)


def _tallied(what: str, table: str, column: str, only: str) -> tuple[str, str]:
    """The triggers that keep m009's tallies of a table by one of its columns."""
    return (
        f"""
        CREATE TRIGGER tally_{what}_come AFTER INSERT ON {table} WHEN NEW.{only} BEGIN
            INSERT INTO tallies (what, name, count) VALUES ('{what}', NEW.{column}, 1)
            ON CONFLICT (what, name) DO UPDATE SET count = count + 1;
        END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER tally_{what}_go AFTER DELETE ON {table} WHEN OLD.{only} BEGIN
            UPDATE tallies SET count = count - 1 WHERE what = '{what}' AND name = OLD.{column};
        END
        """,  # noqa: S608
    )


def m010_document_list(connection: sqlite3.Connection) -> None:
    """All that the list of documents shows, in its order: in the table it lies before and behind the whole text."""
    connection.execute(
        "CREATE INDEX documents_listed ON documents "
        "(collection, path, id, title, kind, media_type, content_hash, size, state, reason, ingested_at, dated)"
    )


MIGRATIONS: tuple[Migration, ...] = (
    m001_library,
    m002_journal,
    m003_notes,
    m004_record,
    m005_questions,
    m006_relations,
    m007_passes,
    m008_imports,
    m009_tallies,
    m010_document_list,
)
"""All steps in their order; the number of a step is its place, counted from 1."""
