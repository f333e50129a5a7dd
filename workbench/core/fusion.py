"""Puts what was found by words and what was found by meaning into one order."""

from collections.abc import Mapping, Sequence

Hit = tuple[int, float]

VECTOR_WEIGHT = 0.5
"""Share of the vectors. Of the fixed weights it was best on SciFact, and near the best on average over seven
collections (a weight that adapts to the question may replace it)."""


def fuse(text_hits: Sequence[Hit], vector_hits: Sequence[Hit], vector_weight: float = VECTOR_WEIGHT) -> list[Hit]:
    """Convex combination of both lists' min-max normalised scores, best first; ties by id, so the order is stable.

    A chunk that only one list has counts as the worst of the other. Where one list is empty the other decides alone.
    """
    if not text_hits or not vector_hits:
        vector_weight = 1.0 if vector_hits else 0.0
    by_words, by_meaning = _normalised(text_hits), _normalised(vector_hits)
    scores = {
        chunk: (1 - vector_weight) * by_words.get(chunk, 0.0) + vector_weight * by_meaning.get(chunk, 0.0)
        for chunk in by_words.keys() | by_meaning.keys()
    }
    return sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))


def _normalised(hits: Sequence[Hit]) -> Mapping[int, float]:
    if not hits:
        return {}
    scores = [score for _, score in hits]
    lowest, spread = min(scores), max(scores) - min(scores)
    return {chunk: (score - lowest) / spread if spread > 0 else 1.0 for chunk, score in hits}
