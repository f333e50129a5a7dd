"""Slow down guessing of passwords by account and by address, without letting strangers lock anybody out."""

import hashlib
import hmac
import math
import secrets
import threading
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass, field

FREE_ACCOUNT = 5
"""Attempts in a row for one account (or one known device of it) before waits begin."""

FREE_ADDRESS = 20
"""Attempts in a row from one address, for whatever accounts, before waits begin; many people may share it."""

FIRST_WAIT = 1.0
"""The first wait in seconds; each further attempt doubles it."""

LONGEST_WAIT = 15 * 60.0
"""No wait is longer: an account is slowed down, never locked."""

FORGET_SECONDS = 24 * 60 * 60.0
"""Attempts so long ago no longer count."""

MAX_KEYS = 200_000
"""Counters kept; beyond that the ones touched longest ago go."""


class TooManyAttemptsError(Exception):
    """Too early for another attempt; answer 429 with `retry_after` seconds, the same whether the account exists."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts; try again in {retry_after} seconds")
        self.retry_after = retry_after


@dataclass
class Attempts:
    """Attempts and the time of the last one by key, touched longest ago first. For one process and any threads."""

    kept: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def throttle_login(
    attempts: Attempts, account: str, address: str, device: str | None, secret: bytes, now: float
) -> None:
    """Call before the password is looked at; raises TooManyAttemptsError when it is too early.

    The attempt counts as failed until login_succeeded() is called, so many at once get no more than one after
    another. A refused attempt counts nothing. `device` is the cookie that login_succeeded() made, if the browser sent
    one: a known device has a counter of its own, so strangers who fail for `account` do not slow its owner down.
    `address` is the peer's, for IPv6 its /64. `now` is the time in seconds of a clock that never
    goes back, time.monotonic(). `account` is the id of the account where there is one, since a database may find it by
    other spellings than ours (accents, say), and what was typed only where there is none.
    """
    keys = _keys(account, address, device, secret)
    with attempts.lock:
        wait = max(_wait(attempts, key, free, now) for key, free in keys)
        if wait > 0:
            raise TooManyAttemptsError(math.ceil(wait))
        for key, _ in keys:
            attempts.kept[key] = (_count(attempts, key, now) + 1, now)
            attempts.kept.move_to_end(key)
        while len(attempts.kept) > MAX_KEYS:
            attempts.kept.popitem(last=False)


def login_succeeded(attempts: Attempts, account: str, address: str, device: str | None, secret: bytes) -> str:
    """Take the attempt back, and make the value of a long-lived cookie (Secure, HttpOnly) that tells this device.

    The address only gets this one attempt back: a guesser with an account of his own must not wipe his slate clean.
    """
    with attempts.lock:
        for key, _ in _keys(account, address, device, secret):
            count, last = attempts.kept.get(key, (0, 0.0))
            if key.startswith("address:") and count > 1:
                attempts.kept[key] = (count - 1, last)
            else:
                attempts.kept.pop(key, None)
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_mac(nonce, account, secret)}"


def _keys(account: str, address: str, device: str | None, secret: bytes) -> list[tuple[str, int]]:
    nonce, _, mac = (device or "").partition(".")
    if device and hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(nonce, account, secret).encode()):
        return [(f"device:{mac}", FREE_ACCOUNT)]
    return [(f"account:{_digest(account)}", FREE_ACCOUNT), (f"address:{_digest(address)}", FREE_ADDRESS)]


def _count(attempts: Attempts, key: str, now: float) -> int:
    count, last = attempts.kept.get(key, (0, now))
    return 0 if now - last > FORGET_SECONDS else count


def _wait(attempts: Attempts, key: str, free: int, now: float) -> float:
    over = _count(attempts, key, now) - free
    if over < 0:
        return 0.0
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(over, 60))
    return min(wait, attempts.kept[key][1] + wait - now)


def _mac(nonce: str, account: str, secret: bytes) -> str:
    if len(secret) < 32:
        raise ValueError("the secret has fewer than 32 bytes, so anybody could make device cookies")
    return hmac.new(secret, f"device:{nonce}:{_digest(account)}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _digest(name: str) -> str:
    # "Ann ", "ANN" and "ann" are one account for the counter, and a long name takes no more memory than a short one.
    # No name is so long, and normalising takes time with the square of the accents in it.
    plain = unicodedata.normalize("NFKC", name[:300]).casefold().strip()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
