import hashlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.database import Database, DatabaseError
from workbench.core.migrations import MIGRATIONS


def make_words(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE words (word TEXT)")


def make_numbers(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE numbers (number INTEGER)")


def words(database: Database) -> list[str]:
    with database.read() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY rowid")]


def add_then(database: Database, word: str, action: Callable[[], object]) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES (?)", (word,))
        action()


@pytest.fixture
def database(tmp_path: Path):
    with Database(tmp_path / "data" / "library.db", [make_words]) as opened:
        yield opened


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    for word in ("first", "second"):
        with Database(tmp_path / "library.db", [make_words]) as database, database.write() as connection:
            connection.execute("INSERT INTO words VALUES (?)", (word,))
    with Database(tmp_path / "library.db", [make_words]) as database:
        assert words(database) == ["first", "second"]


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(KeyError):
        add_then(database, "lost", {}.popitem)
    assert words(database) == []
    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('kept')")
    assert words(database) == ["kept"]


def test_a_reader_sees_one_state_while_a_writer_commits(database: Database) -> None:
    with database.read() as reader:
        assert reader.execute("SELECT count(*) FROM words").fetchone() == (0,)
        with database.write() as writer:
            writer.execute("INSERT INTO words VALUES ('new')")
        assert reader.execute("SELECT count(*) FROM words").fetchone() == (0,)
    assert words(database) == ["new"]


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseError, match="may not be written"), database.read() as connection:
        connection.execute("INSERT INTO words VALUES ('smuggled')")
    assert words(database) == []


def test_writers_in_many_threads_lose_nothing(database: Database) -> None:
    def add(name: str) -> None:
        for number in range(20):
            with database.write() as connection:
                connection.execute("INSERT INTO words VALUES (?)", (f"{name}{number}",))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(words(database)) == sorted(f"{name}{number}" for name in "abcd" for number in range(20))


def test_a_write_inside_a_write_is_refused_and_undone(database: Database) -> None:
    with pytest.raises(RuntimeError, match="open in this thread"):
        add_then(database, "outer", lambda: add_then(database, "inner", int))
    assert words(database) == []


def test_a_second_instance_is_told_so_and_harms_nothing(database: Database) -> None:
    with pytest.raises(DatabaseError, match="Another workbench has the library"):
        Database(database.path, [make_words]).open()
    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('still here')")
    assert words(database) == ["still here"]


def test_a_library_closed_in_another_thread_is_free_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db", [make_words])
    opening = threading.Thread(target=database.open)
    opening.start()
    opening.join()
    database.close()
    with Database(tmp_path / "library.db", [make_words]) as again:
        assert words(again) == []


def test_new_migrations_are_applied_to_an_old_library_once(tmp_path: Path) -> None:
    with Database(tmp_path / "library.db", [make_words]) as database, database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('old')")
    for _ in range(2):
        with Database(tmp_path / "library.db", [make_words, make_numbers]) as database:
            assert words(database) == ["old"]
            assert database.schema_version() == 2


def test_a_failing_migration_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    def break_off(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE words")
        raise ValueError("half way")

    with Database(tmp_path / "library.db", [make_words]) as database, database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('old')")
    with pytest.raises(ValueError, match="half way"):
        Database(tmp_path / "library.db", [make_words, break_off]).open()
    with Database(tmp_path / "library.db", [make_words]) as database:
        assert words(database) == ["old"]


def test_a_newer_library_is_refused_without_touching_it(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Database(path, [make_words, make_numbers]):
        pass
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(DatabaseError, match="newer workbench"):
        Database(path, [make_words]).open()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_file_that_is_no_library_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("this is a shopping list\n" * 100)
    with pytest.raises(DatabaseError, match="is not a library"):
        Database(path).open()
    assert path.read_text().startswith("this is a shopping list")


def test_a_full_disk_is_one_sentence_and_nothing_stored_is_lost(database: Database) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO words VALUES ('stored')")
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with database.write() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DatabaseError, match="disk is full"), database.write() as connection:
        connection.execute("INSERT INTO words VALUES (?)", ("x" * 1_000_000,))
    assert words(database) == ["stored"]


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "library.db")
    with pytest.raises(DatabaseError, match="is closed"), database.write():
        pass
    with pytest.raises(DatabaseError, match="is closed"), database.read():
        pass


def test_a_program_killed_in_a_transaction_leaves_the_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    script = """
import os, sys
from pathlib import Path
from workbench.core.database import Database
database = Database(Path(sys.argv[1]), [lambda c: c.execute("CREATE TABLE words (word TEXT)")])
database.open()
with database.write() as connection:
    connection.execute("INSERT INTO words VALUES ('kept')")
with database.write() as connection:
    connection.execute("INSERT INTO words VALUES ('lost')")
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == 9
    with Database(path, [make_words]) as database:
        assert words(database) == ["kept"]


def test_each_migration_carries_its_number(tmp_path: Path) -> None:
    assert [step.__name__[:4] for step in MIGRATIONS] == [f"m{number:03d}" for number in range(1, len(MIGRATIONS) + 1)]
    with Database(tmp_path / "library.db") as database:
        assert database.schema_version() == len(MIGRATIONS)
