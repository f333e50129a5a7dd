"""Read, change and delete a record by its number only for those it belongs to: the owner is part of the query."""

import sqlite3
from dataclasses import dataclass

READABLE = """
SELECT id, title, amount FROM invoices WHERE id = :id
AND (owner = :user OR EXISTS (SELECT 1 FROM shares WHERE invoice = invoices.id AND user = :user))
"""
"""Who may read: the owner, and those it was shared with."""

OWNED_CHANGE = "UPDATE invoices SET title = :title WHERE id = :id AND owner = :user"
"""Who may change: the owner. Checked in the statement that changes, so nothing can happen between."""

OWNED_DELETE = "DELETE FROM invoices WHERE id = :id AND owner = :user"
"""Who may delete: the owner."""


TOO_LARGE = 2**63
"""Numbers that SQLite has no place for; a path such as /invoices/99999999999999999999 brings them."""


class NoSuchRecordError(LookupError):
    """Answer 404, for a record that does not exist and for one of somebody else alike."""

    def __init__(self) -> None:
        super().__init__("there is no such record")


@dataclass(frozen=True)
class Invoice:
    """What is shown of an invoice."""

    id: int
    title: str
    amount: int


def own_record(database: sqlite3.Connection, user: str, number: int) -> Invoice:
    """The invoice `number` when `user` may read it; raises NoSuchRecordError when not, or when there is none.

    `user` is who is signed in, from the session or token, never from the request's path, query, body or headers.
    """
    if abs(number) >= TOO_LARGE:
        raise NoSuchRecordError
    row = database.execute(READABLE, {"id": number, "user": user}).fetchone()
    if row is None:
        raise NoSuchRecordError
    return Invoice(*row)


def own_records(database: sqlite3.Connection, user: str, numbers: list[int]) -> list[Invoice]:
    """The invoices `numbers`, in that order; raises NoSuchRecordError when `user` may not read a single one of them."""
    return [own_record(database, user, number) for number in numbers]


def rename_own_record(database: sqlite3.Connection, user: str, number: int, title: str) -> None:
    """Give the invoice `number` of `user` another title; raises NoSuchRecordError when it is not his to change."""
    _change(database, OWNED_CHANGE, number, {"id": number, "user": user, "title": title})


def delete_own_record(database: sqlite3.Connection, user: str, number: int) -> None:
    """Delete the invoice `number` of `user`; raises NoSuchRecordError when it is not his to delete."""
    _change(database, OWNED_DELETE, number, {"id": number, "user": user})


def _change(database: sqlite3.Connection, statement: str, number: int, values: dict[str, object]) -> None:
    with database:
        if abs(number) >= TOO_LARGE or database.execute(statement, values).rowcount != 1:
            raise NoSuchRecordError
