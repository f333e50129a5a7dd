"""Another model's cosines in the terms of the built-in one."""

import numpy as np
import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.knowledge.cosine_scale import fit_scale

WORDS = [f"word{number}" for number in range(40)]
PAIRS = [
    (" ".join(WORDS[n : n + 6]), " ".join(WORDS[n + shift : n + shift + 6])) for n in range(20) for shift in (1, 12)
]


class Narrow(WordEmbedder):
    """The same directions with one that all texts share, so that unrelated texts are near each other."""

    def embed(self, texts):
        rows = np.concatenate([super().embed(texts), np.full((len(texts), 1), 1.5)], axis=1)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_model_for_which_all_is_near_is_brought_to_the_built_in_models_scale() -> None:
    plain, narrow = WordEmbedder(), Narrow()
    scale = fit_scale(PAIRS, plain, narrow)
    assert scale.correlation == pytest.approx(1, abs=1e-3)
    for question, passage in PAIRS:
        wanted = float(plain.embed([question])[0] @ plain.embed([passage])[0])
        given = float(narrow.embed([question])[0] @ narrow.embed([passage])[0])
        assert given > wanted
        assert scale.of(given) == pytest.approx(wanted, abs=1e-3)


def test_the_built_in_model_stays_as_it_is() -> None:
    scale = fit_scale(PAIRS, WordEmbedder(), WordEmbedder())
    assert (scale.slope, scale.offset) == (pytest.approx(1, abs=1e-6), pytest.approx(0, abs=1e-6))


def test_a_model_that_sees_no_difference_is_told_by_its_correlation() -> None:
    class Blind(WordEmbedder):
        def embed(self, texts):
            return np.ones((len(texts), 1))

    assert fit_scale(PAIRS, WordEmbedder(), Blind()).correlation == 0
