"""Sessions kept on the server: a new identifier at each login, an end by idleness, by age and by signing out."""

import hashlib
import secrets
import sqlite3

IDLE_SECONDS = 30 * 60
"""A session that nobody used for so long is over."""

ABSOLUTE_SECONDS = 12 * 60 * 60
"""A session so old is over, however busy: a stolen one does not live for ever."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, user TEXT NOT NULL, created REAL NOT NULL, used REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user);
"""
"""The table. It holds hashes of the identifiers, so that whoever reads it cannot take a session over."""


def start_session(database: sqlite3.Connection, user: str, now: float, old: str | None = None) -> str:
    """A new session of `user`, as the identifier for his cookie; call it after each login and change of rights.

    The session `old` that the browser brought along ends, so an identifier planted before login is worth nothing.
    `now` is the time in seconds.
    """
    identifier = secrets.token_urlsafe(32)
    with database:
        if old is not None:
            database.execute("DELETE FROM sessions WHERE digest = ?", (_digest(old),))
        database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(identifier), user, now, now))
    return identifier


def use_session(database: sqlite3.Connection, identifier: str, now: float) -> str | None:
    """The user whose session this is, noting that it was used; None when there is no such session or it is over.

    Checking and noting are one statement, so a session that ends at the same moment does not come back.
    """
    statement = "UPDATE sessions SET used = max(used, ?) WHERE digest = ? AND used > ? AND created > ? RETURNING user"
    with database:
        row = database.execute(
            statement, (now, _digest(identifier), now - IDLE_SECONDS, now - ABSOLUTE_SECONDS)
        ).fetchone()
    return None if row is None else str(row[0])


def end_session(database: sqlite3.Connection, identifier: str) -> None:
    """Sign out: the identifier is worth nothing from now on, wherever it was copied to."""
    with database:
        database.execute("DELETE FROM sessions WHERE digest = ?", (_digest(identifier),))


def end_all_sessions(database: sqlite3.Connection, user: str) -> int:
    """Sign `user` out on every device, and say how many sessions that were; for a stolen or closed account."""
    with database:
        return database.execute("DELETE FROM sessions WHERE user = ?", (user,)).rowcount


def forget_old_sessions(database: sqlite3.Connection, now: float) -> int:
    """Delete what is over, and say how many that were; run it now and then so that the table does not grow."""
    with database:
        return database.execute(
            "DELETE FROM sessions WHERE used <= ? OR created <= ?", (now - IDLE_SECONDS, now - ABSOLUTE_SECONDS)
        ).rowcount


def _digest(identifier: str) -> str:
    # A fast hash is enough: the identifier has 256 random bits, so there is nothing to guess.
    return hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
