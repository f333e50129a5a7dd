"""The one SQLite file that is the truth: one writer at a time, readers beside it, and its schema kept up to date."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from workbench.core.migrations import MIGRATIONS, Migration
from workbench.core.values import WorkbenchError

BUSY_SECONDS = 5.0
"""How long SQLite waits for another process (a backup, an antivirus) before the sentence about a locked file."""

_SENTENCES: dict[int, str] = {
    sqlite3.SQLITE_FULL: "The disk is full, so nothing more can be stored; free some space and try again",
    sqlite3.SQLITE_BUSY: "The library {path} is locked by another program; close that program and try again",
    sqlite3.SQLITE_LOCKED: "The library {path} is locked by another program; close that program and try again",
    sqlite3.SQLITE_READONLY: "The library {path} may not be written; check the permissions of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "The library {path} cannot be opened; check that its folder exists and is yours",
    sqlite3.SQLITE_IOERR: "The disk failed while the library {path} was used; check the disk and try again",
    sqlite3.SQLITE_CORRUPT: "The library {path} is damaged; put a backup of it back, or move it away to begin anew",
    sqlite3.SQLITE_NOTADB: "{path} is not a library of this program; move it away or set WORKBENCH_HOME elsewhere",
}
"""What SQLite's primary result codes (https://sqlite.org/rescode.html) mean for the analyst."""


class DatabaseError(WorkbenchError):
    """The library's file cannot be used: full disk, locked, damaged, newer, or open in another workbench."""


class Database:
    """One SQLite file in WAL mode. All methods block, so coroutines call them from a thread.

    A commit survives the end of the program at any moment; a power cut may lose the last commits but never tears one
    (synchronous NORMAL in WAL mode, https://sqlite.org/pragma.html#pragma_synchronous).
    """

    def __init__(self, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._instance = FileLock(f"{path}.lock", timeout=0, thread_local=False)
        self._turn = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        self._idle_turn = threading.Lock()

    def open(self) -> None:
        """Take the library for this process and bring its schema up to date.

        Raises DatabaseError when another workbench has it, when a newer program wrote it (the file is not touched
        then), or when it cannot be read or written.
        """
        self._lock_instance()
        try:
            with self._in_words():
                self._refuse_newer()
                self._writer = self._connect(self.path.absolute().as_uri())
                self._writer.execute("PRAGMA journal_mode = WAL")
                self._writer.execute("PRAGMA synchronous = NORMAL")
                self._migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection and give the library free; harmless when it is closed already."""
        with self._turn:
            with self._idle_turn:
                idle, self._idle = self._idle, []
            for connection in [*idle, *([self._writer] if self._writer else [])]:
                connection.close()
            self._writer = None
            self._instance.release()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that cannot write and sees one state of the database from its first query on."""
        with self._in_words():
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.rollback()
                self._give_back(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The writing connection inside one transaction: committed at the end, undone on any error.

        Other writers of this process wait; a second `write` inside the first is a programming error (RuntimeError).
        """
        with self._turn, self._in_words():
            writer = self._require_writer()
            if writer.in_transaction:
                raise RuntimeError("a write transaction is open in this thread already")
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    def schema_version(self) -> int:
        """How many migrations the library has seen."""
        with self.read() as connection:
            return _version(connection)

    def _lock_instance(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._instance.acquire()
        except Timeout as error:
            raise DatabaseError(
                f"Another workbench has the library {self.path} open; close it, "
                "or set WORKBENCH_HOME to another folder for a second one"
            ) from error
        except OSError as error:
            raise DatabaseError(
                f"The folder {self.path.parent} cannot be used ({error.strerror}); check its permissions and its disk"
            ) from error

    def _refuse_newer(self) -> None:
        if not self.path.exists() or self.path.stat().st_size == 0:
            return
        connection = self._connect(f"{self.path.absolute().as_uri()}?mode=ro")
        try:
            version = _version(connection)
        finally:
            connection.close()
        if version > len(self._migrations):
            raise DatabaseError(
                f"The library {self.path} was written by a newer workbench (schema {version}, this one knows "
                f"{len(self._migrations)}); update this program, the library was left as it is"
            )

    def _migrate(self) -> None:
        for number in range(_version(self._require_writer()) + 1, len(self._migrations) + 1):
            with self.write() as connection:
                self._migrations[number - 1](connection)
                connection.execute(f"PRAGMA user_version = {number:d}")

    def _connect(self, uri: str) -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _require_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            raise DatabaseError("The library is closed; open the workbench again")
        return self._writer

    def _take_reader(self) -> sqlite3.Connection:
        with self._idle_turn:
            self._require_writer()
            if self._idle:
                return self._idle.pop()
        return self._connect(f"{self.path.absolute().as_uri()}?mode=ro")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._idle_turn:
            if self._writer is not None:
                self._idle.append(connection)
                return
        connection.close()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            sentence = _SENTENCES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if sentence is None:
                raise
            raise DatabaseError(sentence.format(path=self.path)) from error


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
