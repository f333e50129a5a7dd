"""Keep passwords so that a stolen table is slow to crack: scrypt with a salt of its own for each."""

import base64
import hashlib
import hmac
import secrets

COST = 2**17
"""Work factor n of scrypt; with BLOCK 8 one hash takes 128 MiB and a fraction of a second."""

BLOCK = 8
"""Block size r of scrypt."""

PARALLEL = 1
"""Parallelism p of scrypt."""

MAX_PASSWORD_BYTES = 1024
"""Longest password taken, so that hashing cannot be made expensive by its length."""


def hash_password(password: str) -> str:
    """The text to store for `password`: algorithm, parameters, salt and hash, separated by $.

    Raises ValueError for an empty password or one of more than MAX_PASSWORD_BYTES.
    """
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${_text(salt)}${_text(digest)}"


def verify_password(password: str, stored: str) -> bool:
    """Whether `password` is the one that `stored` was made from; False, never an error, for text it did not make."""
    try:
        algorithm, cost, block, parallel, salt, digest = stored.split("$")
        if algorithm != "scrypt":
            return False
        computed = _scrypt(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(computed, base64.b64decode(digest))
    except (ValueError, OverflowError, TypeError):  # the latter two for parameters that hashlib does not take
        return False


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's; hash anew at the next successful login."""
    return not stored.startswith(f"scrypt${COST}${BLOCK}${PARALLEL}$")


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    data = password.encode("utf-8")
    if not 0 < len(data) <= MAX_PASSWORD_BYTES:
        raise ValueError(f"a password has 1 to {MAX_PASSWORD_BYTES} bytes")
    memory = 128 * cost * block + 1_000_000
    return hashlib.scrypt(data, salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
