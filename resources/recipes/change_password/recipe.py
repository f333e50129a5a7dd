"""Let somebody who is signed in change the password: the old one first, then everything that it opened is closed."""

import hashlib
import sqlite3
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
"""Argon2id with the parameters that argon2-cffi takes from RFC 9106."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, password TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (digest TEXT PRIMARY KEY, user TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reset_tokens (digest TEXT PRIMARY KEY, user TEXT NOT NULL) STRICT;
"""
"""The tables concerned; the first column of the last two is the SHA-256 of what the browser or the mail holds."""


class PasswordNotChangedError(Exception):
    """The password stays as it was; the text says why, for the person who asked."""


def change_password(
    database: sqlite3.Connection, user: str, session: str, old: str, new: str, check_strength: Callable[[str], None]
) -> None:
    """Replace the password of `user` and end every other session and reset link, all together or not at all.

    `user` is who `session` belongs to, never a field of the form. `check_strength` raises for a weak password, and
    what it raises goes on. Raises PasswordNotChangedError when `old` is wrong, when `new` is the same, or when the
    password was changed elsewhere in the meantime.
    """
    row = database.execute("SELECT password FROM users WHERE id = ?", (user,)).fetchone()
    if row is None:
        raise PasswordNotChangedError("there is no such account")
    try:
        HASHER.verify(row[0], _bytes(old))
    except (VerificationError, InvalidHashError):  # the latter for an account that has no password here
        raise PasswordNotChangedError("the old password is wrong") from None
    if new == old:
        raise PasswordNotChangedError("the new password is the old one")
    check_strength(new)
    hashed = HASHER.hash(_bytes(new))
    with database:
        database.execute("BEGIN IMMEDIATE")  # by ourselves: with isolation_level=None nobody else would
        # Only the password that was checked is replaced: of two changes at once the second fails.
        changed = database.execute(
            "UPDATE users SET password = ? WHERE id = ? AND password = ?", (hashed, user, row[0])
        )
        if changed.rowcount != 1:
            raise PasswordNotChangedError("the password was changed in the meantime")
        database.execute("DELETE FROM sessions WHERE user = ? AND digest <> ?", (user, _digest(session)))
        database.execute("DELETE FROM reset_tokens WHERE user = ?", (user,))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _digest(identifier: str) -> str:
    return hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
