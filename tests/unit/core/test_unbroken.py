"""Work that cancels cannot break off."""

import asyncio

import pytest

from workbench.core.unbroken import unbroken


async def test_work_goes_on_to_its_end_however_often_its_caller_is_cancelled() -> None:
    ended = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        ended.append("work")

    caller = asyncio.create_task(unbroken(work()))
    for _ in range(4):
        await asyncio.sleep(0.005)
        caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended == ["work"]


async def test_the_result_and_the_error_of_the_work_are_the_callers() -> None:
    async def work(error: Exception | None) -> str:
        await asyncio.sleep(0)
        if error is not None:
            raise error
        return "done"

    assert await unbroken(work(None)) == "done"
    with pytest.raises(OSError, match="full"):
        await unbroken(work(OSError("full")))


async def test_a_timeout_around_it_is_still_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await unbroken(asyncio.sleep(0.05))
