"""Cancel and pause of an ingestion, for the event loop that runs it and for the threads that work for it."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class CancelledByAnalystError(Exception):
    """The analyst stopped the job."""


class IngestControl:
    """Whether a job may go on. `cancel`, `pause` and `go_on` are called from the event loop's thread only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = asyncio.Event()
        self._may_run = asyncio.Event()
        self._may_run.set()
        self._threads_may_run = threading.Event()
        self._threads_may_run.set()
        self._stopped = threading.Event()
        self.changed = asyncio.Event()
        """Set by each pause and each going on; who waits for it clears it."""
        self._clock = clock
        self._paused_at = 0.0
        self._paused_for = 0.0

    @property
    def cancelled(self) -> bool:
        """Whether the job was told to stop; safe in any thread."""
        return self._stopped.is_set()

    @property
    def paused(self) -> bool:
        """Whether the job rests until it is told to go on."""
        return not self._may_run.is_set() and not self.cancelled

    def cancel(self) -> None:
        """Stop for good, also while paused."""
        self._stopped.set()
        self._threads_may_run.set()
        self._stop.set()

    def pause(self) -> None:
        """Rest at the next step; what is being done is finished."""
        if self._may_run.is_set() and not self.cancelled:
            self._paused_at = self._clock()
            self._may_run.clear()
            self._threads_may_run.clear()
            self.changed.set()

    def go_on(self) -> None:
        """Work again."""
        if not self._may_run.is_set():
            self._paused_for += self._clock() - self._paused_at
            self._may_run.set()
            self._threads_may_run.set()
            self.changed.set()

    def working_clock(self) -> float:
        """Seconds that do not pass while the job is paused."""
        now = self._clock() if self._may_run.is_set() else self._paused_at
        return now - self._paused_for

    async def step(self) -> None:
        """Wait while the job is paused. Raises CancelledByAnalystError when it is cancelled."""
        await self.unless_cancelled(self._may_run.wait())

    def thread_step(self) -> None:
        """`step` for a thread."""
        self._threads_may_run.wait()
        if self.cancelled:
            raise CancelledByAnalystError

    async def unless_cancelled(self, work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
        """The result of `work`, unless the job is cancelled first: then the work is given up."""
        task = asyncio.ensure_future(work)
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                raise CancelledByAnalystError
            return task.result()
        finally:
            for each in (task, stop):
                each.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)


class Counter(Protocol):
    """Counts tokens as an embedder does."""

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it reads."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        ...


class StoppableCounter:
    """A token counter that waits while the job is paused and gives up when it is cancelled, so that no thread goes on
    chunking a large file.
    """

    def __init__(self, counter: Counter, control: IngestControl) -> None:
        self._counter, self._control = counter, control
        self.max_tokens = counter.max_tokens

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        self._control.thread_step()
        return self._counter.count_tokens_of_each(texts)
