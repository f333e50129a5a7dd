"""One-time tokens for links in mails and API keys: random, stored only as a hash, valid for a while."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOKEN_BYTES = 32
"""Random bytes in a token: 256 bits cannot be guessed."""

LIFETIME = timedelta(hours=1)
"""How long a token is good."""


@dataclass(frozen=True)
class StoredToken:
    """What the server keeps. Whoever reads it cannot make the token from it."""

    digest: str
    expires: datetime


def issue_token() -> tuple[str, StoredToken]:
    """A new token to send to its owner, and what to store of it; the token itself must not be stored or logged."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, StoredToken(_digest(token), datetime.now(UTC) + LIFETIME)


def token_is_valid(token: str, stored: StoredToken) -> bool:
    """Whether `token` belongs to `stored` and has not expired. Delete `stored` at the first use that succeeds."""
    matches = hmac.compare_digest(_digest(token), stored.digest)
    return matches and datetime.now(UTC) < stored.expires


def _digest(token: str) -> str:
    # A fast hash is enough: unlike a password the token has 256 random bits, so there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
