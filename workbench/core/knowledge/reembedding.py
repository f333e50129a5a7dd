"""Embeds the library in another space beside the present one, so that searches go on until the change is complete."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

from workbench.core.knowledge.embedder import Embedder, TextTooLongError, space_of
from workbench.core.knowledge.embedding_batch import Embed, rows_of
from workbench.core.knowledge.embedding_events import ReembedEnded, ReembedEvent, ReembedProgress
from workbench.core.knowledge.spaces import Spaces, Unembedded
from workbench.core.unbroken import unbroken

if TYPE_CHECKING:
    import numpy as np

BATCH = 32
"""Chunks embedded and written between two looks at a cancel: about a second with a model as small as the built-in."""


class Reembedding:
    """One pass over all chunks without a vector in the embedder's space: iterate over it once, or cancel it."""

    def __init__(self, spaces: Spaces, embedder: Embedder) -> None:
        self._spaces, self._embedder = spaces, embedder
        self._cancelled = False
        self._done = self._in_pieces = 0

    def cancel(self) -> None:
        """End after the batch in hand. Safe to repeat."""
        self._cancelled = True

    def __aiter__(self) -> AsyncGenerator[ReembedEvent, None]:
        return self._events()

    async def _events(self) -> AsyncGenerator[ReembedEvent, None]:
        """Raises EmbedderError when the model cannot be used."""
        began = time.monotonic()
        await asyncio.to_thread(self._embedder.prepare)
        space = space_of(self._embedder)
        total = await asyncio.to_thread(self._spaces.missing, space)
        yield ReembedProgress(done=0, total=total)
        batches = self._spaces.unembedded(space, BATCH)
        while not self._cancelled and (batch := await asyncio.to_thread(next, batches, None)):
            await unbroken(asyncio.to_thread(self._take, space, batch))
            self._done += len(batch)
            pace = (time.monotonic() - began) / self._done
            left = max(0, total - self._done)
            yield ReembedProgress(done=self._done, total=max(total, self._done), seconds_left=pace * left)
        yield ReembedEnded(
            embedded=self._done,
            in_pieces=self._in_pieces,
            seconds=time.monotonic() - began,
            cancelled=self._cancelled,
        )

    def _take(self, space: str, batch: Sequence[Unembedded]) -> None:
        rows = rows_of(
            batch,
            lambda texts: self._vectors(texts, self._embedder.embed),
            lambda texts: self._vectors(texts, self._embedder.embed_questions),
        )
        self._spaces.write(space, [chunk.chunk for chunk in batch], rows)

    def _vectors(self, texts: Sequence[str], embed: Embed) -> "np.ndarray":
        import numpy as np

        try:
            return embed(texts)
        except TextTooLongError:
            return np.stack([self._whole(text, embed) for text in texts])

    def _whole(self, text: str, embed: Embed) -> "np.ndarray":
        """The vector of a text that may be longer than the model reads: the mean of its pieces, so nothing is cut."""
        import numpy as np

        pieces = self._embedder.split(text) or [text]
        self._in_pieces += len(pieces) > 1
        mean = embed(pieces).mean(axis=0)
        length = float(np.linalg.norm(mean))
        return np.asarray(mean / length if length else mean, dtype=np.float32)
