"""Follows watched folders while the engine runs: what changes in them comes in, what is deleted goes after a while."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from workbench.core.knowledge.activity import Activity
from workbench.core.knowledge.discovery import printable, reached
from workbench.core.knowledge.folder_eyes import FolderEyes
from workbench.core.knowledge.holdings import Holdings
from workbench.core.knowledge.ingest_events import FileEnded, FileState, IngestEnded, IngestNotice
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.knowledge.passes import Passes, is_missing
from workbench.core.values import WorkbenchError


@dataclass(frozen=True)
class Patience:
    """How long watching waits, in seconds."""

    grace: float = 30.0
    """From a deletion until its document goes: editors and version control delete files that they write anew."""
    absent: float = 30.0
    """Between two looks for a folder that is not there."""
    idle: float = 60.0
    """Between two looks whether the folder is still the same, which costs one call of the system."""
    blind: float = 600.0
    """Between two passes where the system does not tell of changes, as on some network drives."""


MakeJob = Callable[[Sequence[Path], str, bool], IngestJob]
"""A background job over paths for a collection, and whether it is noted as a pass over them."""


class Watching:
    """Follows folders, each in a task of its own. For one event loop."""

    def __init__(
        self,
        passes: Passes,
        holdings: Holdings,
        job: MakeJob,
        *,
        never: Iterable[Path] = (),
        patience: Patience | None = None,
    ) -> None:
        """`never` are folders of the program's own, which change whenever something comes in."""
        self._passes, self._holdings, self._job = passes, holdings, job
        self._never = tuple(never)
        self._patience = patience or Patience()
        self._tasks: dict[Path, asyncio.Task[None]] = {}
        self.activity = Activity()

    async def start(self) -> None:
        """Follow all folders that are watched; each begins with a pass that catches up."""
        for path, collection in await asyncio.to_thread(self._passes.watched):
            self.follow(path, collection)

    def follow(self, path: Path, collection: str) -> None:
        """Follow one folder from now on."""
        if path not in self._tasks:
            self._tasks[path] = asyncio.create_task(self._follow(path, collection), name=f"following {path.name}")

    async def leave(self, path: Path) -> None:
        """Follow a folder no longer; its documents stay."""
        task = self._tasks.pop(path, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Follow nothing any more; a pass that goes on ends within a second."""
        await asyncio.gather(*(self.leave(path) for path in list(self._tasks)))
        self.activity.end()

    async def _follow(self, path: Path, collection: str) -> None:
        """While it is there, watch it; while it is not, look for it now and then. Trouble is told and not the end."""
        told = False
        while True:
            try:
                if await asyncio.to_thread(is_missing, path):
                    if not told:
                        self._say(f"The watched folder {printable(str(path))} is not there now; what is in stays in")
                    told = True
                    await asyncio.sleep(self._patience.absent)
                    continue
                told = False
                await self._watch(path, collection)
            except WorkbenchError as error:
                self._say(f"The watched folder {printable(str(path))} could not be followed: {error}")
                await asyncio.sleep(self._patience.absent)
            except Exception as error:
                logger.opt(exception=error).error("watching a folder failed unexpectedly")
                await asyncio.sleep(self._patience.blind)

    async def _watch(self, path: Path, collection: str) -> None:
        """Catch up, then follow the changes, until the folder is another one or gone."""
        mark = await asyncio.to_thread(_mark, path)
        async with FolderEyes(path) as eyes:
            await self._run(self._job([path], collection, True))
            prune_at: float | None = time.monotonic() + self._patience.grace
            while True:
                wait = self._patience.idle if prune_at is None else max(0.0, prune_at - time.monotonic())
                burst = await eyes.changes(min(wait, self._patience.idle))
                if await asyncio.to_thread(_mark, path) != mark:
                    return
                if burst is None:
                    await asyncio.sleep(self._patience.blind)
                    return
                there, lost = await asyncio.to_thread(self._sorted, path, burst)
                if there:
                    await self._run(self._job(there, collection, False))
                    await asyncio.to_thread(self._passes.caught_up, path, collection)
                if lost:
                    prune_at = time.monotonic() + self._patience.grace
                if prune_at is not None and time.monotonic() >= prune_at:
                    await self._prune(path, collection)
                    prune_at = None

    def _sorted(self, folder: Path, burst: frozenset[Path]) -> tuple[list[Path], bool]:
        """The paths of a burst that a pass over the folder would read, and whether others are there no more."""
        mine = [path for path in sorted(burst) if reached(folder, path) and not self._is_own(path)]
        there = [path for path in mine if path.exists() and path != folder]
        return there, len(there) < len(mine)

    def _is_own(self, path: Path) -> bool:
        return any(path.is_relative_to(own) for own in self._never)

    async def _run(self, job: IngestJob) -> None:
        async with aclosing(aiter(job)) as events:
            async for event in events:
                self.activity.tell(event)

    async def _prune(self, path: Path, collection: str) -> None:
        began = time.monotonic()
        gone = await asyncio.to_thread(self._holdings.prune, path, collection)
        for document in gone:
            self.activity.tell(FileEnded(path=document.path, state=FileState.REMOVED, reason="its file is gone"))
        if gone:
            counts = Counter({FileState.REMOVED: len(gone)})
            self.activity.tell(IngestEnded(counts=dict(counts), seconds=time.monotonic() - began))

    def _say(self, text: str) -> None:
        self.activity.tell(IngestNotice(text=text))


def _mark(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another that takes its place; None when there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
