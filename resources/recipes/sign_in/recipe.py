"""Sign somebody in by name and password, with one answer and one duration for everybody who fails."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
"""Argon2id with the parameters that argon2-cffi takes from RFC 9106."""

NOBODY = HASHER.hash(secrets.token_hex())
"""The hash that is checked when there is no account, so that this takes as long as a wrong password."""


@dataclass(frozen=True)
class Account:
    """What is stored of an account; `password` is its hash, None where it has none (sign-on elsewhere, invited)."""

    id: str
    password: str | None
    active: bool = True


class SignInError(PermissionError):
    """The one answer to everybody who may not enter; why is for the log, never for the caller."""

    def __init__(self) -> None:
        super().__init__("user name or password is wrong")


def sign_in(find: Callable[[str], Account | None], name: str, password: str) -> Account:
    """The account of `name` when `password` is its password and it is active; raises SignInError in every other case.

    `find` looks an account up by name. Unknown name, wrong password, account without a password and closed account
    all cost one hash and have one answer. Call what throttles guessing before, and start a new session after it.
    """
    account = find(name)
    stored = account.password if account is not None and account.password else NOBODY
    fits = _verify(stored, password)
    if account is None or not account.password or not fits or not account.active:
        raise SignInError
    return account


def fresh_hash(account: Account, password: str) -> str | None:
    """The hash to store from now on when the stored one has old parameters, else None; only after sign_in()."""
    if account.password is None or not HASHER.check_needs_rehash(account.password):
        return None
    return HASHER.hash(_bytes(password))


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    # JSON can bring half a surrogate pair; that is a wrong password, not an error.
    return password.encode("utf-8", "surrogatepass")
