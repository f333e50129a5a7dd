import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import DEADLINE, LONGEST_PAUSE, GaveUpError, TransientError, call_with_retries


class World:
    """A clock that moves only by sleeping and by calls, and a server that fails as often as told."""

    def __init__(self, failures: int = 0, cost: float = 0.1, retry_after: float | None = None) -> None:
        self.now = 1000.0
        self.failures, self.cost, self.retry_after = failures, cost, retry_after
        self.timeouts: list[float] = []
        self.pauses: list[float] = []

    def send(self, seconds: float) -> str:
        self.timeouts.append(seconds)
        self.now += min(self.cost, seconds)
        if len(self.timeouts) <= self.failures:
            raise TransientError("503", self.retry_after)
        return "answer"

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def call(self, method: str = "GET", send: Callable[[float], str] | None = None, key: str | None = None) -> str:
        return call_with_retries(
            method, send or self.send, idempotency_key=key, clock=lambda: self.now, sleep=self.sleep
        )


def test_a_failure_that_passes_is_survived() -> None:
    world = World(failures=2)
    assert world.call() == "answer"
    assert len(world.pauses) == 2


def test_attack_a_dead_server_is_called_a_bounded_number_of_times() -> None:
    world = World(failures=99)
    with pytest.raises(GaveUpError, match="4 of 4") as caught:
        world.call()
    assert len(world.timeouts) == 4
    assert isinstance(caught.value.__cause__, TransientError)


@pytest.mark.parametrize("method", ["POST", "post", "PATCH", "CONNECT", ""])
def test_attack_what_is_not_repeatable_is_done_once(method: str) -> None:
    world = World(failures=1)
    with pytest.raises(GaveUpError, match="1 of 1"):
        world.call(method)
    assert len(world.timeouts) == 1


def test_a_post_with_an_idempotency_key_is_tried_again() -> None:
    assert World(failures=1).call("POST", key="6f1c") == "answer"


def test_other_errors_pass_through_at_once() -> None:
    calls = []

    def send(_: float) -> str:
        calls.append(1)
        raise ValueError("400")

    with pytest.raises(ValueError, match="400"):
        World().call(send=send)
    assert len(calls) == 1


@given(st.floats(0, 60), st.integers(0, 10), st.none() | st.floats(allow_nan=True))
def test_attack_a_slow_or_demanding_server_cannot_hold_us_beyond_the_deadline(
    cost: float, failures: int, retry_after: float | None
) -> None:
    world = World(failures, cost, retry_after)
    with contextlib.suppress(GaveUpError):
        world.call()
    assert world.now <= 1000 + DEADLINE + 0.01
    assert all(0 < seconds <= recipe.PER_CALL for seconds in world.timeouts)
    assert all(pause >= 0 for pause in world.pauses)


def test_the_server_decides_when_to_come_back() -> None:
    world = World(failures=1, retry_after=3)
    world.call()
    assert 3 <= world.pauses[0] <= 3 + recipe.FIRST_PAUSE


def test_attack_a_retry_after_of_a_day_ends_it() -> None:
    world = World(failures=1, retry_after=86400)
    with pytest.raises(GaveUpError, match="1 of 4"):
        world.call()
    assert not world.pauses


def test_attack_clients_that_failed_together_do_not_come_back_together() -> None:
    pauses = {recipe._pause(2, None) for _ in range(50)}
    assert len(pauses) > 40
    assert max(pauses) <= 2 * recipe.FIRST_PAUSE
    assert max(recipe._pause(30, None) for _ in range(50)) <= LONGEST_PAUSE
