"""Puts what was found by words and what was found by meaning into one order."""

import math
from collections.abc import Mapping, Sequence

Hit = tuple[int, float]

BIAS, CODE, WORDS_STAND_OUT, MEANING_STANDS_OUT = 0.3, 1.1, -1.9, 3.5
"""Log-odds of the vectors' share, fitted by listwise likelihood over the questions of many collections, each weighing
the same, and checked on those left out: docs/decisions/0013-fusion.md."""

TENTH = 10
"""The first hit is compared with this one: what an answer stands out from."""


DEPTH = 200
"""Hits of each list that set the scale: of 100 documents about two chunks each. Those below it count 0 and only rank
the tail, so that the first passages are the same however many are asked for."""


def weight_of_meaning(text_hits: Sequence[Hit], vector_hits: Sequence[Hit], code: float) -> float:
    """Share of the vectors for this question and what it found, 0 to 1.

    The list counts more whose first hit stands out from its tenth. Program code (`code` is its share among the first
    hits) shares few words with a question about it, so there the meaning counts more. Both lists stand best first.
    """
    if not text_hits or not vector_hits:
        return 0.5
    (_, words), (_, tenth) = text_hits[0], text_hits[:TENTH][-1]
    (_, cosine), (_, tenth_cosine) = vector_hits[0], vector_hits[:TENTH][-1]
    words_stand_out = (words - tenth) / words if words > 0 else 0.0
    log_odds = BIAS + CODE * code + WORDS_STAND_OUT * words_stand_out + MEANING_STANDS_OUT * (cosine - tenth_cosine)
    return 1 / (1 + math.exp(-log_odds))


def fuse(text_hits: Sequence[Hit], vector_hits: Sequence[Hit], vector_weight: float, depth: int = DEPTH) -> list[Hit]:
    """Convex combination of both lists' min-max normalised scores, best first; ties by id, so the order is stable.

    Both lists stand best first. A chunk that only one list has counts as the worst of the other. Where one list is
    empty the other decides alone.
    """
    if not text_hits or not vector_hits:
        vector_weight = 1.0 if vector_hits else 0.0
    by_words, by_meaning = _normalised(text_hits, depth), _normalised(vector_hits, depth)
    shares = ((by_words, 1 - vector_weight), (by_meaning, vector_weight))
    scores: dict[int, float] = {}
    for list_scores, share in shares:
        for chunk, score in list_scores.items():
            scores[chunk] = scores.get(chunk, 0.0) + share * (score if score > 0 else 0.0)
    tail = -1 - max(map(abs, [*by_words.values(), *by_meaning.values()]), default=0.0)

    def below(chunk: int) -> float:
        """What ranks those that count 0."""
        return sum(share * max(tail, list_scores.get(chunk, tail)) for list_scores, share in shares)

    order = sorted((-score, 0.0 if score else -below(chunk), chunk) for chunk, score in scores.items())
    return [(chunk, -score) for score, _, chunk in order]


def _normalised(hits: Sequence[Hit], depth: int) -> Mapping[int, float]:
    """Scores with 1 for the first hit and 0 for the one at `depth` or the last; below that they are negative."""
    if not hits:
        return {}
    scores = [score for _, score in hits[:depth]]
    lowest, spread = min(scores), max(scores) - min(scores)
    if spread == 0:
        return {chunk: float(place < depth) for place, (chunk, _) in enumerate(hits)}
    return {chunk: (score - lowest) / spread for chunk, score in hits}
