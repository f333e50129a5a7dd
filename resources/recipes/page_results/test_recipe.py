import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import MAX_SIZE, PageRefusedError, page_results

SECRET = b"s" * 32


def filled(times: list[int]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE invoices (id INTEGER PRIMARY KEY, owner TEXT, created INTEGER, title TEXT)")
    rows = [("ann", time, f"a{number}") for number, time in enumerate(times)]
    database.executemany("INSERT INTO invoices (owner, created, title) VALUES (?, ?, ?)", rows)
    database.execute("INSERT INTO invoices (owner, created, title) VALUES ('bob', 5, 'b'), ('bob', 4, 'c')")
    return database


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(filled([1, 2, 2, 2, 3, 9])) as opened:
        yield opened


def test_a_page_ends_where_the_next_begins(database: sqlite3.Connection) -> None:
    first = page_results(database, "ann", 4, None, SECRET)
    assert [row[2] for row in first.rows] == ["a5", "a4", "a3", "a2"]
    second = page_results(database, "ann", 4, first.cursor, SECRET)
    assert [row[2] for row in second.rows] == ["a1", "a0"]
    assert second.cursor is None
    assert page_results(database, "nobody", 4, None, SECRET).rows == []


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 5))
def test_all_pages_together_are_the_list_once(times: list[int], size: int) -> None:
    with closing(filled(times)) as database:
        seen, cursor = [], None
        while True:
            page = page_results(database, "ann", size, cursor, SECRET)
            assert len(page.rows) <= size
            seen += page.rows
            if page.cursor is None:
                break
            cursor = page.cursor
            database.execute("INSERT INTO invoices (owner, created, title) VALUES ('ann', 99, 'new')")
    assert [row[0] for row in seen] == sorted(times, reverse=True)
    assert len({row[1] for row in seen}) == len(times)


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1, 10**9])
def test_attack_a_page_of_any_size_is_refused(database: sqlite3.Connection, size: int) -> None:
    with pytest.raises(PageRefusedError, match="1 to"):
        page_results(database, "ann", size, None, SECRET)


def test_attack_the_cursor_of_another_user_shows_nothing(database: sqlite3.Connection) -> None:
    cursor = page_results(database, "bob", 1, None, SECRET).cursor
    assert [row[2] for row in page_results(database, "bob", 1, cursor, SECRET).rows] == ["c"]
    with pytest.raises(PageRefusedError, match="not made here"):
        page_results(database, "ann", 1, cursor, SECRET)


@pytest.mark.parametrize("position", [b"[9, 9]", b"[9, 9] ", b'["9", 9]', b"{}", b"[1e999, 1]", b"' OR 1=1 --"])
def test_attack_a_changed_cursor_is_refused(database: sqlite3.Connection, position: bytes) -> None:
    cursor = page_results(database, "ann", 1, None, SECRET).cursor or ""
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(cursor)[:32] + position).decode()
    if position == b"[9, 9]":
        assert forged != cursor
    with pytest.raises(PageRefusedError, match="not made here"):
        page_results(database, "ann", 1, forged, SECRET)


@given(st.text())
def test_attack_any_other_text_is_no_cursor(text: str) -> None:
    with closing(filled([1])) as database, pytest.raises(PageRefusedError):
        page_results(database, "ann", 1, text, SECRET)


def test_a_short_secret_is_a_mistake_of_the_server(database: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        page_results(database, "ann", 1, None, b"secret")
