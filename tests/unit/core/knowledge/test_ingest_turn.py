import asyncio

import pytest

from workbench.core.knowledge.ingest_turn import Turn


async def test_those_an_analyst_asked_for_go_before_those_in_the_background() -> None:
    turn, order = Turn(), []
    await turn.take("first")

    async def work(name: str, background: bool) -> None:
        await turn.take(name, background)
        order.append(name)
        turn.give()

    tasks = [asyncio.create_task(work("watched", True)), asyncio.create_task(work("asked", False))]
    await asyncio.sleep(0)
    assert turn.is_wanted_by_analyst()
    assert turn.holder == "first"
    turn.give()
    await asyncio.gather(*tasks)
    assert order == ["asked", "watched"]
    assert not turn.holder


async def test_who_gives_up_waiting_keeps_nobody_from_the_turn() -> None:
    turn = Turn()
    await turn.take("first")
    waiting = asyncio.create_task(turn.take("second"))
    handed = asyncio.create_task(turn.take("third"))
    await asyncio.sleep(0)
    waiting.cancel()
    turn.give()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await handed
    assert turn.holder == "third"


async def test_a_turn_that_comes_in_the_moment_of_giving_up_is_passed_on() -> None:
    turn = Turn()
    await turn.take("first")
    second, third = asyncio.create_task(turn.take("second")), asyncio.create_task(turn.take("third"))
    await asyncio.sleep(0)
    turn.give()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    await asyncio.wait_for(third, 1)
    assert turn.holder == "third"
