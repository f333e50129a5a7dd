"""An embedder for evaluations that take the same texts into several libraries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.knowledge.embedder import Embedder

if TYPE_CHECKING:
    import numpy as np


class RememberingEmbedder:
    """Another embedder whose vectors are kept in memory, so that each text is embedded once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, np.ndarray] = {}
        self.name, self.digest, self.precision = embedder.name, embedder.digest, embedder.precision
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens

    def prepare(self) -> None:
        """Make ready to embed."""
        self._embedder.prepare()

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows (n, dimension)."""
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`, for questions."""
        return self._embedder.embed_questions(texts)

    def count_tokens(self, text: str) -> int:
        """Tokens that the model sees for `text`."""
        return self._embedder.count_tokens(text)

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of many texts."""
        return self._embedder.count_tokens_of_each(texts)

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit."""
        return self._embedder.split(text)

    def stop(self) -> None:
        """End whatever it is doing."""
        self._embedder.stop()
