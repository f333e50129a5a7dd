"""The two protocols of the stores."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from workbench.core.evidence import Passage, PassageKind

if TYPE_CHECKING:
    import numpy as np


class Source(Protocol):
    """Anything that can be searched. Read-only."""

    name: str

    async def search(self, question: str, *, kinds: tuple[PassageKind, ...] = (), limit: int = 10) -> list[Passage]:
        """Best passages first, scores from 0 to 1. Raises on failure; the caller holds the deadline."""
        ...


class VectorIndex(Protocol):
    """A rebuildable cache that finds the chunks whose vectors are nearest. Vectors are normalised float32 rows."""

    def add(self, ids: "np.ndarray", vectors: "np.ndarray") -> None:
        """Add `vectors` (n, d) under int64 `ids` (n,)."""
        ...

    def remove(self, ids: "np.ndarray") -> None:
        """Remove those ids; unknown ones are ignored."""
        ...

    def search(self, vector: "np.ndarray", limit: int) -> list[tuple[int, float]]:
        """The nearest chunk ids with their cosine, best first."""
        ...


class TextIndex(Protocol):
    """A rebuildable cache that finds chunks by their words (BM25)."""

    def add(self, chunks: Iterable[tuple[int, str]]) -> None:
        """Add (chunk id, text) pairs."""
        ...

    def remove(self, ids: Iterable[int]) -> None:
        """Remove those ids; unknown ones are ignored."""
        ...

    def search(self, question: str, limit: int) -> list[tuple[int, float]]:
        """The best chunk ids with their BM25 score, best first. Any text is a valid question."""
        ...
