"""What is remembered of imports: which were begun, what they change, what each has brought, and what was downloaded."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from workbench.core.database import Database
from workbench.core.knowledge.import_events import Change, DownloadInfo, ImportChange, ImportInfo
from workbench.core.knowledge.importers.base import version_order
from workbench.core.knowledge.importers.spool import Head
from workbench.core.knowledge.library_rows import clean
from workbench.core.knowledge.stored import document_id


class Source(NamedTuple):
    """What is imported: a version of something, from a file of known content."""

    kind: str
    name: str
    collection: str
    version: str
    sha256: str
    file: str


class Plan(NamedTuple):
    """What an import is going to change."""

    import_id: int
    added: int
    changed: int
    removed: tuple[str, ...]
    """Ids of the documents that the library has of an earlier version, and this one has not."""
    goes_on: bool = False
    """Whether an import of the same content was broken off, which this one goes on with."""


class ImportStore:
    """Imports of one library. All methods block, and each is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, kind: str, name: str) -> ImportInfo | None:
        """The import whose version of `name` the library holds; None when it was never imported to the end."""
        return next((each for each in self.history() if (each.kind, each.name) == (kind, name) and each.finished), None)

    def is_older(self, source: Source) -> bool:
        """Whether the library holds a later version of the same."""
        known = self.newest(source.kind, source.name)
        if known is None or not version_order(source.version) or not self._holds(source.collection):
            return False
        return version_order(source.version) < version_order(known.version)

    def _holds(self, collection: str) -> bool:
        with self._database.read() as connection:
            query = "SELECT EXISTS (SELECT 1 FROM documents WHERE collection = ?)"
            return bool(connection.execute(query, (collection,)).fetchone()[0])

    def is_stranger(self, source: Source, heads: Collection[str]) -> bool:
        """Whether it has nothing in common with what an import of the same name brought: another scan, more likely."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT path FROM import_members WHERE kind = ? AND name = ? AND collection = ?",
                (source.kind, source.name, source.collection),
            ).fetchall()
        known = {path for (path,) in rows}
        return bool(known and heads) and known.isdisjoint(heads)

    def begin(self, source: Source, heads: Mapping[str, Head]) -> Plan:
        """Note that an import begins, and what it is going to change: compared with the library before it.

        An import of the same content that was broken off goes on: what it has changed already still counts.
        """
        with self._database.write() as connection:
            known = {
                path: (version, title)
                for path, version, title in connection.execute(
                    "SELECT path, content_hash, title FROM documents WHERE collection = ? AND content_hash <> ''",
                    (source.collection,),
                )
            }
            gone = self._gone(connection, source, heads, known)
            broken_off = self._broken_off(connection, source)
            number = broken_off or self._new(connection, source)
            changes = [
                (Change.CHANGED if head.path in known else Change.ADDED, head.path, head.title)
                for head in heads.values()
                if known.get(head.path, ("", ""))[0].partition("/")[0] != head.hash
            ]
            changes += [(Change.REMOVED, path, known[path][1]) for path in gone]
            connection.executemany(
                "INSERT OR IGNORE INTO import_changes (import_id, path, change, title) VALUES (?, ?, ?, ?)",
                [(number, clean(path), change, clean(title)) for change, path, title in changes],
            )
            connection.executemany(
                "INSERT OR IGNORE INTO import_members (kind, name, collection, path) VALUES (?, ?, ?, ?)",
                [(source.kind, source.name, source.collection, path) for path in heads],
            )
            counts = _counts(connection, number)
        removed = tuple(document_id(source.collection, path) for path in gone)
        return Plan(number, counts.get(Change.ADDED, 0), counts.get(Change.CHANGED, 0), removed, broken_off is not None)

    def _gone(
        self, connection: sqlite3.Connection, source: Source, heads: Mapping[str, Head], known: Collection[str]
    ) -> list[str]:
        """What an earlier import of the same name brought, this one has not, and no other name has either."""
        rows = connection.execute(
            """
            SELECT path FROM import_members WHERE kind = ?1 AND name = ?2 AND collection = ?3
            EXCEPT SELECT path FROM import_members WHERE collection = ?3 AND NOT (kind = ?1 AND name = ?2)
            """,
            (source.kind, source.name, source.collection),
        )
        return sorted(path for (path,) in rows if path not in heads and path in known)

    def _broken_off(self, connection: sqlite3.Connection, source: Source) -> int | None:
        """The number of the broken-off import of this content; those of other content are over with this one."""
        row = connection.execute(
            "SELECT id FROM imports WHERE kind = ? AND name = ? AND sha256 = ? AND finished = ''",
            (source.kind, source.name, source.sha256),
        ).fetchone()
        connection.execute(
            "DELETE FROM imports WHERE kind = ? AND name = ? AND finished = '' AND id <> ?",
            (source.kind, source.name, row[0] if row else 0),
        )
        return int(row[0]) if row else None

    def _new(self, connection: sqlite3.Connection, source: Source) -> int:
        cursor = connection.execute(
            """
            INSERT INTO imports (kind, name, collection, version, sha256, file, began, finished)
            VALUES (?, ?, ?, ?, ?, ?, ?, '')
            """,
            (source.kind, source.name, source.collection, source.version, source.sha256, clean(source.file), _now()),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, number: int, source: Source, heads: Collection[str], *, keep_others: bool) -> ImportInfo:
        """Note that all of an import is in the library. With `keep_others` nothing was removed for it."""
        with self._database.write() as connection:
            if keep_others:
                connection.execute("DELETE FROM import_changes WHERE import_id = ? AND change = 'removed'", (number,))
            else:
                paths = connection.execute(
                    "SELECT path FROM import_members WHERE kind = ? AND name = ? AND collection = ?",
                    (source.kind, source.name, source.collection),
                ).fetchall()
                connection.executemany(
                    "DELETE FROM import_members WHERE kind = ? AND name = ? AND collection = ? AND path = ?",
                    [(source.kind, source.name, source.collection, path) for (path,) in paths if path not in heads],
                )
            counts = _counts(connection, number)
            unchanged = len(heads) - counts.get(Change.ADDED, 0) - counts.get(Change.CHANGED, 0)
            connection.execute(
                "UPDATE imports SET finished = ?, added = ?, changed = ?, removed = ?, unchanged = ? WHERE id = ?",
                (_now(), *(counts.get(change, 0) for change in Change), unchanged, number),
            )
        return next(each for each in self.history() if each.id == number)

    def history(self) -> list[ImportInfo]:
        """All imports, the latest first; also those that were broken off."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT id, kind, name, version, CASE finished WHEN '' THEN began ELSE finished END, added, changed,
                       removed, unchanged, file, sha256, collection, finished <> ''
                FROM imports ORDER BY 5 DESC, id DESC
                """
            ).fetchall()
        return [ImportInfo.model_validate(dict(zip(ImportInfo.model_fields, row, strict=True))) for row in rows]

    def changes(self, number: int, limit: int = -1) -> list[ImportChange]:
        """What an import changes, removals and changes before additions; all of it when `limit` is negative."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT change, path, title FROM import_changes WHERE import_id = ? ORDER BY change DESC, path LIMIT ?",
                (number, limit),
            ).fetchall()
        return [ImportChange(change=Change(change), path=path, title=title) for change, path, title in rows]

    def write_download(self, sent: DownloadInfo, etag: str = "", last_modified: str = "") -> None:
        """Enter what left the machine into the ledger."""
        with self._database.write() as connection:
            connection.execute(
                """
                INSERT INTO downloads (at, kind, host, address, bytes_sent, bytes_received, sha256, outcome, etag,
                                       last_modified)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    sent.at.isoformat(),
                    sent.kind,
                    sent.host,
                    sent.address,
                    sent.bytes_sent,
                    sent.bytes_received,
                    sent.sha256,
                    sent.outcome,
                    etag,
                    last_modified,
                ),
            )

    def downloads(self) -> list[DownloadInfo]:
        """What left the machine for knowledge, the latest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT at, kind, host, address, bytes_sent, bytes_received, sha256, outcome FROM downloads
                ORDER BY id DESC
                """
            ).fetchall()
        return [DownloadInfo.model_validate(dict(zip(DownloadInfo.model_fields, row, strict=True))) for row in rows]

    def validators(self, address: str) -> tuple[str, str, str]:
        """SHA-256, ETag and Last-Modified of what was last downloaded whole from an address; empty when unknown."""
        with self._database.read() as connection:
            row = connection.execute(
                """
                SELECT sha256, etag, last_modified FROM downloads WHERE address = ? AND outcome = 'downloaded'
                ORDER BY id DESC LIMIT 1
                """,
                (address,),
            ).fetchone()
        return (row[0], row[1], row[2]) if row else ("", "", "")


def _counts(connection: sqlite3.Connection, number: int) -> dict[Change, int]:
    rows: Iterable[tuple[str, int]] = connection.execute(
        "SELECT change, count(*) FROM import_changes WHERE import_id = ? GROUP BY change", (number,)
    )
    return {Change(change): count for change, count in rows}


def _now() -> str:
    return datetime.now(UTC).isoformat()
