"""Figures of a ranking against judgements, as trec_eval and BEIR define them."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean

Judgements = Mapping[str, int]
"""Document id to grade; 0 or less means judged not relevant."""


def score_rankings(rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Judgements]) -> dict[str, float]:
    """Means over all queries that have a relevant document; one without a ranking scores 0.

    ndcg@10 has the grade as gain (as trec_eval), recall counts grades above 0, mrr@10 is 0 where none of the first
    ten is relevant, top1 and top10 are the shares of queries with a relevant document among the first 1 and 10.
    """
    judged = {query: grades for query, grades in judgements.items() if any(grade > 0 for grade in grades.values())}
    if not judged:
        return dict.fromkeys(("ndcg@10", "recall@10", "recall@100", "mrr@10", "top1", "top10"), 0.0)
    pairs = [(rankings.get(query, ()), grades) for query, grades in judged.items()]
    return {
        "ndcg@10": fmean(ndcg(ranking, grades, 10) for ranking, grades in pairs),
        "recall@10": fmean(recall(ranking, grades, 10) for ranking, grades in pairs),
        "recall@100": fmean(recall(ranking, grades, 100) for ranking, grades in pairs),
        "mrr@10": fmean(reciprocal_rank(ranking, grades, 10) for ranking, grades in pairs),
        "top1": fmean(reciprocal_rank(ranking, grades, 1) for ranking, grades in pairs),
        "top10": fmean(float(reciprocal_rank(ranking, grades, 10) > 0) for ranking, grades in pairs),
    }


def ndcg(ranking: Sequence[str], grades: Judgements, depth: int) -> float:
    """Discounted cumulative gain of the first `depth`, as a share of the best possible (Jarvelin, Kekalainen 2002)."""
    gains = [max(0, grades.get(document, 0)) for document in ranking[:depth]]
    ideal = sorted((max(0, grade) for grade in grades.values()), reverse=True)[:depth]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def recall(ranking: Sequence[str], grades: Judgements, depth: int) -> float:
    """Share of the relevant documents that stand among the first `depth`."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Judgements, depth: int) -> float:
    """1 / rank of the first relevant document among the first `depth`, else 0."""
    for rank, document in enumerate(ranking[:depth], start=1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))
