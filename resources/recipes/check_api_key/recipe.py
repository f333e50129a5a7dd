"""Let programs in by a key: looked up by its public half, compared by hash, with scopes and an end."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

PREFIX = "wbk"
"""How our keys begin, so that secret scanners find one in a repository."""

LONGEST_LIFE = timedelta(days=365)
"""No key is good for longer."""

KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{16}})_([A-Za-z0-9_-]{{43}})", re.ASCII)
"""Prefix, public half, secret half of 256 bits."""

NO_DIGEST = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
"""Compared with when there is no such key, so that this looks the same from outside."""


class KeyRefusedError(PermissionError):
    """The call is not let in; answer with `status`, 401 for no valid key and 403 for a key without the scope."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class StoredKey:
    """What is kept of a key. Nobody can call with it."""

    digest: str
    owner: str
    scopes: frozenset[str]
    expires: datetime
    ended: bool = False


def check_api_key(header: str, find: Callable[[str], StoredKey | None], scope: str, now: datetime) -> str:
    """The owner of the key in `header`, the value of Authorization ("Bearer wbk_..."), when it may do `scope`.

    `find` looks a key up by its public half. Raises KeyRefusedError for a key that is missing, unknown, wrong,
    expired or ended, all alike, and for one that lacks the scope.
    """
    scheme, _, key = header.partition(" ")
    match = KEY.fullmatch(key)
    if scheme.lower() != "bearer" or match is None:
        raise KeyRefusedError(401, "a valid key is needed")
    stored = find(match[1])
    fits = hmac.compare_digest(_digest(match[2]), stored.digest if stored else NO_DIGEST)
    if stored is None or not fits or stored.ended or now >= stored.expires:
        raise KeyRefusedError(401, "a valid key is needed")
    if scope not in stored.scopes:
        raise KeyRefusedError(403, f"the key is not for {scope}")
    return stored.owner


def make_api_key(owner: str, scopes: Collection[str], now: datetime, life: timedelta) -> tuple[str, str, StoredKey]:
    """A new key to show once, its public half to store it under, and what to store; ValueError for too long a life."""
    if not timedelta(0) < life <= LONGEST_LIFE or isinstance(scopes, str):
        raise ValueError(f"a key lives at most {LONGEST_LIFE.days} days and has a list of scopes")
    public, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return f"{PREFIX}_{public}_{secret}", public, StoredKey(_digest(secret), owner, frozenset(scopes), now + life)


def _digest(secret: str) -> str:
    # A fast hash is enough: unlike a password the secret has 256 random bits, so there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
