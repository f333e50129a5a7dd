import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import Invoice, NoSuchRecordError, delete_own_record, own_record, own_records, rename_own_record


def filled() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.executescript("""
        CREATE TABLE invoices (id INTEGER PRIMARY KEY, owner TEXT, title TEXT, amount INTEGER);
        CREATE TABLE shares (invoice INTEGER, user TEXT);
        INSERT INTO invoices VALUES (1, 'ann', 'paper', 10), (2, 'bob', 'ink', 20), (3, 'bob', 'pens', 30);
        INSERT INTO shares VALUES (3, 'ann');
    """)
    return database


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(filled()) as opened:
        yield opened


def table(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    return database.execute("SELECT * FROM invoices ORDER BY id").fetchall()


def test_the_owner_reads_changes_and_deletes(database: sqlite3.Connection) -> None:
    assert own_record(database, "ann", 1) == Invoice(1, "paper", 10)
    rename_own_record(database, "ann", 1, "card")
    assert own_record(database, "ann", 1).title == "card"
    delete_own_record(database, "ann", 1)
    with pytest.raises(NoSuchRecordError):
        own_record(database, "ann", 1)
    assert len(table(database)) == 2
    assert not database.in_transaction


def test_who_it_was_shared_with_reads_it(database: sqlite3.Connection) -> None:
    assert own_records(database, "ann", [3, 1]) == [Invoice(3, "pens", 30), Invoice(1, "paper", 10)]


def test_attack_another_number_in_the_address_shows_nothing(database: sqlite3.Connection) -> None:
    with pytest.raises(NoSuchRecordError):
        own_record(database, "ann", 2)


def test_attack_the_answer_does_not_tell_which_records_exist(database: sqlite3.Connection) -> None:
    answers = []
    for number in (2, 999):
        with pytest.raises(NoSuchRecordError) as refused:
            own_record(database, "ann", number)
        answers.append(str(refused.value))
    assert len(set(answers)) == 1


def test_attack_one_foreign_record_among_own_ones_spoils_the_lot(database: sqlite3.Connection) -> None:
    with pytest.raises(NoSuchRecordError):
        own_records(database, "ann", [1, 2])


@pytest.mark.parametrize("number", [2, 3])
def test_attack_reading_a_shared_record_is_not_changing_it(database: sqlite3.Connection, number: int) -> None:
    before = table(database)
    with pytest.raises(NoSuchRecordError):
        rename_own_record(database, "ann", number, "mine")
    with pytest.raises(NoSuchRecordError):
        delete_own_record(database, "ann", number)
    assert table(database) == before


@pytest.mark.parametrize("user", ["", "ANN", "ann' OR '1'='1", "%", "a_n"])
def test_attack_an_odd_user_owns_nothing(database: sqlite3.Connection, user: str) -> None:
    with pytest.raises(NoSuchRecordError):
        own_record(database, user, 1)


@given(st.sampled_from(["ann", "bob", "eve"]), st.integers(0, 5), st.booleans())
def test_nobody_changes_what_is_not_his(user: str, number: int, delete: bool) -> None:
    with closing(filled()) as database:
        before = [row for row in table(database) if row[1] != user]
        try:
            if delete:
                delete_own_record(database, user, number)
            else:
                rename_own_record(database, user, number, "changed")
        except NoSuchRecordError:
            assert table(database) == table(database)
        assert [row for row in table(database) if row[1] != user] == before


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_attack_a_number_too_large_for_the_database_is_no_record(database: sqlite3.Connection, number: int) -> None:
    for attempt in (
        lambda: own_record(database, "ann", number),
        lambda: rename_own_record(database, "ann", number, "x"),
        lambda: delete_own_record(database, "ann", number),
    ):
        with pytest.raises(NoSuchRecordError):
            attempt()
