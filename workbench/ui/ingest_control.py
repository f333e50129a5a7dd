"""Reads files into the library for the window, and keeps account of what became of each."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from PySide6.QtCore import QObject, Signal

from workbench.core.engine import (
    FileEnded,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
    IngestStarted,
    WorkbenchError,
)
from workbench.ui import aio
from workbench.ui.wording import plural

if TYPE_CHECKING:
    from workbench.core.engine import Engine, IngestJob


class IngestControl(QObject):
    """One ingestion at a time."""

    changed = Signal()
    ended = Signal(str, str)
    """What was done in one sentence, and a line for each file that did not come in."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine: Engine | None = None
        self._job: IngestJob | None = None
        self.text, self.done, self.total = "", 0, 0
        self._troubles: list[str] = []
        self._counts: Counter[str] = Counter()
        self._cancelled = False

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

    def start(self, paths: list[Path]) -> None:
        """Read these files and folders in."""
        if paths:
            aio.spawn(self._ingest(paths), "reading files into the library")

    def cancel(self) -> None:
        """Stop after the file that is being stored; what is in stays in."""
        if self._job is not None:
            self._job.cancel()

    async def _ingest(self, paths: list[Path]) -> None:
        if self._engine is None:
            raise WorkbenchError("The library is still being prepared; try again in a moment")
        if self.busy:
            raise WorkbenchError("Files are being read in already; wait for that or stop it first")
        self.text, self.done, self.total = "Looking for files to read", 0, 0
        self._troubles, self._counts, self._cancelled = [], Counter(), False
        self._job = self._engine.library.ingest(paths)
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

    def _take(self, event: IngestEvent) -> None:
        match event:
            case IngestStarted(total_files=total):
                self.total = total
            case IngestProgress(files_done=done, files_total=total, current=current):
                self.done, self.total = done, total
                self.text = f"Reading {Path(current).name}" if current else "Reading files"
            case FileEnded(path=path, state=state, reason=reason):
                self._counts[str(state)] += 1
                if reason and str(state) in ("failed", "skipped"):
                    self._troubles.append(f"{path}: {state}, {reason}")
            case IngestNotice(text=text):
                self._troubles.append(text)
            case IngestEnded(cancelled=cancelled):
                self.done, self._cancelled = self.total, cancelled

    def _sentence(self) -> str:
        if not self._counts:
            return "There was nothing to read in; choose files or a folder with documents or code"
        told = ", ".join(f"{count:,} {state}" for state, count in self._counts.most_common())
        how = "Stopped reading; what is in stays in" if self._cancelled else "Read into the library"
        return f"{how}: {plural(sum(self._counts.values()), 'file')}, {told}"
