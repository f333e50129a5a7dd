"""Keeps the library: jobs that take in, one at a time, with their passes noted; what it holds; what is watched."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from weakref import WeakSet

from workbench.core.database import Database
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.embedder import Embedder
from workbench.core.knowledge.holdings import Holdings
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.knowledge.intake import DocumentIntake, FileIntake, Intake, RereadIntake
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.passes import Passes, absolute
from workbench.core.knowledge.stored import OWN
from workbench.core.knowledge.watching import Patience, Watching
from workbench.core.values import WorkbenchError

CLOSING_SECONDS = 2.0
"""How long closing waits for jobs to end."""


class Keeping:
    """Makes the jobs of one library and looks after its folders. For one event loop, except where said."""

    def __init__(
        self,
        database: Database,
        library: Library,
        embedder: Embedder,
        never: Iterable[Path] = (),
        patience: Patience | None = None,
    ) -> None:
        """`never` are folders that are not watched, since the program itself writes there."""
        self._library, self._embedder = library, embedder
        self.turn = Turn()
        self.passes = Passes(database)
        self.holdings = Holdings(database, library, self.passes)
        self._jobs: WeakSet[IngestJob] = WeakSet()
        self.watching = Watching(self.passes, self.holdings, self._background, never=never, patience=patience)

    def ingest(self, paths: Sequence[Path], collection: str = OWN) -> IngestJob:
        """A job that takes in files and folders."""
        return self._job(FileIntake(paths), collection, paths=paths, noted=True)

    def take_in(self, documents: Iterable[LoadedDocument], collection: str) -> IngestJob:
        """A job that takes in documents which are no files."""
        return self._job(DocumentIntake(documents), collection)

    def reread(self, document_ids: Sequence[str]) -> IngestJob:
        """A job that reads the files of these documents again, also unchanged ones."""
        return self._job(RereadIntake(self._library, document_ids), OWN)

    async def go_on(self) -> list[IngestJob]:
        """A job for each collection with passes that the end of the program broke off; [] when there are none."""
        paths: dict[str, list[Path]] = {}
        for path, collection in await asyncio.to_thread(self.passes.unfinished):
            paths.setdefault(collection, []).append(path)
        return [self.ingest(each, collection) for collection, each in paths.items()]

    async def watch(self, path: Path, collection: str = OWN) -> None:
        """Watch a folder from now on, also after the next start. WorkbenchError when it is no folder."""
        folder = Path(await asyncio.to_thread(absolute, path))
        if not await asyncio.to_thread(folder.is_dir):
            raise WorkbenchError(f"{path} is no folder, so it cannot be watched; give the folder it is in")
        await asyncio.to_thread(self.passes.watch, folder, collection)
        await self.watching.leave(folder)
        self.watching.follow(folder, collection)

    async def unwatch(self, path: Path) -> bool:
        """Watch a folder no longer; what came in stays. Returns whether it was watched."""
        folder = Path(await asyncio.to_thread(absolute, path))
        await self.watching.leave(folder)
        return await asyncio.to_thread(self.passes.unwatch, folder)

    async def remove_collection(self, name: str) -> int:
        """Forget a collection, and watch nothing for it; returns how many documents it had."""
        for path, collection in await asyncio.to_thread(self.passes.watched):
            if collection == name:
                await self.unwatch(path)
        return await asyncio.to_thread(self.holdings.remove_collection, name)

    async def remove_path(self, path: Path) -> int:
        """Forget what was read from a file or a folder, and watch it no longer; returns how many documents it were."""
        known = Path(await asyncio.to_thread(absolute, path))
        await self.watching.leave(known)
        return await asyncio.to_thread(self.holdings.remove_path, known)

    async def close(self) -> None:
        """End watching and every job; passes that were going on count as not finished."""
        await self.watching.close()
        running = list(self._jobs)
        for job in running:
            job.interrupt()
        tasks = [asyncio.create_task(job.over()) for job in running]
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _background(self, paths: Sequence[Path], collection: str, noted: bool) -> IngestJob:
        return self._job(FileIntake(paths), collection, paths=paths, noted=noted, background=True)

    def _job(
        self,
        intake: Intake,
        collection: str,
        *,
        paths: Sequence[Path] = (),
        noted: bool = False,
        background: bool = False,
    ) -> IngestJob:
        job = IngestJob(
            paths,
            self._library,
            self._embedder,
            collection,
            intake=intake,
            turn=self.turn,
            passes=self.passes if noted else None,
            background=background,
        )
        self._jobs.add(job)
        return job
