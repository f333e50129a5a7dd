"""Codes that people read and type: recovery codes, vouchers, invitations, and the short ones sent to a phone."""

import hmac
import math
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, replace

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so nothing is read as something else and few words come out."""

MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})

BITS = 80
"""Entropy of a code that is good for long: 80 bits are 16 characters. Not below 64 where nothing limits the tries."""

DIGITS = 6
"""Digits of a short code; good only with few tries and a short life."""

TRIES = 3
SECONDS = 300.0


@dataclass(frozen=True)
class ShortCode:
    """What is kept of a short code that was sent, under the session or user that it was sent to."""

    code: str
    expires: float
    tries: int = TRIES


def make_code(bits: int = BITS) -> str:
    """A random code with at least `bits` of entropy in groups of four, such as 7K3P-0XWD-M8FT-2QZC.

    Keep a hash of it, as of any random token; hash what read_code makes of the input.
    """
    if bits < 40:
        raise ValueError("a code with fewer than 40 bits can be guessed")
    count = math.ceil(bits / math.log2(len(ALPHABET)))
    characters = "".join(secrets.choice(ALPHABET) for _ in range(count))  # never random.choice, which can be predicted
    return "-".join(characters[begin : begin + 4] for begin in range(0, count, 4))


def read_code(typed: str) -> str | None:
    """The code that somebody typed, in one spelling without dashes; None when it can be no code."""
    code = typed.strip().upper().translate(MISREAD) if typed.isascii() and len(typed) <= 100 else ""
    return code if code and set(code) <= set(ALPHABET) else None


def make_short_code(now: float) -> ShortCode:
    """A short code of digits, to be sent at `now`. Send it over another way than the one it will come back by."""
    return ShortCode(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", now + SECONDS)


def check_short_code(kept: MutableMapping[str, ShortCode], user: str, typed: str, now: float) -> bool:
    """Whether `typed` is the code kept for `user`; it is gone after one success, TRIES failures or its time.

    The try is counted before it is compared. Where several processes share `kept`, count it with one atomic statement.
    """
    code = kept.pop(user, None)
    if code is None or now >= code.expires:
        return False
    if code.tries > 1:
        kept[user] = replace(code, tries=code.tries - 1)
    if not hmac.compare_digest(typed.strip().encode("utf-8", "replace"), code.code.encode()):
        return False
    kept.pop(user, None)
    return True
