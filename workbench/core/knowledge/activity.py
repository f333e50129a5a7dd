"""What passes in the background say, to whoever listens."""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakSet

from workbench.core.knowledge.ingest_events import IngestEvent, IngestProgress

MOST_WAITING = 1_000
"""Events that wait for a slow listener; beyond that, progress is left out and final states are not."""


class Listener(AsyncIterator[IngestEvent]):
    """The events from the moment it was made, until the engine is closed."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[IngestEvent | None] = asyncio.Queue()

    def put(self, event: IngestEvent | None) -> None:
        """Have this event next; None is the end."""
        if not (isinstance(event, IngestProgress) and self._events.qsize() >= MOST_WAITING):
            self._events.put_nowait(event)

    async def __anext__(self) -> IngestEvent:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            raise StopAsyncIteration
        return event


class Activity:
    """Hands every event to every listener. For one event loop."""

    def __init__(self) -> None:
        self._listeners: WeakSet[Listener] = WeakSet()
        self._ended = False

    def listen(self) -> Listener:
        """The events from now on."""
        listener = Listener()
        self._listeners.add(listener)
        if self._ended:
            listener.put(None)
        return listener

    def tell(self, event: IngestEvent) -> None:
        """Hand an event to all."""
        for listener in list(self._listeners):
            listener.put(event)

    def end(self) -> None:
        """There will be no more."""
        self._ended = True
        for listener in list(self._listeners):
            listener.put(None)
