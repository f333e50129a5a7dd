"""Tells which files change in a folder, by the system's own notifications, in a thread that sleeps in between."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from loguru import logger

STEP_MS = 400
"""A burst of changes counts as over after so long a silence; also the longest that the end of watching takes."""

BURST_MS = 4_000
"""A burst is told after so long even when it goes on."""


class FolderEyes:
    """Watches one folder from `async with` to its end; `changes` gives the paths of one burst after the other.

    It is blind to the folder itself being put away and another put in its place, so who uses it looks at that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stop = threading.Event()
        self._bursts: asyncio.Queue[frozenset[Path] | None] = asyncio.Queue()
        self._thread = threading.Thread(target=self._look, name=f"watching {folder.name}", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        await asyncio.shield(asyncio.to_thread(self._thread.join))

    async def changes(self, seconds: float) -> frozenset[Path] | None:
        """The paths that changed in the next burst, none when so many seconds pass; None when watching failed."""
        try:
            return await asyncio.wait_for(self._bursts.get(), seconds)
        except TimeoutError:
            return frozenset()

    def _look(self) -> None:
        try:
            for burst in self._watch():
                self._tell(burst)
        except Exception as error:  # whatever the system refuses: the folder is looked through now and then instead
            logger.info("{} is not watched by the system ({})", self._folder, error)
        if not self._stop.is_set():
            self._tell(None)

    def _watch(self) -> Iterator[frozenset[Path]]:
        import watchfiles

        for changes in watchfiles.watch(
            self._folder,
            watch_filter=None,
            debounce=BURST_MS,
            step=STEP_MS,
            stop_event=self._stop,
            raise_interrupt=False,
            force_polling=False,
        ):
            yield frozenset(Path(path) for _, path in changes)

    def _tell(self, burst: frozenset[Path] | None) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._bursts.put_nowait, burst)
        except RuntimeError:  # the loop is closed, so nobody listens
            self._stop.set()
