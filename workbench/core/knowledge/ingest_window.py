"""Documents that are loaded and cut, and the window of them that is embedded together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.core.knowledge.discovery import FoundFile
from workbench.core.knowledge.documents import Chunk, LoadedDocument
from workbench.core.knowledge.ingest_events import FileState

if TYPE_CHECKING:
    import numpy as np

WINDOW_CHUNKS = 256
"""Chunks of neighbouring documents that are embedded together, sorted by length, so that little is padded."""

EMBED_BATCH = 32
"""Chunks embedded between two progress events: about a second on two slow cores."""


@dataclass(frozen=True)
class Prepared:
    """A document that is loaded and chunked. `known` are vectors of its earlier version, by what was embedded."""

    item: FoundFile
    document: LoadedDocument
    version: str
    chunks: tuple[Chunk, ...]
    known: Mapping[str, "np.ndarray"] = field(default_factory=dict)


@dataclass(frozen=True)
class GivenUp:
    """A file that is not taken in, and why."""

    item: FoundFile
    state: FileState
    reason: str


class Window:
    """The chunks of some documents on their way to vectors. What has the same text gets the same vector, made once."""

    def __init__(self, members: Sequence[Prepared]) -> None:
        self.members = tuple(members)
        self._vectors: dict[str, np.ndarray] = {}
        self._tokens: dict[str, int] = {}
        self._owners: dict[str, FoundFile] = {}
        self._times: dict[str, int] = {}
        for member in members:
            for chunk in member.chunks:
                self._add(member, chunk)

    def _add(self, member: Prepared, chunk: Chunk) -> None:
        text = chunk.embedded_text
        self._times[text] = self._times.get(text, 0) + 1
        if text in member.known:
            self._vectors[text] = member.known[text]
        self._tokens[text] = chunk.tokens
        self._owners.setdefault(text, member.item)

    @property
    def done(self) -> int:
        """How many chunks have their vectors."""
        return sum(self._times[text] for text in self._vectors)

    def batches(self) -> Iterator[list[str]]:
        """The texts that need a vector, in batches of like length."""
        missing = [text for text in self._tokens if text not in self._vectors]
        missing.sort(key=self._tokens.__getitem__)
        for start in range(0, len(missing), EMBED_BATCH):
            yield missing[start : start + EMBED_BATCH]

    def take(self, texts: Sequence[str], vectors: "np.ndarray") -> int:
        """Keep the vectors of a batch; returns how many chunks have theirs by it."""
        self._vectors.update(zip(texts, vectors, strict=True))
        return sum(self._times[text] for text in texts)

    def owner(self, text: str) -> FoundFile:
        """The first file that has this text."""
        return self._owners[text]

    def vectors(self, member: Prepared) -> "np.ndarray":
        """The vectors of a document's chunks in their order (n, dimension)."""
        import numpy as np

        if not member.chunks:
            return np.empty((0, 0), np.float32)
        return np.stack([self._vectors[chunk.embedded_text] for chunk in member.chunks])
