from hypothesis import given
from hypothesis import strategies as st

from workbench.core.relevance import relevance
from workbench.core.retrieval import CLOSE


def test_typical_answers_are_close_and_typical_strangers_are_not() -> None:
    assert relevance(0.63, 0.45) > 0.85
    assert relevance(0.42, 0.2) > CLOSE
    assert relevance(0.15, 0.15) < 0.25
    assert relevance(0.25, 0.3) < CLOSE


def test_without_vectors_the_words_decide() -> None:
    assert relevance(None, 0.7) == 0.7
    assert relevance(None, 0.0) == 0.0


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_more_in_common_is_never_less_relevant(cosine: float, coverage: float, more: float) -> None:
    here = relevance(cosine, coverage)
    assert 0 <= here <= 1
    assert relevance(min(1, cosine + more), coverage) >= here
    assert relevance(cosine, min(1, coverage + more)) >= here
