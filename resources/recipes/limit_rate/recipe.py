"""Let each caller do only so much in a time: a token bucket for each key, in bounded memory."""

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

RATE = 5.0
"""Requests per second that a key may keep up."""

BURST = 20.0
"""Requests that a key may send at once after a pause."""

MAX_KEYS = 100_000
"""Buckets kept; what does not fit shares one bucket, so a flood of new keys costs no memory and gets nowhere."""


class RateExceededError(Exception):
    """Too many requests; answer 429 with `retry_after`, in whole seconds, in the header Retry-After."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests; try again in {retry_after} seconds")
        self.retry_after = retry_after


@dataclass
class Buckets:
    """How many requests are left, by key, the one used longest ago first. For one process and any number of threads."""

    kept: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    shared: tuple[float, float] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def limit_rate(buckets: Buckets, key: str, now: float) -> None:
    """Count one request of `key`; raises RateExceededError when it has none left. A refused request costs nothing.

    `key` says who is counted: the account where somebody is signed in, else address_key(). `now` is the time in
    seconds of a clock that never goes back, time.monotonic().
    """
    with buckets.lock:
        _forget_full(buckets, now)
        fits = key in buckets.kept or len(buckets.kept) < MAX_KEYS
        left, seen = (buckets.kept.get(key) if fits else buckets.shared) or (BURST, now)
        left = min(BURST, left + max(0.0, now - seen) * RATE)
        allowed = left >= 1.0
        state = (left - 1.0 if allowed else left, max(now, seen))
        if fits:
            buckets.kept[key] = state
            buckets.kept.move_to_end(key)
        else:
            buckets.shared = state
    if not allowed:
        raise RateExceededError(retry_after=int((1.0 - left) / RATE) + 1)


def address_key(address: str) -> str:
    """The key of a client address: an IPv4 address itself, of IPv6 the /64, since one customer has all of it.

    `address` is the peer's, or the one that your own proxy wrote; what a client may write into X-Forwarded-For is
    no address. Raises ValueError for what is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    prefix = 32 if ip.version == 4 else 64
    return str(ipaddress.ip_network((ip, prefix), strict=False))


def _forget_full(buckets: Buckets, now: float) -> None:
    # A bucket left alone until it is full again is the same as none; only such ones are dropped, never a used-up one.
    while buckets.kept:
        left, seen = next(iter(buckets.kept.values()))
        if left + (now - seen) * RATE < BURST:
            return
        buckets.kept.popitem(last=False)
