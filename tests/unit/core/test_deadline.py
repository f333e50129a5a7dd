import asyncio
import threading
import time

import pytest

from workbench.core.deadline import within


async def test_the_result_comes_back_from_another_thread() -> None:
    assert await within(5, threading.current_thread, "apart") is not threading.current_thread()


async def test_an_error_comes_back_as_it_was_raised() -> None:
    def fails() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        await within(5, fails, "apart")


async def test_what_takes_too_long_is_given_up_and_its_late_result_thrown_away() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def slow() -> str:
        go_on.wait(5)
        ended.set()
        return "late"

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await within(0.1, slow, "apart")
    assert time.monotonic() - started < 2
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 5)
    await asyncio.sleep(0.05)


async def test_the_loop_goes_on_meanwhile() -> None:
    go_on = threading.Event()
    waiting = asyncio.create_task(within(5, lambda: go_on.wait(5), "apart"))
    await asyncio.sleep(0.01)
    go_on.set()
    assert await waiting is True
