"""A queue between one who reads and one who embeds, bounded by what its members weigh rather than by their number."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """Members wait here in order. For one event loop."""

    def __init__(self, limit: int) -> None:
        """Putting waits while the members weigh `limit` or more together."""
        self._limit = limit
        self._members: deque[tuple[T, int]] = deque()
        self._weight = 0
        self._ended = False
        self._changed = asyncio.Condition()

    async def put(self, member: T, weight: int) -> None:
        """Add a member, as soon as there is room; one alone may weigh more than the limit."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._weight < self._limit)
            self._members.append((member, weight))
            self._weight += weight
            self._changed.notify_all()

    async def end(self) -> None:
        """No more will come."""
        async with self._changed:
            self._ended = True
            self._changed.notify_all()

    async def take(self, weight: int) -> list[T]:
        """The next members, up to the one with which they reach `weight`, of those that are there; [] at the end."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._members) or self._ended)
            taken: list[T] = []
            got = 0
            while self._members and got < weight:
                member, mine = self._members.popleft()
                taken.append(member)
                got += mine
            self._weight -= got
            self._changed.notify_all()
            return taken
