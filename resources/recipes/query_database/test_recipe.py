import sqlite3
from collections.abc import Iterator

import pytest

from .recipe import find_users


@pytest.fixture
def users() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created INTEGER)")
    names = ["Ann", "Bob", "100 % Carl", "Dirk O'Neil"]
    connection.executemany("INSERT INTO users (name, created) VALUES (?, ?)", [(n, i) for i, n in enumerate(names)])
    yield connection
    connection.close()


def test_it_finds_by_part_of_the_name_in_the_order_asked_for(users: sqlite3.Connection) -> None:
    assert find_users(users, "nn") == [(1, "Ann")]
    assert [row[0] for row in find_users(users, "", sort="newest")] == [4, 3, 2, 1]


def test_a_quote_in_a_name_is_found_as_it_stands(users: sqlite3.Connection) -> None:
    assert find_users(users, "O'Neil") == [(4, "Dirk O'Neil")]


@pytest.mark.parametrize("attack", ["' OR '1'='1", "x' UNION SELECT id, name FROM users --", "'; DROP TABLE users; --"])
def test_attack_sql_in_the_value_finds_nothing_and_changes_nothing(users: sqlite3.Connection, attack: str) -> None:
    assert find_users(users, attack) == []
    assert len(find_users(users, "")) == 4


def test_attack_sql_in_the_sort_order_is_refused(users: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="sort by one of"):
        find_users(users, "", sort="name; DROP TABLE users")


def test_attack_a_wildcard_is_no_way_to_list_everyone(users: sqlite3.Connection) -> None:
    assert find_users(users, "%") == [(3, "100 % Carl")]
    assert find_users(users, "_nn") == []


@pytest.mark.parametrize("name", ["\0", "\0zzz", "Ann\0", "\ud800"])
def test_attack_a_nul_does_not_end_the_pattern_and_half_a_sign_does_not_break_it(
    users: sqlite3.Connection, name: str
) -> None:
    assert find_users(users, name) == []
