"""Take a message only from someone who shares a secret with us, unchanged, recent, and once."""

import hashlib
import hmac
from collections.abc import MutableSet

MAX_AGE_SECONDS = 300
"""Oldest message taken; also how far clocks may differ."""


class MessageRefusedError(ValueError):
    """The message is not from the sender, was changed, is too old, or came before."""


def sign_message(body: bytes, timestamp: int, secret: bytes) -> str:
    """The signature that the sender puts beside `body`: HMAC-SHA256 over time and body, in hex."""
    return hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def verify_message(
    body: bytes, timestamp: str, signature: str, secret: bytes, now: float, seen: MutableSet[str]
) -> None:
    """Return when the message is genuine, recent and new; raise MessageRefusedError when it is not.

    `body` is the raw body, before any parsing; `timestamp` and `signature` are the header values; `now` is the time
    in seconds. `seen` keeps the signatures taken; entries older than twice MAX_AGE_SECONDS may be forgotten.
    """
    if not secret:
        raise ValueError("no secret is configured, so nothing can be verified")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise MessageRefusedError("the message has no valid time")
    expected = sign_message(body, int(timestamp), secret)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise MessageRefusedError("the signature does not fit the message")
    if abs(now - int(timestamp)) > MAX_AGE_SECONDS:
        raise MessageRefusedError("the message is too old")
    if expected in seen:
        raise MessageRefusedError("the message came before")
    seen.add(expected)
