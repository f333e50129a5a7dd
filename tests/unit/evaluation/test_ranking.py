import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluation.ranking import ndcg, recall, reciprocal_rank, score_rankings


def test_ndcg_as_worked_out_by_hand() -> None:
    grades = {"a": 3, "b": 2, "c": 1, "d": 0}
    gained = 2 / math.log2(2) + 0 / math.log2(3) + 3 / math.log2(4)
    best = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(["b", "x", "a"], grades, 10) == pytest.approx(gained / best)
    assert ndcg(["a", "b", "c"], grades, 10) == 1
    assert ndcg(["x", "y"], grades, 10) == 0
    assert ndcg(["x", "a"], grades, 1) == 0


def test_recall_and_rank_of_the_first_relevant() -> None:
    grades = {"a": 1, "b": 1, "c": 0, "d": -1}
    assert recall(["c", "a", "d"], grades, 10) == 0.5
    assert recall(["c", "d", "a"], grades, 2) == 0
    assert reciprocal_rank(["c", "d", "a"], grades, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["c", "d", "a"], grades, 2) == 0


def test_means_count_questions_without_a_ranking_and_leave_out_those_without_a_relevant_document() -> None:
    scores = score_rankings({"1": ["a"], "3": ["x"]}, {"1": {"a": 1}, "2": {"a": 1}, "3": {"x": 0}})
    assert scores == {"ndcg@10": 0.5, "recall@10": 0.5, "recall@100": 0.5, "mrr@10": 0.5, "top1": 0.5, "top10": 0.5}
    assert set(score_rankings({}, {}).values()) == {0.0}


@given(st.permutations(list("abcdefgh")), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3), min_size=1))
def test_moving_a_relevant_document_up_never_lowers_a_figure(ranking: list[str], grades: dict[str, int]) -> None:
    relevant = [place for place, document in enumerate(ranking) if grades.get(document, 0) > 0 and place > 0]
    if not relevant:
        return
    place = relevant[0]
    better = [*ranking]
    if grades.get(better[place - 1], 0) > grades[better[place]]:
        return
    better[place - 1], better[place] = better[place], better[place - 1]
    before, after = score_rankings({"q": ranking}, {"q": grades}), score_rankings({"q": better}, {"q": grades})
    assert all(after[name] >= before[name] - 1e-12 for name in before)
