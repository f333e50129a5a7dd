import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.fusion import fuse, weight_of_meaning

hits = st.dictionaries(st.integers(0, 30), st.floats(0, 50), max_size=12).map(
    lambda scores: sorted(scores.items(), key=lambda hit: -hit[1])
)


def order(fused: list[tuple[int, float]]) -> list[int]:
    return [chunk for chunk, _ in fused]


def test_what_both_lists_have_on_top_is_first() -> None:
    assert order(fuse([(1, 9.0), (2, 8.0), (3, 1.0)], [(4, 0.9), (2, 0.85), (5, 0.1)], 0.5))[0] == 2


def test_scores_are_the_weighted_sum_of_normalised_scores() -> None:
    fused = dict(fuse([(1, 10.0), (2, 5.0), (3, 0.0)], [(2, 0.8), (3, 0.6), (1, 0.4)], vector_weight=0.25))
    assert fused == pytest.approx({1: 0.75, 2: 0.75 * 0.5 + 0.25, 3: 0.25 * 0.5})


def test_a_list_alone_keeps_its_order() -> None:
    assert order(fuse([(5, 3.0), (1, 2.0)], [], 0.5)) == [5, 1]
    assert order(fuse([], [(5, 0.3), (1, 0.2)], 0.5)) == [5, 1]
    assert fuse([], [], 0.5) == []


@given(hits, hits, st.integers(1, 12))
def test_asking_for_more_never_changes_what_comes_first(text: list, vector: list, depth: int) -> None:
    few = fuse(text[:depth], vector[:depth], 0.5, depth)
    many = dict(fuse(text, vector, 0.5, depth))
    if bool(text) == bool(vector):
        assert all(many[chunk] == score for chunk, score in few)
        above = [chunk for chunk, score in fuse(text, vector, 0.5, depth) if score > 0]
        assert above == [chunk for chunk, score in few if score > 0]


def test_hits_below_the_depth_keep_their_order_behind_all_others() -> None:
    text = [(number, 10.0 - number) for number in range(8)]
    assert order(fuse(text, [], 0.5, 3)) == list(range(8))


@given(hits, hits, st.floats(0, 1))
def test_fusion_keeps_every_chunk_once_with_a_score_from_0_to_1(text: list, vector: list, weight: float) -> None:
    fused = fuse(text, vector, weight)
    assert sorted(order(fused)) == sorted({chunk for chunk, _ in [*text, *vector]})
    assert all(0 <= score <= 1.0000001 for _, score in fused)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(hits, hits)
def test_the_order_does_not_depend_on_the_scale_of_the_scores(text: list, vector: list) -> None:
    scaled = [(chunk, score * 4 + 8) for chunk, score in text]
    before, after = dict(fuse(text, vector, 0.5)), dict(fuse(scaled, vector, 0.5))
    assert all(abs(before[chunk] - after[chunk]) < 1e-6 for chunk in before) or any(
        0 < abs(one - other) < 1e-9 for _, one in text for _, other in text
    )


CLOSE = [(number, 10.0 - number / 100) for number in range(12)]
NEAR = [(number, 0.5 - number / 1000) for number in range(12)]


def test_the_list_whose_first_hit_stands_out_counts_more() -> None:
    even = weight_of_meaning(CLOSE, NEAR, 0)
    assert weight_of_meaning([(99, 30.0), *CLOSE], NEAR, 0) < even
    assert weight_of_meaning(CLOSE, [(99, 0.9), *NEAR], 0) > even


def test_among_program_code_meaning_counts_more() -> None:
    assert weight_of_meaning(CLOSE, NEAR, 0) < weight_of_meaning(CLOSE, NEAR, 0.5) < weight_of_meaning(CLOSE, NEAR, 1)


@given(hits, hits, st.floats(0, 1))
def test_the_weight_is_a_share_and_knows_the_first_ten_only(text: list, vector: list, code: float) -> None:
    weight = weight_of_meaning(text, vector, code)
    assert 0 <= weight <= 1
    assert weight == weight_of_meaning([*text[:10], *text[10:11]], [*vector[:10], *vector[10:]], code)
