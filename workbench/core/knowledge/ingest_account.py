"""The account of an ingestion: which files still have to end, how those did that have, and how far it is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from workbench.core.knowledge.discovery import FoundFile, printable
from workbench.core.knowledge.ingest_control import IngestControl
from workbench.core.knowledge.ingest_estimate import Estimate
from workbench.core.knowledge.ingest_events import FileEnded, FileState, IngestProgress


class Account:
    """Sees to it that every file ends once, and makes the events that say so."""

    def __init__(self, control: IngestControl) -> None:
        self._control = control
        self._left: dict[Path, None] = {}
        self._total = 0
        self._estimate = Estimate(control.working_clock)
        self.counts: Counter[FileState] = Counter()

    def expect(self, paths: Iterable[Path]) -> None:
        """These are all the files there are."""
        self._left = dict.fromkeys(paths)
        self._total = len(self._left)

    @property
    def total(self) -> int:
        """How many files there are."""
        return self._total

    @property
    def left(self) -> tuple[Path, ...]:
        """The files that have not ended yet."""
        return tuple(self._left)

    def begin(self, items: Sequence[FoundFile]) -> None:
        """The work proper begins: these files are read, and the time left is estimated by their sizes."""
        self._estimate.begin(items)

    def read(self, path: Path, chunks: int) -> None:
        """A file was read and cut into so many chunks."""
        self._estimate.read(path, chunks)

    def end(self, path: Path, state: FileState, reason: str = "", chunks: int = 0) -> FileEnded:
        """The file at `path` has come to its end; KeyError when it has already."""
        del self._left[path]
        self.counts[state] += 1
        self._estimate.read(path, 0)
        return FileEnded(path=printable(str(path)), state=state, reason=reason, chunks=chunks)

    def embedded(self, count: int) -> None:
        """So many more chunks have vectors."""
        self._estimate.embedded(count)

    def progress(self, current: Path | None = None) -> IngestProgress:
        """How far it is."""
        return IngestProgress(
            files_done=self._total - len(self._left),
            files_total=self._total,
            chunks_done=self._estimate.chunks_done,
            chunks_total=self._estimate.chunks_total,
            current=printable(str(current)) if current else "",
            seconds_left=self._estimate.seconds_left(),
            paused=self._control.paused,
        )
