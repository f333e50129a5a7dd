import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import BURST, RATE, Buckets, RateExceededError, address_key, limit_rate


def allowed(buckets: Buckets, key: str, now: float) -> bool:
    try:
        limit_rate(buckets, key, now)
    except RateExceededError:
        return False
    return True


def test_a_burst_is_taken_and_then_the_rate() -> None:
    buckets = Buckets()
    assert sum(allowed(buckets, "ann", 0.0) for _ in range(100)) == BURST
    assert sum(allowed(buckets, "ann", 1.0) for _ in range(100)) == RATE


def test_one_key_does_not_use_up_another() -> None:
    buckets = Buckets()
    assert not all(allowed(buckets, "ann", 0.0) for _ in range(100))
    assert allowed(buckets, "bob", 0.0)


def test_the_refusal_says_when_to_come_back() -> None:
    buckets = Buckets()
    while allowed(buckets, "ann", 0.0):
        pass
    with pytest.raises(RateExceededError) as refused:
        limit_rate(buckets, "ann", 0.0)
    assert refused.value.retry_after == 1
    assert allowed(buckets, "ann", refused.value.retry_after)


def test_idle_buckets_are_forgotten() -> None:
    buckets = Buckets()
    for number in range(50):
        limit_rate(buckets, str(number), 0.0)
    limit_rate(buckets, "late", 60.0)
    assert list(buckets.kept) == ["late"]


@given(st.lists(st.floats(0, 3), max_size=60))
def test_never_more_than_burst_and_rate_allow(waits: list[float]) -> None:
    buckets, now, taken = Buckets(), 0.0, 0
    for wait in waits:
        now += wait
        taken += allowed(buckets, "ann", now)
        assert taken <= BURST + now * RATE + 1e-6


def test_attack_a_flood_of_keys_neither_fills_memory_nor_resets_a_used_up_bucket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recipe, "MAX_KEYS", 10)
    buckets = Buckets()
    while allowed(buckets, "attacker", 0.0):
        pass
    taken = sum(allowed(buckets, f"made-up-{number}", 0.0) for number in range(1000))
    assert len(buckets.kept) == 10
    assert taken == 9 + BURST, "nine have a bucket of their own, the rest share one"
    assert not allowed(buckets, "attacker", 0.0)


def test_attack_a_clock_that_goes_back_gives_nothing() -> None:
    buckets = Buckets()
    while allowed(buckets, "ann", 100.0):
        pass
    assert not allowed(buckets, "ann", 50.0)
    assert not allowed(buckets, "ann", 100.0)


def test_attack_threads_at_once_get_no_more() -> None:
    buckets, taken = Buckets(), []

    def hammer() -> None:
        taken.append(sum(allowed(buckets, "ann", 0.0) for _ in range(50)))

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == BURST


def test_attack_all_addresses_of_one_ipv6_network_are_one_key() -> None:
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:3::1") != address_key("2001:db8:1:2::1")
    assert address_key("::ffff:192.0.2.7") == address_key("192.0.2.7")
    with pytest.raises(ValueError, match="address"):
        address_key("192.0.2.7, 10.0.0.1")
