"""txtai as its documentation sets up hybrid search: `hybrid=True` with content kept in its database."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._peers.systems import Document, distinct
from benchmarks._peers.vectors import Meter

NORMALIZE = {"convex": True, "log_odds": "bb25", "reciprocal_rank": False}
"""Setting of the scoring by the rule it leads to; `hybrid` sets the first."""


class Txtai:
    """One Embeddings instance, its model run by transformers, as txtai does for a path."""

    RULES = tuple(NORMALIZE)

    def __init__(self, model: Path, meter: Meter) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings(path=str(model), hybrid=True, content=True, gpu=False)
        vectors = self._embeddings.model
        plain = vectors.encode
        longest = int(vectors.model.maxlength)

        def encode(texts: Sequence[str], category: str | None = None) -> np.ndarray:
            rows = meter.encode(texts, lambda part: plain(part, category), f"txtai/{longest}", longest)
            return np.array(rows)  # txtai normalizes in place

        vectors.encode = encode

    def take_in(self, documents: Sequence[Document]) -> None:
        """Index all documents."""
        self._embeddings.index((document.id, document.whole, None) for document in documents)

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first. The question is bound, so that it is never read as SQL."""
        self._normalize(rule)
        found = self._embeddings.search(
            "select id, score from txtai where similar(:question)", depth, parameters={"question": question}
        )
        return distinct([row["id"] for row in found], depth)

    def _normalize(self, rule: str) -> None:
        """What the setting `normalize` of a BM25 scoring does when the index is made or loaded."""
        from txtai.scoring.normalize import Normalize

        scoring, wanted = self._embeddings.scoring, NORMALIZE[rule]
        scoring.normalize, scoring.normalizer = wanted, Normalize(wanted) if wanted else None

    def close(self) -> None:
        """Close its database."""
        self._embeddings.close()
