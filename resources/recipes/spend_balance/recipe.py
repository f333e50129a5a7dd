"""Take an amount from an account once, and never more than is there, however many requests come at the same time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

MAX_AMOUNT = 1_000_000_00
"""Largest amount of one payment, in cents."""

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0)) STRICT;
CREATE TABLE payments (
    request TEXT PRIMARY KEY, account INTEGER NOT NULL REFERENCES accounts, amount INTEGER NOT NULL CHECK (amount > 0)
) STRICT;
"""
"""The database refuses too: no negative balance, no request twice."""


class PaymentRefusedError(ValueError):
    """The amount is no sensible one, the balance does not suffice, or the request id was used for something else."""


def spend_balance(connection: sqlite3.Connection, account: int, amount: int, request: str) -> bool:
    """Take `amount` cents from `account`, and say whether this call did it: False when the same request did before.

    `request` is an id that the client makes once per payment and sends again when it tries again. The check and the
    change are one UPDATE, so nobody can come between them. Raises PaymentRefusedError, and then nothing has changed.
    """
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise PaymentRefusedError("the amount is not between one cent and the limit")
    if not 16 <= len(request) <= 100:
        raise PaymentRefusedError("the request id has 16 to 100 characters")
    with _transaction(connection):
        made = connection.execute(
            "INSERT INTO payments (request, account, amount) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (request, account, amount),
        )
        if made.rowcount == 0:
            before = connection.execute("SELECT account, amount FROM payments WHERE request = ?", (request,)).fetchone()
            if before != (account, amount):
                raise PaymentRefusedError("the request id was used for another payment")
            return False
        changed = connection.execute(
            "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?", (amount, account, amount)
        )
        if changed.rowcount != 1:
            raise PaymentRefusedError("there is no such account, or its balance does not suffice")
    return True


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. IMMEDIATE takes the lock for writing at once, instead of failing half way."""
    if connection.in_transaction:
        raise RuntimeError("a payment is a transaction of its own")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
