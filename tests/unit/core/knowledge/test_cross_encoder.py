"""A cross-encoder in a folder: a tiny one, made here, in the real child process."""

from pathlib import Path

import pytest

from workbench.core.knowledge.cross_encoder import CrossEncoder
from workbench.core.knowledge.embedder import EmbedderError


def test_each_text_gets_a_score_that_depends_on_the_question_and_not_on_its_neighbours(tiny_models: Path) -> None:
    model = CrossEncoder(tiny_models / "cross")
    try:
        texts = ["alpha beta", "gamma delta", "sql injection " * 40]
        scores = model.scores("alpha", texts)
        assert len(scores) == len(set(scores)) == 3
        assert model.scores("alpha", texts[1:2])[0] == pytest.approx(scores[1], abs=1e-4)
        assert model.scores("delta", texts[1:2])[0] != pytest.approx(scores[1], abs=1e-4)
        assert model.scores("alpha", []) == []
    finally:
        model.stop()


def test_a_model_that_tells_classes_apart_is_no_cross_encoder_to_rank_with(tiny_models: Path) -> None:
    model = CrossEncoder(tiny_models / "classes")
    try:
        with pytest.raises(EmbedderError, match="tells 3 classes apart"):
            model.scores("alpha", ["beta"])
    finally:
        model.stop()
