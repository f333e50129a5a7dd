"""The embedder that the library is searched with at the moment: one object for all who embed, whatever is behind it."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.knowledge.embedder import Embedder, EmbedderError

if TYPE_CHECKING:
    import numpy as np


class ChosenEmbedder:
    """Hands everything on to `now`, which `swap` replaces. Thread-safe: a call in progress ends with its embedder."""

    def __init__(self, now: Embedder) -> None:
        self.now = now
        self._turn = threading.Lock()

    def swap(self, embedder: Embedder) -> Embedder:
        """Use this one from now on; gives back the one before, which its owner stops."""
        with self._turn:
            before, self.now = self.now, embedder
            return before

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.now.name

    @property
    def digest(self) -> str:
        """Which model it is."""
        return self.now.digest

    @property
    def precision(self) -> str:
        """How exactly it computes."""
        return self.now.precision

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.now.dimension

    @property
    def max_tokens(self) -> int:
        """Longest text it reads."""
        return self.now.max_tokens

    def prepare(self) -> None:
        """Make ready to embed."""
        self.now.prepare()

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows of passages."""
        return self.now.embed(texts)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows of questions."""
        return self.now.embed_questions(texts)

    def count_tokens(self, text: str) -> int:
        """Tokens that the model sees for `text`."""
        return self.now.count_tokens(text)

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self.now.count_tokens_of_each(texts)

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit."""
        return self.now.split(text)

    def stop(self) -> None:
        """End whatever it is doing."""
        self.now.stop()


class NoEmbedder:
    """Stands for an embedder that cannot be made: everything but its name and space fails with the reason."""

    def __init__(self, name: str, digest: str, precision: str, dimension: int, reason: str) -> None:
        self.name, self.digest, self.precision, self.dimension = name, digest, precision, dimension
        self.max_tokens = 256
        self._reason = reason

    def prepare(self) -> None:
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def count_tokens(self, text: str) -> int:
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def split(self, text: str) -> list[str]:
        """Raises EmbedderError with the reason."""
        raise EmbedderError(self._reason)

    def stop(self) -> None:
        """Nothing to end."""
