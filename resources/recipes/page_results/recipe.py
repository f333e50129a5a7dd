"""Show a long list page by page: bounded pages, each after the last row seen, with a cursor nobody can forge."""

import base64
import hashlib
import hmac
import json
import sqlite3
from dataclasses import dataclass

MAX_SIZE = 100
"""Most rows on a page, whatever is asked for."""

FIRST = "SELECT created, id, title FROM invoices WHERE owner = ? ORDER BY created DESC, id DESC LIMIT ?"
"""The first page. The rows are the owner's, and their order is complete: id decides where times are the same."""

AFTER = """
SELECT created, id, title FROM invoices WHERE owner = ? AND (created, id) < (?, ?)
ORDER BY created DESC, id DESC LIMIT ?
"""
"""A later page. An index on (owner, created, id) finds its beginning at once; OFFSET would count all rows before it."""


class PageRefusedError(ValueError):
    """The page asked for is none of ours; answer 400."""


@dataclass(frozen=True)
class Page:
    """Rows of created, id and title; `cursor` asks for the next page and is None on the last one."""

    rows: list[tuple[int, int, str]]
    cursor: str | None


def page_results(database: sqlite3.Connection, owner: str, size: int, cursor: str | None, secret: bytes) -> Page:
    """At most `size` invoices of `owner`, the newest first, from where `cursor` says.

    `owner` is the signed-in user, never a parameter. Rows that come in between neither repeat nor hide others. Raises
    PageRefusedError for a size outside 1 to MAX_SIZE and for a cursor that was not made for this owner and list.
    """
    if not 1 <= size <= MAX_SIZE:
        raise PageRefusedError(f"a page has 1 to {MAX_SIZE} rows")
    if cursor is None:
        rows = database.execute(FIRST, (owner, size + 1)).fetchall()
    else:
        created, number = _read(cursor, owner, secret)
        rows = database.execute(AFTER, (owner, created, number, size + 1)).fetchall()
    more = len(rows) > size
    return Page(rows[:size], _write(rows[size - 1][:2], owner, secret) if more else None)


def _write(position: tuple[int, int], owner: str, secret: bytes) -> str:
    data = json.dumps(position).encode()
    return base64.urlsafe_b64encode(_mac(data, owner, secret) + data).decode("ascii")


def _read(cursor: str, owner: str, secret: bytes) -> tuple[int, int]:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except ValueError:
        raise PageRefusedError("the cursor was not made here") from None
    if not hmac.compare_digest(raw[:32], _mac(raw[32:], owner, secret)):
        raise PageRefusedError("the cursor was not made here")
    created, number = json.loads(raw[32:])
    return created, number


def _mac(data: bytes, owner: str, secret: bytes) -> bytes:
    if len(secret) < 32:
        raise ValueError("the secret has fewer than 32 bytes")
    # The list's name and the owner are signed too: a cursor of another list or user does not fit.
    message = json.dumps(["invoices by time", owner]).encode() + b"\n" + data
    return hmac.new(secret, message, hashlib.sha256).digest()
