"""The two protocols of the stores."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from workbench.core.evidence import Passage
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np


class PartialAnswerError(WorkbenchError):
    """A source could answer only in part: its sentence says what is missing, `passages` is what it found."""

    def __init__(self, sentence: str, passages: Sequence[Passage]) -> None:
        super().__init__(sentence)
        self.passages = tuple(passages)


class Source(Protocol):
    """Anything that can be searched. Read-only."""

    name: str

    async def search(self, question: str, *, filters: SearchFilter = NO_FILTER, limit: int = 10) -> list[Passage]:
        """Best passages first, scores from 0 to 1. Raises on failure; the caller holds the deadline.

        A source that could look only in part of what it has raises PartialAnswerError with what it found.
        """
        ...


class VectorBatch(NamedTuple):
    """Chunks for a vector index: int64 ids (n,), the scope of each, and normalised float32 vectors (n, d)."""

    ids: "np.ndarray"
    scopes: Sequence[str]
    vectors: "np.ndarray"


class IndexedText(NamedTuple):
    """A chunk for a text index. Its scope is one word that searches are narrowed by."""

    id: int
    scope: str
    text: str


class VectorIndex(Protocol):
    """A rebuildable cache that finds the chunks whose vectors are nearest."""

    def update(self, removed: Iterable[int], added: Iterable[VectorBatch]) -> None:
        """Remove those ids (unknown ones are ignored), then add; searches see all of it at once or nothing."""
        ...

    def search(
        self, vectors: "np.ndarray", limit: int, scopes: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """The chunks nearest to any row of `vectors` (k, d) with their cosine, best first; all scopes when None."""
        ...


class TextIndex(Protocol):
    """A rebuildable cache that finds chunks by their words (BM25)."""

    def update(self, removed: Iterable[int], added: Iterable[Sequence[IndexedText]]) -> None:
        """Remove those ids (unknown ones are ignored), then add; searches see all of it at once or nothing."""
        ...

    def search(
        self,
        question: str,
        limit: int,
        scopes: Collection[str] | None = None,
        among: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        """The best chunk ids with their BM25 score, best first, of `among` when given. Any text is a question."""
        ...
