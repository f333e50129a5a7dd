import time

import pytest

from . import recipe
from .recipe import (
    FREE_ACCOUNT,
    FREE_ADDRESS,
    LONGEST_WAIT,
    Attempts,
    TooManyAttemptsError,
    login_succeeded,
    throttle_login,
)

SECRET = b"s" * 32


def allowed(attempts: Attempts, account: str, address: str, now: float, device: str | None = None) -> bool:
    try:
        throttle_login(attempts, account, address, device, SECRET, now)
    except TooManyAttemptsError:
        return False
    return True


def guess(attempts: Attempts, account: str, seconds: int, address: str = "192.0.2.1") -> int:
    """How many guesses get through when one is tried each second."""
    return sum(allowed(attempts, account, address, float(now)) for now in range(seconds))


def test_a_few_mistakes_cost_nothing() -> None:
    attempts = Attempts()
    assert all(allowed(attempts, "ann", "192.0.2.1", 0.0) for _ in range(FREE_ACCOUNT))


def test_waits_double_and_are_told() -> None:
    attempts, now, waits = Attempts(), 0.0, []
    while len(waits) < 12:
        try:
            throttle_login(attempts, "ann", "192.0.2.1", None, SECRET, now)
        except TooManyAttemptsError as refused:
            waits.append(refused.retry_after)
            now += refused.retry_after
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert waits[-1] == LONGEST_WAIT


def test_success_wipes_the_account_clean() -> None:
    attempts = Attempts()
    for _ in range(20):
        assert allowed(attempts, "ann", "192.0.2.1", 0.0)
        login_succeeded(attempts, "ann", "192.0.2.1", None, SECRET)


def test_attempts_of_yesterday_are_forgotten() -> None:
    attempts = Attempts()
    guess(attempts, "ann", 3600)
    assert sum(allowed(attempts, "ann", "192.0.2.1", 3600 + 25 * 3600.0) for _ in range(9)) == FREE_ACCOUNT


def test_attack_guessing_one_account_gets_slow_whatever_the_address() -> None:
    attempts = Attempts()
    got = sum(allowed(attempts, "ann", f"192.0.2.{now % 250}", float(now)) for now in range(6 * 3600))
    assert got < 45


def test_attack_one_address_trying_many_accounts_gets_slow() -> None:
    attempts = Attempts()
    assert sum(allowed(attempts, f"user{number}", "192.0.2.1", 0.0) for number in range(1000)) == FREE_ADDRESS


def test_attack_parallel_guesses_count_before_their_answer_is_known() -> None:
    attempts = Attempts()
    assert sum(allowed(attempts, "ann", f"192.0.2.{number}", 0.0) for number in range(100)) == FREE_ACCOUNT


def test_attack_strangers_cannot_lock_the_owner_out_of_a_known_device() -> None:
    attempts = Attempts()
    device = login_succeeded(attempts, "ann", "198.51.100.7", None, SECRET)
    guess(attempts, "ann", 3600, address="198.51.100.7")
    assert not allowed(attempts, "ann", "198.51.100.7", 3600.0)
    assert allowed(attempts, "ann", "198.51.100.7", 3600.0, device)


def test_attack_a_known_device_is_slowed_down_too_when_it_guesses() -> None:
    attempts = Attempts()
    device = login_succeeded(attempts, "ann", "192.0.2.1", None, SECRET)
    assert sum(allowed(attempts, "ann", "192.0.2.1", 0.0, device) for _ in range(100)) == FREE_ACCOUNT


def test_attack_a_device_cookie_made_up_or_of_another_account_buys_nothing() -> None:
    attempts = Attempts()
    mine = login_succeeded(attempts, "mallory", "192.0.2.1", None, SECRET)
    guess(attempts, "ann", 60)
    for device in (mine, "x", ".", "a.b", "\ud800.é", mine.replace(".", "x.")):
        assert not allowed(attempts, "ann", "192.0.2.9", 61.0, device)


def test_attack_an_own_account_does_not_wipe_the_address_clean() -> None:
    attempts, taken = Attempts(), 0
    for number in range(200):
        taken += allowed(attempts, f"user{number}", "192.0.2.1", 0.0)
        if allowed(attempts, "mallory", "192.0.2.1", 0.0):
            login_succeeded(attempts, "mallory", "192.0.2.1", None, SECRET)
    assert taken <= FREE_ADDRESS


def test_attack_another_spelling_of_a_name_is_the_same_counter() -> None:
    attempts = Attempts()
    spellings = ["ann", "ANN", " ann", "ann\t", "ａｎｎ", "Ann", "aNN", "anN"]
    assert sum(allowed(attempts, name, "192.0.2.1", 0.0) for name in spellings) == FREE_ACCOUNT


def test_attack_made_up_names_do_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_KEYS", 50)
    attempts = Attempts()
    for number in range(500):
        allowed(attempts, f"user{number}" * 100, f"192.0.2.{number}", 0.0)
    assert len(attempts.kept) == 50
    assert max(map(len, attempts.kept)) < 80


def test_attack_refused_attempts_do_not_make_the_wait_longer() -> None:
    attempts = Attempts()
    for _ in range(FREE_ACCOUNT):
        allowed(attempts, "ann", "192.0.2.1", 0.0)
    for _ in range(1000):
        assert not allowed(attempts, "ann", "192.0.2.1", 0.5)
    assert allowed(attempts, "ann", "192.0.2.1", 1.0)


def test_attack_a_huge_name_takes_no_time() -> None:
    begin = time.perf_counter()
    assert allowed(Attempts(), "a" + "\u0315\u0300" * 200_000, "192.0.2.1", 0.0)
    assert time.perf_counter() - begin < 0.1


def test_attack_an_empty_secret_with_which_anybody_makes_device_cookies_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        throttle_login(Attempts(), "ann", "192.0.2.1", "a.b", b"", 0.0)


def test_a_clock_that_is_set_back_makes_no_wait_longer() -> None:
    attempts = Attempts()
    guess(attempts, "ann", 10)
    with pytest.raises(TooManyAttemptsError) as caught:
        throttle_login(attempts, "ann", "192.0.2.1", None, SECRET, -1e6)
    assert caught.value.retry_after <= LONGEST_WAIT
