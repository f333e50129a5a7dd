"""The second factor from an authenticator app: six digits that are good for half a minute, and for one use."""

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
"""How long one code is shown."""

DIGITS = 6
"""Digits of a code; apps know 6 and 8."""

DRIFT_STEPS = 1
"""How many steps before and after now are taken as well, for clocks that differ and people who type slowly."""


class CodeRefusedError(PermissionError):
    """The code is wrong, too old, or was used before; say no more than that it was not taken."""


def verify_totp(secret: str, code: str, now: float, claim_step: Callable[[int], bool]) -> None:
    """Return when `code` is the app's code for `secret` and is used for the first time; else CodeRefusedError.

    `secret` is the user's, from new_totp_secret(). `now` is the wall clock in seconds, time.time(). `claim_step` notes
    a step as the user's latest and says whether it was later than the one noted before, in one statement:
    UPDATE users SET totp_step = :step WHERE id = :user AND totp_step < :step, and whether a row was changed.
    """
    given = code.replace(" ", "")
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        raise CodeRefusedError("the code was not taken")
    current = int(now) // STEP_SECONDS
    steps = range(max(0, current - DRIFT_STEPS), current + DRIFT_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(_code(secret, step), given)]
    if not any(claim_step(step) for step in fitting):
        raise CodeRefusedError("the code was not taken")


def new_totp_secret() -> str:
    """A secret for a user, in Base32; store it encrypted, and count it only after a first code was verified."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def totp_address(secret: str, account: str, issuer: str) -> str:
    """The otpauth address to show once as a QR code; it holds the secret, so keep it from logs and outside services."""
    query = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='')}?{query}"


def _code(secret: str, step: int) -> str:
    # SHA-1 is what the apps know; inside HMAC its collisions do not matter.
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
