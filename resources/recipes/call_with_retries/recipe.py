"""Call another service with a deadline, and try again only when that helps and cannot do the same thing twice."""

import time
from collections.abc import Callable
from secrets import SystemRandom
from typing import TypeVar

ATTEMPTS = 4
"""Most calls, the first included."""

DEADLINE = 20.0
"""Seconds for everything together, waiting included."""

PER_CALL = 5.0
"""Longest time for one call, in seconds."""

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same when done twice (RFC 9110, 9.2.2). POST is none of them."""

Result = TypeVar("Result")


class TransientError(Exception):
    """Raised by the call for what may pass: no connection, a timeout, the answers 429, 502, 503 and 504.

    `retry_after` are the seconds that the server asked for, None when it did not.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GaveUpError(RuntimeError):
    """No call succeeded within the attempts and the time; the last error is its cause."""


def call_with_retries(
    method: str,
    send: Callable[[float], Result],
    *,
    idempotency_key: str | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """What `send(seconds)` returns; `seconds` is the timeout that the call must keep, for connecting and reading.

    Only TransientError is tried again, and only for a repeatable method, or when the request carries an
    `idempotency_key` by which the server knows it again: a lost answer does not mean that nothing was done. Other
    errors pass through at once. Raises GaveUpError.
    """
    attempts = ATTEMPTS if method.upper() in REPEATABLE or idempotency_key else 1
    end = clock() + DEADLINE
    for attempt in range(1, attempts + 1):
        try:
            return send(min(PER_CALL, max(end - clock(), 0.001)))
        except TransientError as error:
            pause = _pause(attempt, error.retry_after)
            if attempt == attempts or clock() + pause >= end:
                raise GaveUpError(f"gave up after {attempt} of {attempts} calls: {error}") from error
        sleep(pause)
    raise AssertionError("ATTEMPTS must be at least 1")


def _pause(attempt: int, asked: float | None) -> float:
    """Random between nothing and twice the last bound, so that clients that failed together do not return together."""
    pause = SystemRandom().uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempt - 1)))
    return pause if asked is None or not asked > 0 else asked + pause
