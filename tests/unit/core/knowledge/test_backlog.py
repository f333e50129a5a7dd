import asyncio

from workbench.core.knowledge.backlog import Backlog


async def test_members_come_out_in_order_up_to_the_weight_asked_for() -> None:
    backlog: Backlog[str] = Backlog(limit=100)
    for member, weight in (("a", 3), ("b", 3), ("c", 0), ("d", 9)):
        await backlog.put(member, weight)
    await backlog.end()
    assert await backlog.take(5) == ["a", "b"]
    assert await backlog.take(1) == ["c", "d"]
    assert await backlog.take(1) == []


async def test_putting_waits_for_room_and_one_heavy_member_is_let_in() -> None:
    backlog: Backlog[int] = Backlog(limit=10)
    await backlog.put(1, 500)
    late = asyncio.create_task(backlog.put(2, 1))
    await asyncio.sleep(0.01)
    assert not late.done()
    assert await backlog.take(1) == [1]
    await late
    assert await backlog.take(1) == [2]


async def test_taking_waits_for_the_next_member_or_the_end() -> None:
    backlog: Backlog[int] = Backlog(limit=10)
    first = asyncio.create_task(backlog.take(1))
    await asyncio.sleep(0.01)
    assert not first.done()
    await backlog.put(1, 1)
    assert await first == [1]
    last = asyncio.create_task(backlog.take(1))
    await asyncio.sleep(0.01)
    await backlog.end()
    assert await last == []
