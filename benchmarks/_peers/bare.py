"""The parts themselves, as a yardstick: bm25s, the model by sentence-transformers, numpy, and one fixed rule."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._peers.systems import Document
from benchmarks._peers.vectors import Meter

BATCH = 32


class Bare:
    """Stemmed BM25 and cosines of whole documents, each scaled by least and most of its best ones, half and half."""

    RULES = ("convex",)

    def __init__(self, model: Path, meter: Meter) -> None:
        import Stemmer
        from sentence_transformers import SentenceTransformer

        meter.over_sentence_transformers()
        self._model = SentenceTransformer(str(model), device="cpu")
        self._stemmer = Stemmer.Stemmer("english")
        self._ids: list[str] = []

    def take_in(self, documents: Sequence[Document]) -> None:
        """Index all documents."""
        import bm25s

        self._ids = [document.id for document in documents]
        texts = [document.whole for document in documents]
        self._vectors = self._model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        self._words = bm25s.BM25()
        self._words.index(self._tokens(texts), show_progress=False)

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first."""
        count = min(depth, len(self._ids))
        cosines = self._vectors @ self._model.encode(question, normalize_embeddings=True, show_progress_bar=False)
        nearest = np.argsort(-cosines, kind="stable")[:count]
        found, scores = self._words.retrieve(self._tokens([question]), k=count, show_progress=False)
        mixed: dict[int, float] = {}
        for numbers, values in ((nearest, cosines[nearest]), (found[0], scores[0])):
            for number, value in zip(numbers.tolist(), _scaled(values), strict=True):
                mixed[number] = mixed.get(number, 0.0) + value / 2
        best = sorted(mixed, key=lambda number: (-mixed[number], number))[:depth]
        return [self._ids[number] for number in best]

    def close(self) -> None:
        """Nothing is held open."""

    def _tokens(self, texts: Sequence[str]) -> Any:
        import bm25s

        return bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False)


def _scaled(values: np.ndarray) -> list[float]:
    span = float(values.max() - values.min())
    return [float(value - values.min()) / span if span else 0.0 for value in values]
