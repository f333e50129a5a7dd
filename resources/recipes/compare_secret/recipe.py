"""Compare a secret that somebody sent with the one we have, without the time telling how much of it was right."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

MIN_CHARACTERS = 16
"""Shortest secret that may be configured; what is shorter can be tried out."""

_KEY = secrets.token_bytes(32)  # new for each process


class WeakSecretError(RuntimeError):
    """No secret is configured, or one that can be guessed. The program must not start with it."""


def compare_secret(given: str | None, expected: Sequence[str]) -> bool:
    """Whether `given` is one of the secrets in `expected`: the present one and, while it is changed, the one before.

    All are compared, and of hashes of equal length, so neither the length, nor the number of right characters, nor
    which of them fitted shows in the time. None, as from a missing header, fits nothing. Raises WeakSecretError for
    an empty or short secret in `expected`: with an empty one a missing header would be right.
    """
    check_secrets(expected)
    answer = _digest("" if given is None else given)
    right = False
    for secret in expected:
        right |= hmac.compare_digest(answer, _digest(secret))
    return right and given is not None


def check_secrets(expected: Sequence[str]) -> None:
    """Raise WeakSecretError for secrets that compare_secret would refuse; call it when the program starts."""
    if isinstance(expected, str) or not expected:
        raise WeakSecretError("the secrets to compare with must be a list, and not an empty one")
    if any(len(secret) < MIN_CHARACTERS for secret in expected):
        raise WeakSecretError(f"a secret has fewer than {MIN_CHARACTERS} characters")


def _digest(secret: str) -> bytes:
    # compare_digest alone tells the length, and refuses text that is not ASCII; of keyed hashes it does neither.
    return hmac.new(_KEY, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
