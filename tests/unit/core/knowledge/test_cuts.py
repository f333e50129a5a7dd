"""What a change of the library leaves behind when it is cut off after any of its statements: nothing."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.chunker import chunk_document
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.ingest_events import FileState
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.passes import Passes
from workbench.core.knowledge.records import Relation, RelationKind

Change = Callable[[Library], object]


class CutError(BaseException):
    """The end of the program, as seen from inside."""


class CutConnection:
    """A connection that fails for good at the statement after the first `left`."""

    def __init__(self, connection: sqlite3.Connection, left: int) -> None:
        self._connection, self.left = connection, left

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self._count()
        return self._connection.execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self._count()
        return self._connection.executemany(*arguments)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise CutError


def document(path: str, *texts: str, kind: PassageKind = PassageKind.DOCUMENT) -> LoadedDocument:
    blocks = tuple(Block(text=f"{text} " * 150, heading=text) for text in texts)
    relations = (Relation(source="CWE-1", kind=RelationKind.CHILD_OF, target="CWE-2"),) if kind != "document" else ()
    identifiers = ("CWE-1",) if relations else ()
    return LoadedDocument(
        path=path, title=path, media_type="t", blocks=blocks, kind=kind, identifiers=identifiers, relations=relations
    )


def putting(loaded: LoadedDocument) -> Change:
    embedder = WordEmbedder()
    chunks = chunk_document(loaded, embedder)
    vectors = embedder.embed([chunk.embedded_text for chunk in chunks])
    return lambda library: library.replace(loaded, loaded.content_hash, chunks, vectors)


def state(database: Database) -> str:
    """All that the database holds, but for the times of day."""
    with database.read() as connection:
        lines = [line for line in _dump(connection) if "sqlite_sequence" not in line]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _dump(connection: sqlite3.Connection) -> Iterator[str]:
    for table in ("meta", "documents", "chunks", "vectors", "removed_chunks", "records", "relations", "passes"):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        timeless = [name for name in columns if name not in {"ingested_at", "started", "ended"}]
        for row in connection.execute(f"SELECT {', '.join(timeless)} FROM {table} ORDER BY {', '.join(timeless)}"):
            if not (table == "meta" and row[0] == "library_id"):
                yield f"{table} {row}"


CHANGES: dict[str, Change] = {
    "a new document": putting(document("new", "one", "two", "three")),
    "a changed document": putting(document("old", "one", "zwei", "three", "four")),
    "an unchanged document": putting(document("old", "one", "two", "three")),
    "a changed record": putting(document("record", "one", "zwei", kind=PassageKind.WEAKNESS)),
    "a failure": lambda library: library.record_failure("old", "It is broken."),
    "a removal": lambda library: library.remove_all([each.id for each in library.documents()]),
    "a whole collection": lambda library: library.set_whole("library", "digest"),
    "a pass": lambda library: Passes(library._database).ended(
        Passes(library._database).began([Path("/")], "library"), {FileState.ADDED: 1}, False
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_that_is_cut_off_leaves_nothing_and_comes_to_the_same_end_when_repeated(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _filled(tmp_path / "clean.db") as library:
        CHANGES[what](library)
        expected = state(library._database)
    with _filled(tmp_path / "cut.db") as library:
        database = library._database
        for statements in range(1_000):
            before = state(database)
            with monkeypatch.context() as patch:
                patch.setattr(database, "write", _cutting(database.write, statements))
                try:
                    CHANGES[what](library)
                    break
                except CutError:
                    if what != "a pass":  # begun and not ended, which is two changes
                        assert state(database) == before
            with database.read() as connection:
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert statements > 1
        if what != "a pass":
            assert state(database) == expected


@contextmanager
def _filled(path: Path) -> Iterator[Library]:
    with Database(path) as database:
        library = Library(database, space_of(WordEmbedder()))
        putting(document("old", "one", "two", "three"))(library)
        putting(document("record", "one", "two", kind=PassageKind.WEAKNESS))(library)
        yield library


def _cutting(
    write: Callable[[], AbstractContextManager[sqlite3.Connection]], statements: int
) -> Callable[[], AbstractContextManager[CutConnection]]:
    @contextmanager
    def cut() -> Iterator[CutConnection]:
        with write() as connection:
            yield CutConnection(connection, statements)

    return cut
