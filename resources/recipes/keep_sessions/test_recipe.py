import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import (
    ABSOLUTE_SECONDS,
    IDLE_SECONDS,
    SCHEMA,
    end_all_sessions,
    end_session,
    forget_old_sessions,
    start_session,
    use_session,
)

NOW = 1_000_000.0


def new_database() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.executescript(SCHEMA)
    return database


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(new_database()) as opened:
        yield opened


def test_a_session_belongs_to_its_user_until_he_signs_out(database: sqlite3.Connection) -> None:
    session = start_session(database, "ann", NOW)
    other = start_session(database, "bob", NOW)
    assert use_session(database, session, NOW + 1) == "ann"
    end_session(database, session)
    assert use_session(database, session, NOW + 2) is None
    assert use_session(database, other, NOW + 2) == "bob"


def test_use_keeps_a_session_alive(database: sqlite3.Connection) -> None:
    session = start_session(database, "ann", NOW)
    for minutes in range(20, 200, 20):
        assert use_session(database, session, NOW + 60 * minutes) == "ann"


def test_all_sessions_of_one_user_end_together(database: sqlite3.Connection) -> None:
    mine = [start_session(database, "ann", NOW) for _ in range(3)]
    other = start_session(database, "bob", NOW)
    assert end_all_sessions(database, "ann") == 3
    assert [use_session(database, session, NOW) for session in mine] == [None] * 3
    assert use_session(database, other, NOW) == "bob"


def test_what_is_over_is_forgotten_and_nothing_else(database: sqlite3.Connection) -> None:
    start_session(database, "ann", NOW)
    young = start_session(database, "bob", NOW + IDLE_SECONDS)
    assert forget_old_sessions(database, NOW + IDLE_SECONDS) == 1
    assert use_session(database, young, NOW + IDLE_SECONDS) == "bob"


def test_attack_a_session_planted_before_login_is_worth_nothing_after_it(database: sqlite3.Connection) -> None:
    planted = start_session(database, "guest", NOW)
    session = start_session(database, "ann", NOW + 1, old=planted)
    assert session != planted
    assert use_session(database, planted, NOW + 2) is None
    assert use_session(database, session, NOW + 2) == "ann"


@pytest.mark.parametrize("identifier", ["", "guess", "' OR '1'='1", "\udcff", "a" * 10_000])
def test_attack_an_identifier_that_was_never_given_out_is_refused(
    database: sqlite3.Connection, identifier: str
) -> None:
    start_session(database, "ann", NOW)
    assert use_session(database, identifier, NOW) is None


def test_attack_an_idle_session_is_over_and_stays_over(database: sqlite3.Connection) -> None:
    session = start_session(database, "ann", NOW)
    assert use_session(database, session, NOW + IDLE_SECONDS) is None
    assert use_session(database, session, NOW + IDLE_SECONDS + 1) is None


def test_attack_a_stolen_session_kept_busy_still_ends(database: sqlite3.Connection) -> None:
    session = start_session(database, "ann", NOW)
    now = NOW
    while now + IDLE_SECONDS / 2 < NOW + ABSOLUTE_SECONDS:
        now += IDLE_SECONDS / 2
        assert use_session(database, session, now) == "ann"
    assert use_session(database, session, NOW + ABSOLUTE_SECONDS) is None


def test_attack_the_table_holds_nothing_that_opens_a_session(database: sqlite3.Connection) -> None:
    session = start_session(database, "ann", NOW)
    rows = database.execute("SELECT * FROM sessions").fetchall()
    assert session not in str(rows)
    assert use_session(database, rows[0][0], NOW) is None


@given(st.lists(st.integers(1, 3 * IDLE_SECONDS), max_size=10))
def test_a_session_never_comes_back(waits: list[int]) -> None:
    with closing(new_database()) as database:
        session, now, over = start_session(database, "ann", NOW), NOW, False
        for wait in waits:
            now += wait
            answer = use_session(database, session, now)
            assert not (over and answer), "it came back"
            over = over or answer is None
