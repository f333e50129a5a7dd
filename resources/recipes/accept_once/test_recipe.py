import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import SCHEMA, RequestRefusedError, accept_once, forget_requests

KEY = "0b5c4f0e-8f3a-4a3e-9a51-2f1f5be1c001"
PATH = "POST /payments"
BODY = b'{"amount": 100}'


def opened(path: str = ":memory:") -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=10)
    database.executescript(SCHEMA + "CREATE TABLE IF NOT EXISTS payments (amount INTEGER);")
    return database


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    with closing(opened()) as made:
        yield made


def pay(amount: int = 100) -> Callable[[sqlite3.Connection], str]:
    def work(database: sqlite3.Connection) -> str:
        number = database.execute("INSERT INTO payments VALUES (?)", (amount,)).lastrowid
        return f"payment {number}"

    return work


def payments(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM payments").fetchone()[0])


def test_a_request_is_done_and_answered(database: sqlite3.Connection) -> None:
    assert accept_once(database, "ann", KEY, PATH, BODY, 0, pay()) == "payment 1"
    assert accept_once(database, "ann", KEY[:-1] + "2", PATH, BODY, 0, pay()) == "payment 2"
    assert payments(database) == 2
    assert not database.in_transaction


def test_keys_of_two_people_have_nothing_to_do_with_each_other(database: sqlite3.Connection) -> None:
    assert accept_once(database, "ann", KEY, PATH, BODY, 0, pay()) == "payment 1"
    assert accept_once(database, "bob", KEY, PATH, BODY, 0, pay()) == "payment 2"


def test_a_request_that_failed_may_be_tried_again(database: sqlite3.Connection) -> None:
    def fail(inner: sqlite3.Connection) -> str:
        pay()(inner)
        raise ConnectionError("the bank does not answer")

    with pytest.raises(ConnectionError):
        accept_once(database, "ann", KEY, PATH, BODY, 0, fail)
    assert payments(database) == 0
    assert accept_once(database, "ann", KEY, PATH, BODY, 1, pay()) == "payment 1"


def test_old_requests_are_forgotten(database: sqlite3.Connection) -> None:
    accept_once(database, "ann", KEY, PATH, BODY, 10, pay())
    assert forget_requests(database, 10) == 0
    assert forget_requests(database, 11) == 1


def test_attack_a_repeated_request_pays_nothing_and_gets_the_first_answer(database: sqlite3.Connection) -> None:
    answers = {accept_once(database, "ann", KEY, PATH, BODY, now, pay()) for now in range(5)}
    assert answers == {"payment 1"}
    assert payments(database) == 1


def test_attack_the_key_of_one_request_does_not_cover_another(database: sqlite3.Connection) -> None:
    accept_once(database, "ann", KEY, PATH, BODY, 0, pay())
    with pytest.raises(RequestRefusedError, match="another request"):
        accept_once(database, "ann", KEY, PATH, b'{"amount": 1}', 1, pay(1))
    assert payments(database) == 1
    assert not database.in_transaction


def test_attack_of_many_at_the_same_time_one_is_done(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with closing(opened(path)) as database:
        start, answers = threading.Barrier(6), []

        def hammer() -> None:
            with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as own:
                start.wait()
                answers.append(accept_once(own, "ann", KEY, PATH, BODY, 0, pay()))

        threads = [threading.Thread(target=hammer) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == ["payment 1"] * 6
        assert payments(database) == 1


def test_attack_while_one_is_done_another_cannot_look_whether_it_was(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with closing(opened(path)) as database, closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:

        def meanwhile(_: sqlite3.Connection) -> str:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                accept_once(other, "ann", KEY, PATH, BODY, 0, lambda _: "did it twice")
            return "once"

        assert accept_once(database, "ann", KEY, PATH, BODY, 0, meanwhile) == "once"
        assert accept_once(other, "ann", KEY, PATH, BODY, 0, pay()) == "once"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a" * 20 + "\n", "' OR 1=1 --aaaaaaaaaaaa", "ключключключключ"])
def test_attack_a_key_that_is_none_is_refused(database: sqlite3.Connection, key: str) -> None:
    with pytest.raises(RequestRefusedError, match="needs an Idempotency-Key"):
        accept_once(database, "ann", key, PATH, BODY, 0, pay())
    assert payments(database) == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), max_size=6))
def test_as_many_payments_as_different_keys_that_succeeded(requests: list[tuple[str, str, bool]]) -> None:
    def fail(inner: sqlite3.Connection) -> str:
        pay()(inner)
        raise ConnectionError

    done: set[tuple[str, str]] = set()
    with closing(opened()) as database:
        for user, key, works in requests:
            try:
                accept_once(database, user, key * 16, PATH, BODY, 0, pay() if works else fail)
                done.add((user, key))
            except ConnectionError:
                assert (user, key) not in done
        assert payments(database) == len(done)


def test_attack_the_same_body_for_something_else_does_not_get_the_first_answer(database: sqlite3.Connection) -> None:
    accept_once(database, "ann", KEY, "POST /payments/1/refund", b"", 0, pay())
    with pytest.raises(RequestRefusedError, match="another request"):
        accept_once(database, "ann", KEY, "POST /payments/2/refund", b"", 0, pay())
    with pytest.raises(RequestRefusedError, match="another request"):
        accept_once(database, "ann", KEY, "POST /payments/1", b"/refund", 0, pay())


def test_attack_work_that_commits_by_itself_is_noticed_and_still_not_done_twice(database: sqlite3.Connection) -> None:
    def work(database: sqlite3.Connection) -> str:
        with database:
            return pay()(database)

    for _ in range(2):
        with pytest.raises(RuntimeError, match="transaction"):
            accept_once(database, "ann", KEY, PATH, BODY, 0, work)
    assert payments(database) == 1
