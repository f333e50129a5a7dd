"""A sentence-transformers model in a folder: a tiny one, made here, in the real child process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from workbench.core.knowledge.embedder import EmbedderError, TextTooLongError, space_of
from workbench.core.knowledge.folder_embedder import FolderEmbedder
from workbench.core.knowledge.model_process import digest_of


@pytest.fixture(scope="module")
def folder(tiny_models: Path) -> Path:
    return tiny_models / "asking"


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Iterator[FolderEmbedder]:
    made = FolderEmbedder(folder)
    made.prepare()
    yield made
    made.stop()


def test_a_model_says_what_it_is_once_it_is_loaded(embedder: FolderEmbedder) -> None:
    assert (embedder.name, embedder.dimension, embedder.max_tokens) == ("asking", 16, 32)
    assert space_of(embedder) == f"{digest_of(embedder.process.folder)}/fp32"


def test_vectors_are_normalised_and_the_same_each_time(embedder: FolderEmbedder) -> None:
    rows = embedder.embed(["alpha beta", "gamma", ""])
    assert rows.shape == (3, 16)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(embedder.embed(["gamma"])[0], rows[1], atol=1e-5)
    assert embedder.embed([]).shape == (0, 16)


def test_a_question_is_read_with_the_models_own_instruction(embedder: FolderEmbedder) -> None:
    assert not np.allclose(embedder.embed_questions(["alpha"]), embedder.embed(["alpha"]), atol=1e-3)
    assert np.allclose(embedder.embed_questions(["alpha"]), embedder.embed(["query: alpha"]), atol=1e-5)


def test_a_text_that_is_too_long_is_refused_and_its_pieces_are_not(embedder: FolderEmbedder) -> None:
    text = " ".join(["alpha", "beta", "gamma"] * 40)
    with pytest.raises(TextTooLongError, match="not cut in silence"):
        embedder.embed([text])
    pieces = embedder.split(text)
    assert " ".join(pieces) == text
    assert max(embedder.count_tokens_of_each(pieces)) <= embedder.max_tokens
    assert len(embedder.embed(pieces)) == len(pieces)


def test_a_child_that_was_killed_is_started_again(embedder: FolderEmbedder) -> None:
    before = embedder.embed(["alpha"])
    assert embedder.process._child is not None
    embedder.process._child.kill()
    embedder.process._child.wait()
    assert np.allclose(embedder.embed(["alpha"]), before, atol=1e-5)


def test_weights_that_can_run_code_are_refused_before_anything_is_loaded(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "pytorch_model.bin").write_bytes(b"not read")
    with pytest.raises(EmbedderError, match=r"can run code.*pytorch_model\.bin"):
        FolderEmbedder(copy).prepare()


def test_a_folder_without_a_model_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no model folder"):
        FolderEmbedder(tmp_path)


def test_a_damaged_model_ends_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "model.safetensors").write_bytes(b"\0" * 100)
    broken = FolderEmbedder(copy)
    try:
        with pytest.raises(EmbedderError, match="cannot be used"):
            broken.prepare()
    finally:
        broken.stop()
