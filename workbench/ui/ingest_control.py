"""Reads files and official knowledge into the library for the window, and keeps account of what became of each."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger
from PySide6.QtCore import QObject, Signal

from workbench.core.engine import (
    FileEnded,
    FileState,
    ImportEnded,
    ImportEvent,
    IngestEnded,
    IngestNotice,
    IngestProgress,
    IngestStarted,
    WorkbenchError,
)
from workbench.ui import aio
from workbench.ui.models.imports_model import counts_in_words
from workbench.ui.models.knowledge_facade import OWN, Job
from workbench.ui.wording import plural, sentence

if TYPE_CHECKING:
    from workbench.core.engine import Engine


class IngestControl(QObject):
    """One intake at a time: files, documents to be read again, or an import."""

    changed = Signal()
    ended = Signal(str, str)
    """What was done in one sentence, and a line for each file that did not come in."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine: Engine | None = None
        self._job: Job | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.text, self.done, self.total = "", 0, 0
        self.noun = "file"
        """What `done` and `total` count."""
        self.chunks = 0
        """Passages made so far."""
        self.seconds_left: float | None = None
        """An estimate, None while there is nothing to go by."""
        self._troubles: list[str] = []
        self._counts: Counter[str] = Counter()
        self._cancelled = False
        self._import: ImportEnded | None = None

    def attach(self, engine: "Engine") -> None:
        """Read files into the library of this engine from now on."""
        self._engine = engine

    @property
    def busy(self) -> bool:
        """Whether files are being read."""
        return self._job is not None

    @property
    def ready(self) -> bool:
        """Whether files can be read in now."""
        return self._engine is not None and not self.busy

    @property
    def paused(self) -> bool:
        """Whether what is being read waits to go on."""
        return self._job is not None and self._job.paused

    @property
    def can_pause(self) -> bool:
        """Whether something can be paused, or go on."""
        return self._job is not None

    def start(self, paths: Sequence[Path], collection: str = OWN) -> None:
        """Read these files and folders in."""
        if paths:
            self._begin(lambda engine: engine.library.ingest(list(paths), collection))

    def reingest(self, document_ids: Sequence[str]) -> None:
        """Read the files of these documents again, also if they did not change."""
        if document_ids:
            self._begin(lambda engine: engine.library.reingest(list(document_ids)))

    def import_file(self, path: Path, kind: str | None = None) -> None:
        """Import a file of official knowledge, a report or an inventory; its kind is recognised when None."""
        self._begin(lambda engine: engine.library.imports.from_file(path, kind), "document")

    def import_files(self, paths: Sequence[Path], then: Sequence[Path] = ()) -> None:
        """Import these files one after another, then read those other files and folders in."""
        self._spawn(self._import_all(list(paths), list(then)))

    async def _import_all(self, paths: list[Path], then: list[Path]) -> None:
        for path in paths:
            try:
                await self._ingest(lambda engine, path=path: engine.library.imports.from_file(path), "document")  # type: ignore[misc]
            except WorkbenchError as error:  # one that is refused keeps no other out
                self.ended.emit(f"Not imported: {path.name}", str(error))
            if self._cancelled:
                return
        if then:
            await self._ingest(lambda engine: engine.library.ingest(then, OWN))

    def download(self, kind: str, part: str = "") -> None:
        """Download the official file of that kind (of several that of `part`) and import it."""
        self._begin(lambda engine: engine.library.imports.download(kind, part), "document")

    def go_on_with_unfinished(self) -> None:
        """Read what the end of the program kept from being read."""
        self._spawn(self._go_on())

    def _begin(self, make: Callable[["Engine"], Job], noun: str = "file") -> None:
        self._spawn(self._ingest(make, noun))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = aio.spawn(work, "reading into the library")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def leave(self) -> None:
        """Let go of what is being read, as the window closes: it can go on after the next start."""
        for task in self._tasks:
            task.cancel()

    def cancel(self) -> None:
        """Stop after the file that is being stored; what is in stays in."""
        if self._job is not None:
            self._job.cancel()

    def turn_pause(self) -> None:
        """Pause what is being read, or let it go on."""
        if self._job is not None:
            (self._job.go_on if self._job.paused else self._job.pause)()
            self.changed.emit()

    async def _go_on(self) -> None:
        for job in await self._free().library.go_on():
            await self._ingest(lambda _engine, job=job: job)  # type: ignore[misc]
            if self._cancelled:
                return

    def _free(self) -> "Engine":
        """The engine, if it is there and nothing is read in already."""
        if self._engine is None:
            raise WorkbenchError("The library is still being prepared; try again in a moment")
        if self.busy:
            raise WorkbenchError("Files are being read in already; wait for that or stop it first")
        return self._engine

    async def _ingest(self, make: Callable[["Engine"], Job], noun: str = "file") -> None:
        engine = self._free()
        self.noun = noun
        self.text, self.done, self.total, self.chunks, self.seconds_left = "Looking for files to read", 0, 0, 0, None
        self._troubles, self._counts, self._cancelled, self._import = [], Counter(), False, None
        self._job = make(engine)
        self.changed.emit()
        try:
            async for event in self._job:
                self._take(event)
                self.changed.emit()
        finally:
            self._job = None
            self.changed.emit()
        logger.info("{}", self._sentence())
        self.ended.emit(self._sentence(), "\n".join(self._troubles))

    def _take(self, event: ImportEvent) -> None:
        match event:
            case IngestStarted(total_files=total):
                self.total = total
            case IngestProgress(files_done=done, files_total=total, current=current):
                self.done, self.total = done, total
                self.chunks, self.seconds_left = event.chunks_done, event.seconds_left
                self.text = self._in_words(current)
            case FileEnded(path=path, state=state, reason=reason):
                self._counts[str(state)] += 1
                if reason and str(state) in ("failed", "skipped"):
                    self._troubles.append(f"{path}: {state}, {reason}")
            case IngestNotice(text=text) if not self.total:
                self.text = text
            case IngestNotice(text=text):
                self._troubles.append(text)
            case IngestEnded(cancelled=cancelled):
                self.done, self._cancelled = self.total, cancelled
            case ImportEnded(cancelled=cancelled):
                self._import, self._cancelled = event, cancelled

    def _in_words(self, current: str) -> str:
        """What is worked on: of an import a phrase, else a file."""
        if self.noun == "document":
            return sentence(current).removesuffix(".") or "Importing"
        return f"Reading {Path(current).name}" if current else "Reading files"

    def _sentence(self) -> str:
        if self._import is not None and not self._cancelled:
            done = self._import
            named = " ".join(part for part in (done.name or done.format, done.version) if part)
            return f"Imported {named}: {counts_in_words(done.added, done.changed, done.removed)}"
        if not self._counts:
            return "There was nothing to read in; choose files or a folder with documents or code"
        told = ", ".join(f"{self._counts[state]:,} {state}" for state in FileState if self._counts[state])
        how = "Stopped reading; what is in stays in" if self._cancelled else "Read into the library"
        return f"{how}: {plural(sum(self._counts.values()), self.noun)}, {told}"
