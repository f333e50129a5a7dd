"""Do a request that must not happen twice, such as a payment, once: the key and the work in one transaction."""

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
"""What an Idempotency-Key looks like; a UUID does."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    user TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT, time REAL NOT NULL,
    PRIMARY KEY (user, key)
) STRICT;
"""
"""What was done. The primary key makes it impossible that two do the same at the same time."""


class RequestRefusedError(ValueError):
    """The request is not done; answer 422. The text says why."""


def accept_once(
    database: sqlite3.Connection,
    user: str,
    key: str,
    target: str,
    body: bytes,
    now: float,
    work: Callable[[sqlite3.Connection], str],
) -> str:
    """The answer of `work`, done now or, when `user` sent the same request with the same `key` before, done then.

    `key` is the header Idempotency-Key, `user` who is signed in, `target` method and path, such as "POST /payments",
    `now` the time in seconds. `work` makes its changes in the transaction that it is given, and neither commits nor
    rolls back: when it raises, nothing is kept and the caller may try again. `database` is opened with
    isolation_level=None. Raises RequestRefusedError for a key that is none or came with another request.
    """
    if not KEY.fullmatch(key):
        raise RequestRefusedError("a request of this kind needs an Idempotency-Key of 16 to 64 letters and digits")
    request = target.encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(len(request).to_bytes(8, "big") + request + body).hexdigest()
    with _transaction(database):
        row = database.execute("SELECT digest, answer FROM requests WHERE user = ? AND key = ?", (user, key)).fetchone()
        if row is not None:
            if row[0] != digest:
                raise RequestRefusedError("this Idempotency-Key came with another request")
            if row[1] is None:
                raise RuntimeError("work has ended the transaction that it was given, so its answer is not known")
            return str(row[1])
        # The key first, so that even work which commits by itself is not done a second time.
        database.execute("INSERT INTO requests VALUES (?, ?, ?, NULL, ?)", (user, key, digest, now))
        answer = work(database)
        if not database.in_transaction:
            raise RuntimeError("work has ended the transaction that it was given")
        database.execute("UPDATE requests SET answer = ? WHERE user = ? AND key = ?", (answer, user, key))
    return answer


def forget_requests(database: sqlite3.Connection, before: float) -> int:
    """Forget what was done before a time, and say how many; a key counts for a second request from then on."""
    with _transaction(database):
        return database.execute("DELETE FROM requests WHERE time < ?", (before,)).rowcount


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock before the look-up, so a second request waits here until the first is done.
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if database.in_transaction:  # SQLite has ended it by itself when the disk is full.
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
