"""An embedder for tests: vectors from words alone, so that texts which share words or synonyms are near each other."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from workbench.core.knowledge.embedder import EmbedderError, TextTooLongError


class WordEmbedder:
    """Each word is a direction; `synonyms` maps a word to the one whose direction it shares."""

    name = "words"
    precision = "fp32"
    dimension = 64
    max_tokens = 60

    def __init__(self, synonyms: Mapping[str, str] | None = None, digest: str = "words") -> None:
        self.digest = digest
        self.broken = False
        self._synonyms = dict(synonyms or {})

    def prepare(self) -> None:
        if self.broken:
            raise EmbedderError("The embedder is broken")

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.prepare()
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for place, text in enumerate(texts):
            if self.count_tokens(text) > self.max_tokens:
                raise TextTooLongError("too long")
            rows[place] = sum(self._direction(word.strip(".,;:?!")) for word in text.lower().split())
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(norms > 0, norms, 1)

    def embed_questions(self, texts: Sequence[str]) -> np.ndarray:
        return self.embed(texts)

    def stop(self) -> None:
        return None

    def count_tokens(self, text: str) -> int:
        return len(text.split()) + 2

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        return [self.count_tokens(text) for text in texts]

    def split(self, text: str) -> list[str]:
        words, room = text.split(), self.max_tokens - 2
        return [" ".join(words[start : start + room]) for start in range(0, len(words), room)]

    def _direction(self, word: str) -> np.ndarray:
        word = self._synonyms.get(word, word)
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "little")
        direction = np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return direction / np.linalg.norm(direction)
