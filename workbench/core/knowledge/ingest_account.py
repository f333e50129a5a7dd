"""The account of an ingestion: which files still have to end, how those did that have, and how long it will take."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from workbench.core.knowledge.discovery import FoundFile, printable
from workbench.core.knowledge.ingest_events import FileEnded, FileState, IngestProgress


class Account:
    """Sees to it that every file ends once, and makes the events that say so."""

    def __init__(self) -> None:
        self._left: dict[Path, None] = {}
        self._total = 0
        self._chunks = 0
        self._sizes: dict[Path, int] = {}
        self._bytes_total = 0
        self._bytes_done = 0.0
        self._began = time.monotonic()
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
        self._sizes = {item.path: item.size for item in items}
        self._bytes_total = sum(self._sizes.values())
        self._began = time.monotonic()

    def end(self, path: Path, state: FileState, reason: str = "", chunks: int = 0) -> FileEnded:
        """The file at `path` has come to its end; KeyError when it has already."""
        del self._left[path]
        self.counts[state] += 1
        self._bytes_done += self._sizes.get(path, 0)
        return FileEnded(path=printable(str(path)), state=state, reason=reason, chunks=chunks)

    def embedded(self, count: int) -> None:
        """So many more chunks have vectors."""
        self._chunks += count

    def progress(self, current: Path | None = None, ahead: float = 0.0) -> IngestProgress:
        """How far it is; `ahead` are the bytes of files that are worked on but have not ended."""
        done = self._bytes_done + ahead
        left = None
        if done > 0:
            left = (time.monotonic() - self._began) * max(0.0, self._bytes_total - done) / done
        return IngestProgress(
            files_done=self._total - len(self._left),
            files_total=self._total,
            chunks_done=self._chunks,
            current=printable(str(current)) if current else "",
            seconds_left=left,
        )
