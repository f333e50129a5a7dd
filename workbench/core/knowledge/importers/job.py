"""An import as a job: the file is read apart, compared with the library, taken in, and what is gone is removed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from workbench.core.knowledge.import_events import ImportChange, ImportEnded, ImportEvent
from workbench.core.knowledge.importers.contents import bare_name
from workbench.core.knowledge.importers.intake import SpoolIntake
from workbench.core.knowledge.importers.reading import ImportReader, Read
from workbench.core.knowledge.importers.registry import entry_of, importer_of
from workbench.core.knowledge.importers.spool import Spool
from workbench.core.knowledge.importers.store import ImportStore, Plan, Source
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestNotice,
    IngestProgress,
)
from workbench.core.knowledge.ingest_protocols import ChunkEmbedder, DocumentStore
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.values import WorkbenchError
from workbench.wording import counted

TOLD_EVERY = 0.5
"""Seconds between two lines of progress while a file is fetched or read."""

ESTIMATE_AFTER = 10.0
"""Seconds of taking in after which its estimate can be believed; it is told once, when more than a minute is left."""

EXAMPLES = 5


class ImportedStore(DocumentStore, Protocol):
    """What an import needs of the library besides what an ingestion does."""

    def remove_all(self, identities: Sequence[str]) -> None:
        """Forget several documents."""
        ...


class Origin(Protocol):
    """Where the file of an import comes from. Its methods block, and `obtain` runs in a thread."""

    label: str
    """The file's name or address, for the history."""
    part: str
    """What the file is a version of, where it is one of several official ones; empty for others."""

    def obtain(self) -> Path:
        """The file or folder on this disk, absolute. Raises WorkbenchError when there is none."""
        ...

    def progress(self) -> str:
        """What it is doing, as half a sentence."""
        ...

    def stop(self) -> None:
        """Give up; `obtain` then raises. May come from any thread."""
        ...

    def refused(self) -> None:
        """What was obtained cannot be imported, so it is not to be used again."""
        ...


class FromFile:
    """A file or folder that the user has."""

    part = ""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self.label = path.name

    def obtain(self) -> Path:
        """The path, if there is something."""
        if not self._path.exists():
            raise WorkbenchError(f"There is no {self._path}; check the path")
        if not self._path.is_file() and not self._path.is_dir():
            raise WorkbenchError(f"{self._path} is neither a file nor a folder, so it is not opened; choose another")
        return self._path

    def progress(self) -> str:
        """It takes no time."""
        return f"opening {self.label}"

    def stop(self) -> None:
        """Nothing goes on."""

    def refused(self) -> None:
        """The file is the user's."""


class ImportJob:
    """One import, run by iterating over it once: the events of an ingestion, then ImportEnded.

    Raises WorkbenchError in the iteration when the file cannot be obtained or read, is of no known format, or is older
    than what the library holds; nothing was changed then. Cancelled or killed, what is in stays in, and importing the
    same file again goes on. Documents that a newer version no longer has are removed at the end of a whole pass.
    """

    def __init__(
        self,
        origin: Origin,
        kind: str | None,
        *,
        library: ImportedStore,
        embedder: ChunkEmbedder,
        store: ImportStore,
        scratch: Path,
        alone: asyncio.Lock,
        older: bool = False,
        turn: Turn | None = None,
    ) -> None:
        """`alone` is held by the import that goes on: what one changes is reckoned by what the others left."""
        self._origin, self._kind, self._older = origin, kind or "", older
        self._library, self._embedder, self._store, self._scratch = library, embedder, store, scratch
        self._turn, self._alone = turn, alone
        self._reader = ImportReader()
        self._inner: IngestJob | None = None
        self._cancelled = self._paused = self._iterated = False
        self._over = asyncio.Event()

    @property
    def paused(self) -> bool:
        """Whether it rests until `go_on`; fetching and reading are finished first."""
        return self._paused

    def cancel(self) -> None:
        """Stop it, within a second. Safe to repeat; call it from the thread of the event loop, as `pause`."""
        self._cancelled = True
        self._origin.stop()
        self._reader.stop()
        if self._inner is not None:
            self._inner.cancel()

    @property
    def running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._iterated and not self._over.is_set()

    async def over(self) -> None:
        """Wait until it has ended; for ever if nobody iterates over it."""
        await self._over.wait()

    def pause(self) -> None:
        """Rest before the next document is taken in."""
        self._paused = True
        if self._inner is not None:
            self._inner.pause()

    def go_on(self) -> None:
        """Go on after a pause."""
        self._paused = False
        if self._inner is not None:
            self._inner.go_on()

    def __aiter__(self) -> AsyncGenerator[ImportEvent, None]:
        if self._iterated:
            raise RuntimeError("an import can be run once; make another job")
        self._iterated = True
        return self._events()

    async def _events(self) -> AsyncGenerator[ImportEvent, None]:
        started = time.monotonic()
        spool = await asyncio.to_thread(Spool, self._scratch)
        try:
            async with aclosing(self._work(spool, started)) as events:
                async for event in events:
                    yield event
        except WorkbenchError:
            if not self._cancelled:
                raise
            yield IngestEnded(counts={}, seconds=time.monotonic() - started, cancelled=True)
            yield self._broken_off(started, cancelled=True)
        finally:
            self.cancel()
            await asyncio.shield(asyncio.to_thread(spool.close))
            self._over.set()

    async def _work(self, spool: Spool, started: float) -> AsyncGenerator[ImportEvent, None]:
        obtaining = asyncio.create_task(asyncio.to_thread(self._origin.obtain), name="obtaining a file")
        async for progress in self._told(obtaining, self._origin.progress):
            yield progress
        path = obtaining.result()
        reading = asyncio.create_task(asyncio.to_thread(self._read, path, spool), name="reading an import")
        async for progress in self._told(reading, lambda: f"reading {self._origin.label}: {len(spool):,} entries"):
            yield progress
        source, read = reading.result()
        self._kind = source.kind
        while self._alone.locked():
            if self._cancelled:
                raise WorkbenchError(f"The import of {source.file} was stopped; start it again")
            yield _doing("waiting until another import has ended")
            await asyncio.sleep(TOLD_EVERY)
        async with self._alone:
            async for event in self._changing(source, read, spool, started):
                yield event

    async def _changing(
        self, source: Source, read: Read, spool: Spool, started: float
    ) -> AsyncGenerator[ImportEvent, None]:
        """All that the import does to the library."""
        if not self._older and await asyncio.to_thread(self._store.is_older, source):
            raise WorkbenchError(await asyncio.to_thread(self._why_older, source))
        if not self._older and source.kind == "sarif":
            heads = {head.path for head in spool.heads.values()}
            if await asyncio.to_thread(self._store.is_stranger, source, heads):
                raise WorkbenchError(_why_strange(source))
        for text in _notices(read, spool):
            yield IngestNotice(text=text)
        plan = await asyncio.to_thread(self._store.begin, source, spool.heads)
        yield IngestNotice(text=_planned(source, plan, len(spool)))
        async for event in self._take_in(source, read, plan, spool, started):
            yield event

    async def _told(
        self, work: "asyncio.Task[object]", doing: Callable[[], str]
    ) -> AsyncGenerator[IngestProgress, None]:
        """Progress until the work is done; when nobody listens any more, the work is stopped and waited for."""
        try:
            while not work.done():
                yield _doing(doing())
                await asyncio.wait({work}, timeout=TOLD_EVERY)
        finally:
            if not work.done():
                self.cancel()
            await asyncio.gather(work, return_exceptions=True)

    def _read(self, path: Path, spool: Spool) -> tuple[Source, Read]:
        """Everything in the file, and what it is a version of."""
        try:
            read = self._reader.read(path, self._kind, spool)
        except WorkbenchError:
            if not self._cancelled:
                self._origin.refused()
            raise
        entry = entry_of(read.kind)
        given = (self._origin.part or bare_name(path.name)) if entry.named_by_file else entry.name
        name = f"{given}, {read.name}" if read.name and entry.room == "sarif" else read.name or given
        name = " ".join(name.replace("/", " ").split())[:100] or entry.name
        label = self._origin.label
        return Source(read.kind, name, entry.collection(name), read.version, read.sha256, label), read

    def _why_older(self, source: Source) -> str:
        known = self._store.newest(source.kind, source.name)
        held = known.version if known else ""
        return (
            f"{source.file} is version {source.version} of {source.name}, and the library holds {held}, so nothing was "
            "imported; to go back to the older one, import it with --older"
        )

    async def _take_in(
        self, source: Source, read: Read, plan: Plan, spool: Spool, started: float
    ) -> AsyncGenerator[ImportEvent, None]:
        """The ingestion of what changed, then the removal of what is gone, and the record of the import."""
        self._inner = IngestJob(
            (),
            self._library,
            self._embedder,
            source.collection,
            intake=SpoolIntake(spool),
            turn=self._turn,
            name=source.file,
        )
        if self._paused:
            self._inner.pause()
        if self._cancelled:
            self._inner.cancel()
        ended: IngestEnded | None = None
        estimate = _Estimate()
        async with aclosing(self._inner.__aiter__()) as events:
            async for event in events:
                if isinstance(event, IngestEnded):
                    ended = event
                    break
                yield event
                if isinstance(event, IngestProgress) and (told := estimate.told(event)):
                    yield IngestNotice(text=told)
        assert ended is not None
        failed = ended.counts.get(FileState.FAILED, 0)
        if ended.cancelled or failed:
            yield ended
            yield self._broken_off(started, ended.counts, source, plan, cancelled=ended.cancelled)
            return
        if read.whole:
            for path, title in await asyncio.to_thread(self._remove, plan):
                yield FileEnded(path=path, state=FileState.REMOVED, reason=title)
        yield ended
        yield await asyncio.to_thread(self._finish, source, read, plan, spool, started)

    def _remove(self, plan: Plan) -> list[tuple[str, str]]:
        self._library.remove_all(plan.removed)
        changes = self._store.changes(plan.import_id)
        return [(each.path, "") for each in changes if each.change == "removed"]

    def _broken_off(
        self,
        started: float,
        counts: Mapping[FileState, int] | None = None,
        source: Source | None = None,
        plan: Plan | None = None,
        *,
        cancelled: bool,
    ) -> ImportEnded:
        """The end of an import that is not whole: what was done so far."""
        counts = counts or {}
        return ImportEnded(
            format=self._kind,
            name=source.name if source else self._origin.label,
            version=source.version if source else "",
            added=counts.get(FileState.ADDED, 0),
            changed=counts.get(FileState.UPDATED, 0),
            removed=0,
            unchanged=counts.get(FileState.UNCHANGED, 0),
            failed=counts.get(FileState.FAILED, 0),
            seconds=time.monotonic() - started,
            cancelled=cancelled,
            import_id=plan.import_id if plan else 0,
        )

    def _finish(self, source: Source, read: Read, plan: Plan, spool: Spool, started: float) -> ImportEnded:
        done = self._store.finish(plan.import_id, source, spool.heads, keep_others=not read.whole)
        return ImportEnded(
            format=done.kind,
            name=done.name,
            version=done.version,
            added=done.added,
            changed=done.changed,
            removed=done.removed,
            unchanged=done.unchanged,
            seconds=time.monotonic() - started,
            examples=tuple(map(_example, self._store.changes(done.id, EXAMPLES))),
            import_id=done.id,
        )


def _doing(what: str) -> IngestProgress:
    return IngestProgress(files_done=0, files_total=0, chunks_done=0, current=what)


class _Estimate:
    """Tells once how long it will take, when that is known by what was done and worth telling."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._told = False

    def told(self, progress: IngestProgress) -> str:
        """The sentence, empty when there is nothing to tell."""
        if not progress.chunks_done or progress.paused or self._told:
            return ""
        if self._began is None:
            self._began = time.monotonic()
        left = progress.seconds_left
        if left is None or time.monotonic() - self._began < ESTIMATE_AFTER:
            return ""
        self._told = True
        return "" if left < 60 else f"About {counted(round(left / 60), 'minute')} left; cancelling keeps what is in"


def _notices(read: Read, spool: Spool) -> list[str]:
    twice = (
        [f"{counted(spool.twice, 'entry', 'entries')} came twice with different text; the later dated was taken"]
        if spool.twice
        else []
    )
    return [*read.notices, *twice]


def _why_strange(source: Source) -> str:
    return (
        f"{source.file} has no result in common with the scan {source.name} that the library holds, so it may be of "
        "other code, and nothing was imported; rename the file to keep both, or import it with --older to replace that"
    )


def _planned(source: Source, plan: Plan, total: int) -> str:
    """What is going to be done, in one line, without what there is none of."""
    title = importer_of(source.kind).title
    what = title if source.name == source.kind else f"{title} {source.name}"
    version = f", version {source.version}" if source.version else ""
    same = total - plan.added - plan.changed
    counts = ((plan.added, "new"), (plan.changed, "changed"), (same, "known"), (len(plan.removed), "gone since"))
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    on = "; goes on where it was broken off" if plan.goes_on else ""
    entries = f"{total:,} {'entry' if total == 1 else 'entries'}"
    return f"{what}{version}: {entries}" + (f", {told}" if told else "") + on


def _example(change: ImportChange) -> str:
    return f"{change.change} {change.title}"
