"""One pass writes at a time: others wait their turn, those that an analyst asked for before those in the background.

Two passes over the same files would embed them twice and share two cores. A paused pass gives its turn away, so that
nobody waits for what rests.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Waiting:
    name: str
    background: bool
    begins: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Turn:
    """The turn to write. For one event loop."""

    def __init__(self) -> None:
        self._holder: _Waiting | None = None
        self._queue: deque[_Waiting] = deque()

    @property
    def holder(self) -> str:
        """What the pass is called that has the turn; empty when nobody has."""
        return self._holder.name if self._holder else ""

    def is_wanted_by_analyst(self) -> bool:
        """Whether a pass waits that somebody asked for."""
        return any(not each.background for each in self._queue)

    async def take(self, name: str, background: bool = False) -> None:
        """Wait for the turn and keep it until `give`."""
        waiting = _Waiting(name, background)
        self._queue.append(waiting)
        self._pass_on()
        try:
            await waiting.begins
        except BaseException:
            if self._holder is waiting:
                self.give()
            elif waiting in self._queue:
                self._queue.remove(waiting)
            raise

    def give(self) -> None:
        """Give the turn to the next who waits."""
        self._holder = None
        self._pass_on()

    def _pass_on(self) -> None:
        waiting = [each for each in self._queue if not each.begins.done()]  # the others are giving up this moment
        if self._holder is not None or not waiting:
            return
        first = next((each for each in waiting if not each.background), waiting[0])
        self._queue.remove(first)
        self._holder = first
        first.begins.set_result(None)
