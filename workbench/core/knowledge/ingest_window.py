"""Documents that are loaded and cut, and the window of them that is embedded together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loguru import logger

from workbench.core.knowledge.discovery import FoundFile
from workbench.core.knowledge.documents import Chunk, LoadedDocument
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.ingest_events import FileState
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

WINDOW_CHUNKS = 256
"""Chunks of neighbouring documents that are looked at together; small documents fill batches by it."""

EMBED_BATCH = 32
"""Chunks embedded between two progress events, about half a second on two cores: what a kill can cost at most."""


@dataclass(frozen=True)
class Prepared:
    """A document that is loaded and chunked. `known` are vectors of its earlier version, by what was embedded."""

    item: FoundFile
    document: LoadedDocument
    version: str
    chunks: tuple[Chunk, ...]
    space: str = ""
    """Where its vectors are to be: what it is cut for, and what `known` is of."""
    known: Mapping[Embedded, "np.ndarray"] = field(default_factory=dict)


@dataclass(frozen=True)
class GivenUp:
    """A file that is not taken in, and why."""

    item: FoundFile
    state: FileState
    reason: str


def failed(item: FoundFile, error: Exception) -> GivenUp:
    """A document that could not be taken in, with what to tell about it."""
    reason = str(error)
    if not isinstance(error, WorkbenchError):
        logger.opt(exception=error).error("taking in a document failed unexpectedly")
        reason = (
            f"{item.path.name} could not be taken in, because of a fault in the workbench ({type(error).__name__}); "
            "the log says more"
        )
    return GivenUp(item, FileState.FAILED, reason)


class Window:
    """The chunks of some documents on their way to vectors. What has the same text gets the same vector, made once."""

    def __init__(self, members: Sequence[Prepared]) -> None:
        self._texts = {
            id(member): [Embedded(chunk.embedded_text, chunk.asks) for chunk in member.chunks] for member in members
        }
        self._done = {id(member): 0 for member in members}
        self._wanted_by: dict[Embedded, list[Prepared]] = {}
        self._vectors: dict[Embedded, np.ndarray] = {}
        for member in members:
            for text in self._texts[id(member)]:
                self._wanted_by.setdefault(text, []).append(member)
        for member in members:
            texts = dict.fromkeys(self._texts[id(member)])
            known = [text for text in texts if text in member.known and text not in self._vectors]
            self.take(known, [member.known[text] for text in known])

    def done(self, member: Prepared) -> int:
        """How many chunks of a document have their vectors."""
        return self._done[id(member)]

    def is_whole(self, member: Prepared) -> bool:
        """Whether all chunks of a document have their vectors."""
        return self.done(member) == len(member.chunks)

    def batches(self) -> Iterator[list[Embedded]]:
        """The texts that need a vector, in batches in reading order, so that one document after the other is whole."""
        missing = [text for text in self._wanted_by if text not in self._vectors]
        for start in range(0, len(missing), EMBED_BATCH):
            yield missing[start : start + EMBED_BATCH]

    def take(self, texts: Sequence[Embedded], vectors: "Sequence[np.ndarray] | np.ndarray") -> int:
        """Keep the vectors of different texts; returns how many chunks have theirs by it."""
        count = 0
        for text, vector in zip(texts, vectors, strict=True):
            self._vectors[text] = vector
            count += len(self._wanted_by[text])
            for member in self._wanted_by[text]:
                self._done[id(member)] += 1
        return count

    def owner(self, text: Embedded) -> FoundFile:
        """The first file that has this text."""
        return self._wanted_by[text][0].item

    def vectors(self, member: Prepared) -> "np.ndarray":
        """The vectors of a document's chunks in their order (n, dimension)."""
        import numpy as np

        if not member.chunks:
            return np.empty((0, 0), np.float32)
        return np.stack([self._vectors[text] for text in self._texts[id(member)]])
