"""How many chunks an ingestion will make and how long that takes, learned while it goes on.

Files differ by kind in how many chunks their bytes make (a PDF is mostly pictures, a CSV all text), so that is learned
for each kind, leaning on all kinds together while little of one was seen. Speed is that of the last minutes. What is
told moves slowly, so that it can be read as a countdown.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from workbench.core.knowledge.discovery import FoundFile

BYTES_A_CHUNK = 800.0
"""Bytes of English or code in a chunk of about 200 tokens: the first guess, which weighs as much as GUESS_BYTES."""

GUESS_BYTES = 4_096.0

KIND_BYTES = 32_768.0
"""Bytes of one kind that must be read for its own ratio to weigh as much as that of all kinds."""

SPEED_SECONDS = 120.0
"""How far back the speed is looked at, as the time in which a moment's weight falls to 1/e."""

FIRST_AFTER = 2.0
"""Seconds of work before anything is told."""

CALM_SECONDS = 8.0
"""Time in which what is told comes within 1/e of what is reckoned."""


class Estimate:
    """Counts what was done of what there is to do. `clock` gives seconds that pass while work is done."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._unread: defaultdict[str, float] = defaultdict(float)
        self._sizes: dict[Path, int] = {}
        self._read: defaultdict[str, float] = defaultdict(float)
        self._made: defaultdict[str, float] = defaultdict(float)
        self._waiting = 0
        self._done = 0
        self._recent_chunks = self._recent_seconds = 0.0
        self._began = self._last = clock()
        self._told: tuple[float, float] | None = None

    def begin(self, items: Iterable[FoundFile]) -> None:
        """These files are to be read from now on."""
        for item in items:
            self._sizes[item.path] = item.size
            self._unread[item.path.suffix] += item.size
        self._began = self._last = self._clock()

    def read(self, path: Path, chunks: int) -> None:
        """A file was read and makes so many chunks; 0 when nothing comes of it. Harmless for a file read already."""
        size = self._sizes.pop(path, None)
        if size is None:
            return
        self._unread[path.suffix] -= size
        self._read[path.suffix] += size
        self._made[path.suffix] += chunks
        self._waiting += chunks

    def embedded(self, chunks: int) -> None:
        """So many more of the chunks that were read have vectors."""
        self._waiting = max(0, self._waiting - chunks)
        self._done += chunks
        now = self._clock()
        fading = math.exp(-(now - self._last) / SPEED_SECONDS)
        self._recent_chunks = self._recent_chunks * fading + chunks
        self._recent_seconds = self._recent_seconds * fading + now - self._last
        self._last = now

    @property
    def chunks_done(self) -> int:
        """Chunks that have vectors."""
        return self._done

    @property
    def chunks_total(self) -> int:
        """Chunks there will be in the end: those made, and those expected of the files that were not read yet."""
        unread = sum(size * self._chunks_a_byte(kind) for kind, size in self._unread.items() if size > 0)
        return self._done + self._waiting + math.ceil(unread)

    def seconds_left(self) -> float | None:
        """How long the rest takes; None while there is too little to go by."""
        left = self.chunks_total - self._done
        if left <= 0:
            return 0.0
        now = self._clock()
        if now - self._began < FIRST_AFTER or self._recent_chunks <= 0 or self._recent_seconds <= 0:
            return None
        reckoned = left * self._recent_seconds / self._recent_chunks
        if self._told is None:
            told = reckoned
        else:
            before, moment = self._told
            countdown = max(0.0, before - (now - moment))
            told = countdown + (reckoned - countdown) * (1 - math.exp(-(now - moment) / CALM_SECONDS))
        self._told = told, now
        return told

    def _chunks_a_byte(self, kind: str) -> float:
        everything = (sum(self._made.values()) + GUESS_BYTES / BYTES_A_CHUNK) / (sum(self._read.values()) + GUESS_BYTES)
        return (self._made[kind] + KIND_BYTES * everything) / (self._read[kind] + KIND_BYTES)
