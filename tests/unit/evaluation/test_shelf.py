import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.knowledge.shelf import read_entries
from workbench.core.values import WorkbenchError
from workbench.evaluation.retrieval import EvaluationError
from workbench.evaluation.shelf import evaluate, read_questions

QUESTIONS = Path(__file__).resolve().parents[3] / "benchmarks" / "shelf_questions"


def written(tmp_path: Path, *rows: dict[str, object]) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_shelf_is_asked_as_a_person_would_and_what_it_missed_is_listed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"question": "CWE-89", "kind": "weakness", "entries": ["CWE-89"]},
        {"question": "CVE-2021-44228", "kind": "vulnerability", "entries": ["CVE-2021-44228", "CWE-917"]},
        {"question": "CWE-79", "kind": "weakness", "entries": ["no_such_entry"]},
        {"question": "zzyzx qwghlm", "kind": "stranger"},
    )
    scores = evaluate(path, embedder=WordEmbedder())
    assert (scores["questions"], scores["top1"], scores["top3"]) == (3, 0.6667, 0.6667)
    assert scores["kinds"]["weakness"] == {"questions": 2, "top1": 0.5, "top3": 0.5}
    assert [miss["question"] for miss in scores["misses"]] == ["CWE-79"]
    assert scores["misses"][0]["found"][0] == "CWE-79"
    assert scores["strangers"] == scores["turned_away"] + len(scores["stretched"]) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "no questions"),
        ('{"kind": "weakness"}', "Line 1 of questions.jsonl is no question"),
        ('{"question": "a", "kind": "b"}\nnonsense', "Line 2 of questions.jsonl is no question"),
    ],
)
def test_unusable_questions_are_told_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WorkbenchError, match=sentence):
        read_questions(path)


def test_an_answer_that_is_not_whole_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"question": "injection", "kind": "weakness", "entries": ["CWE-89"]})
    embedder = WordEmbedder()
    embed = embedder.embed

    def breaks_at_questions(texts: Sequence[str]) -> np.ndarray:
        if list(texts) == ["injection"]:
            raise WorkbenchError("out of memory")
        return embed(texts)

    monkeypatch.setattr(embedder, "embed", breaks_at_questions)
    with pytest.raises(EvaluationError, match="starter knowledge did not answer in full: out of memory"):
        evaluate(path, embedder=embedder)


def test_an_entry_that_cannot_be_taken_in_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"question": "injection", "kind": "weakness", "entries": ["CWE-89"]})
    embedder = WordEmbedder()
    embed = embedder.embed

    def breaks_at_one(texts: Sequence[str]) -> np.ndarray:
        if any("CWE-89:" in text for text in texts):
            raise WorkbenchError("too odd")
        return embed(texts)

    monkeypatch.setattr(embedder, "embed", breaks_at_one)
    with pytest.raises(EvaluationError, match=r"could not be taken in: .*too odd"):
        evaluate(path, embedder=embedder)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_questions(tmp_path / "nothing.jsonl")


def test_the_questions_we_measure_with_are_fair() -> None:
    held_out, chosen_on = (read_questions(QUESTIONS / f"{name}.jsonl") for name in ("held_out", "chosen_on"))
    known = {shelved.entry.id for shelved in read_entries()}
    for question in held_out + chosen_on:
        assert set(question.entries) <= known, question
        assert bool(question.entries) == (question.kind != "none"), question
        assert not any(entry in question.question for entry in question.entries), "the id would give it away"
    assert not {q.question.lower() for q in held_out} & {q.question.lower() for q in chosen_on}
    kinds = [question.kind for question in held_out]
    assert all(kinds.count(kind) >= 30 for kind in ("weakness", "attack", "vulnerability", "recipe"))
    assert kinds.count("none") >= 20
