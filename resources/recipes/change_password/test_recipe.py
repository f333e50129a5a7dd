import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from . import recipe
from .recipe import SCHEMA, PasswordNotChangedError, change_password

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
OLD, NEW = "seven quiet lamps", "nine loud drums"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setattr(recipe, "HASHER", CHEAP)
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.executescript(SCHEMA)
        opened.execute("INSERT INTO users VALUES ('ann', ?), ('bob', ?)", (CHEAP.hash(OLD), CHEAP.hash(OLD)))
        for session, user in (("here", "ann"), ("phone", "ann"), ("thief", "ann"), ("home", "bob")):
            opened.execute("INSERT INTO sessions VALUES (?, ?)", (sha256(session.encode()).hexdigest(), user))
        opened.execute("INSERT INTO reset_tokens VALUES ('a', 'ann'), ('b', 'bob')")
        opened.commit()
        yield opened


def accept(_: str) -> None:
    pass


def state(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [
        row for table in ("users", "sessions", "reset_tokens") for row in database.execute(f"SELECT * FROM {table}")
    ]


def test_the_new_password_is_stored_hashed(database: sqlite3.Connection) -> None:
    change_password(database, "ann", "here", OLD, NEW, accept)
    stored = database.execute("SELECT password FROM users WHERE id = 'ann'").fetchone()[0]
    assert CHEAP.verify(stored, NEW)
    with pytest.raises(VerifyMismatchError):
        CHEAP.verify(stored, OLD)
    assert not database.in_transaction


def test_others_keep_their_sessions_and_passwords(database: sqlite3.Connection) -> None:
    change_password(database, "ann", "here", OLD, NEW, accept)
    assert database.execute("SELECT count(*) FROM sessions WHERE user = 'bob'").fetchone() == (1,)
    assert database.execute("SELECT digest FROM reset_tokens").fetchall() == [("b",)]
    assert CHEAP.verify(database.execute("SELECT password FROM users WHERE id = 'bob'").fetchone()[0], OLD)


def test_attack_every_other_session_ends(database: sqlite3.Connection) -> None:
    change_password(database, "ann", "here", OLD, NEW, accept)
    left = database.execute("SELECT digest FROM sessions WHERE user = 'ann'").fetchall()
    assert left == [(sha256(b"here").hexdigest(),)]


@pytest.mark.parametrize("guess", ["", "wrong", OLD + " ", OLD.upper(), "\ud800"])
def test_attack_without_the_old_password_nothing_changes(database: sqlite3.Connection, guess: str) -> None:
    before = state(database)
    with pytest.raises(PasswordNotChangedError, match="old password"):
        change_password(database, "ann", "here", guess, NEW, accept)
    assert state(database) == before


def test_attack_a_weak_or_unchanged_password_is_not_taken(database: sqlite3.Connection) -> None:
    def refuse(_: str) -> None:
        raise ValueError("too weak")

    before = state(database)
    with pytest.raises(ValueError, match="too weak"):
        change_password(database, "ann", "here", OLD, NEW, refuse)
    with pytest.raises(PasswordNotChangedError, match="old one"):
        change_password(database, "ann", "here", OLD, OLD, accept)
    assert state(database) == before


def test_attack_of_two_changes_at_once_only_the_first_counts(database: sqlite3.Connection) -> None:
    def meanwhile(_: str) -> None:
        change_password(database, "ann", "phone", OLD, "ten slow trains", accept)

    with pytest.raises(PasswordNotChangedError, match="meantime"):
        change_password(database, "ann", "here", OLD, NEW, meanwhile)
    stored = database.execute("SELECT password FROM users WHERE id = 'ann'").fetchone()[0]
    assert CHEAP.verify(stored, "ten slow trains")


def test_attack_when_one_step_fails_none_is_done(database: sqlite3.Connection) -> None:
    database.execute("DROP TABLE reset_tokens")
    with pytest.raises(sqlite3.OperationalError):
        change_password(database, "ann", "here", OLD, NEW, accept)
    assert CHEAP.verify(database.execute("SELECT password FROM users WHERE id = 'ann'").fetchone()[0], OLD)
    assert database.execute("SELECT count(*) FROM sessions WHERE user = 'ann'").fetchone() == (3,)


def test_an_account_that_is_gone_is_told(database: sqlite3.Connection) -> None:
    with pytest.raises(PasswordNotChangedError, match="no such account"):
        change_password(database, "eve", "here", OLD, NEW, accept)


def test_attack_an_account_without_a_usable_hash_is_refused(database: sqlite3.Connection) -> None:
    database.execute("UPDATE users SET password = '' WHERE id = 'ann'")
    database.commit()
    with pytest.raises(PasswordNotChangedError):
        change_password(database, "ann", "here", "", NEW, accept)


def test_it_is_one_transaction_in_autocommit_too(database: sqlite3.Connection) -> None:
    database.isolation_level = None
    before = state(database)
    database.execute("CREATE TRIGGER full BEFORE DELETE ON sessions BEGIN SELECT raise(ABORT, 'disk full'); END")
    with pytest.raises(sqlite3.Error, match="full"):
        change_password(database, "ann", "here", OLD, NEW, accept)
    assert state(database) == before
