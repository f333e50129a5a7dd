import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from .recipe import MAX_AMOUNT, SCHEMA, PaymentRefusedError, spend_balance


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "bank.db"
    with closing(sqlite3.connect(found)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO accounts VALUES (1, 1000)")
        connection.commit()
    return found


@pytest.fixture
def bank(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def balance(bank: sqlite3.Connection) -> int:
    return int(bank.execute("SELECT balance FROM accounts WHERE id = 1").fetchone()[0])


def payment(number: int) -> str:
    return f"payment-{number:016}"


def test_an_amount_is_taken_once_per_request(bank: sqlite3.Connection) -> None:
    assert spend_balance(bank, 1, 400, payment(1)) is True
    assert spend_balance(bank, 1, 400, payment(1)) is False
    assert balance(bank) == 600
    assert spend_balance(bank, 1, 600, payment(2)) is True
    assert balance(bank) == 0


def test_attack_requests_at_the_same_time_take_no_more_than_is_there(path: Path, bank: sqlite3.Connection) -> None:
    def pay(number: int) -> bool:
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            try:
                return spend_balance(connection, 1, 300, payment(number))
            except PaymentRefusedError:
                return False

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(pay, range(12)))
    assert sum(done) == 3
    assert balance(bank) == 100


def test_attack_the_same_request_at_the_same_time_counts_once(path: Path, bank: sqlite3.Connection) -> None:
    def pay(_: int) -> bool:
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            return spend_balance(connection, 1, 300, payment(1))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(pay, range(8))) == 1
    assert balance(bank) == 700


@pytest.mark.parametrize("amount", [0, -100, MAX_AMOUNT + 1, 2**63, 1.5, True, "1", float("nan")])
def test_attack_an_amount_that_is_none_is_refused(bank: sqlite3.Connection, amount: int) -> None:
    with pytest.raises(PaymentRefusedError, match="amount"):
        spend_balance(bank, 1, amount, payment(1))
    assert balance(bank) == 1000


@pytest.mark.parametrize(("account", "amount"), [(1, 1001), (2, 1)])
def test_attack_a_payment_that_is_not_covered_leaves_nothing_behind(
    bank: sqlite3.Connection, account: int, amount: int
) -> None:
    with pytest.raises(PaymentRefusedError, match="suffice"):
        spend_balance(bank, account, amount, payment(1))
    assert balance(bank) == 1000
    assert bank.execute("SELECT count(*) FROM payments").fetchone() == (0,)
    assert not bank.in_transaction


def test_attack_a_request_id_cannot_be_used_for_another_payment(bank: sqlite3.Connection) -> None:
    spend_balance(bank, 1, 100, payment(1))
    with pytest.raises(PaymentRefusedError, match="another payment"):
        spend_balance(bank, 1, 900, payment(1))
    assert balance(bank) == 900


def test_a_request_id_is_needed_and_a_transaction_of_its_own(bank: sqlite3.Connection) -> None:
    with pytest.raises(PaymentRefusedError, match="request id"):
        spend_balance(bank, 1, 100, "")
    bank.execute("BEGIN")
    with pytest.raises(RuntimeError, match="of its own"):
        spend_balance(bank, 1, 100, payment(1))
    bank.rollback()


def test_attack_the_database_itself_refuses_a_negative_balance(bank: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        bank.execute("UPDATE accounts SET balance = -1")
    bank.rollback()
