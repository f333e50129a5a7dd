"""Changes the embedding model of a library: the whole of it is embedded anew beside the old, then all searches change.

Until that moment, and when it is cancelled or fails, everything is searched as before.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from workbench.core.knowledge.chosen_embedder import ChosenEmbedder
from workbench.core.knowledge.cosine_scale import CosineScale
from workbench.core.knowledge.embedder import Embedder, space_of
from workbench.core.knowledge.embedder_choice import EmbedderSettings, found_out
from workbench.core.knowledge.embedding_events import ChangeEvent, EmbedderChanged, ReembedEnded
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.reembedding import Reembedding
from workbench.core.knowledge.spaces import Spaces


@dataclass(frozen=True)
class Changing:
    """What a change works on."""

    spaces: Spaces
    indexes: LibraryIndexes
    chosen: ChosenEmbedder
    turn: Turn
    scale: Callable[[Embedder], CosineScale]
    """Compares a model with the built-in one; blocks."""
    keep: Callable[[EmbedderSettings, CosineScale], Awaitable[None]]
    """Writes the settings down."""


class EmbedderChange:
    """One change, run by iterating over it once. `cancel()` ends it after the batch in hand; a next try goes on."""

    def __init__(self, settings: EmbedderSettings, embedder: Embedder, parts: Changing) -> None:
        self._settings, self._embedder, self._parts = settings, embedder, parts
        self._passes = [Reembedding(parts.spaces, embedder) for _ in range(2)]
        self._waiting: asyncio.Task[None] | None = None
        self._has_changed = False

    def cancel(self) -> None:
        """Leave everything as it was. Safe to repeat; too late once the change has begun to be put in place."""
        for one in self._passes:
            one.cancel()
        if self._waiting is not None:
            self._waiting.cancel()

    def __aiter__(self) -> AsyncGenerator[ChangeEvent, None]:
        return self._events()

    async def _events(self) -> AsyncGenerator[ChangeEvent, None]:
        """Raises EmbedderError when the model cannot be used; nothing has changed then."""
        first, second = self._passes
        try:
            async with aclosing(aiter(first)) as events:
                async for event in events:
                    if not isinstance(event, ReembedEnded) or event.cancelled:
                        yield event
                    ended = event
            assert isinstance(ended, ReembedEnded)
            if ended.cancelled:
                return
            if not await self._has_turn():
                yield ended.model_copy(update={"cancelled": True})
                return
            try:
                async for event in second:  # what came in meanwhile
                    last = event
                assert isinstance(last, ReembedEnded)
                if last.cancelled:
                    yield last
                    return
                yield await self._put_in_place(ended.embedded + last.embedded, ended.in_pieces + last.in_pieces)
            finally:
                self._parts.turn.give()
        finally:
            if not self._has_changed:
                await asyncio.to_thread(self._embedder.stop)

    async def _has_turn(self) -> bool:
        """Wait for the turn to write, which an ingestion may have for long; False when the change is cancelled."""
        self._waiting = asyncio.create_task(self._parts.turn.take("changing the embedding model"))
        try:
            await asyncio.wait({self._waiting})
        except asyncio.CancelledError:
            self._waiting.cancel()
            await asyncio.gather(self._waiting, return_exceptions=True)
            if not self._waiting.cancelled():
                self._parts.turn.give()
            raise
        return not self._waiting.cancelled()

    async def _put_in_place(self, embedded: int, in_pieces: int) -> EmbedderChanged:
        settings = found_out(self._settings, self._embedder)
        scale = await asyncio.to_thread(self._parts.scale, self._embedder)
        await asyncio.to_thread(
            self._parts.indexes.move, space_of(self._embedder), self._embedder.dimension, self._swap
        )
        await self._parts.keep(settings, scale)
        return EmbedderChanged(settings=settings, embedded=embedded, in_pieces=in_pieces, scale=scale)

    def _swap(self) -> None:
        self._has_changed = True
        self._parts.chosen.swap(self._embedder).stop()
