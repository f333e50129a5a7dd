import json
from pathlib import Path

import pytest

from tests.unit.core.knowledge.importers.mitre import CWE_CSV, CWE_HEAD, attack_objects, bundle, cwe_row
from tests.word_embedder import WordEmbedder
from workbench.core.evidence import PassageKind
from workbench.core.values import WorkbenchError
from workbench.evaluation.threats import FOLDS, ThreatPair, evaluate, read_catalogue, rounds, with_sentences


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    other = cwe_row(CWE_ID="9003", Name="Penguin Neglect", Status="Stable", Description="The product forgets penguins.")
    (folder / "cwe.csv").write_bytes(CWE_CSV + other.encode())
    (folder / "attack.json").write_bytes(bundle(*attack_objects()))
    (folder / "notes.txt").write_text("nothing of this kind")
    return folder


def write(path: Path, *pairs: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    return path


def test_sentences_are_asked_of_the_catalogue(tmp_path: Path, knowledge: Path) -> None:
    data = write(
        tmp_path / "pairs.jsonl",
        {"id": "a", "query": "Penguin neglect", "cwe": ["CWE-9003"], "more": "is left alone"},
        {"id": "b", "query": "The product spills crumbs", "cwe": ["CWE-9001", "CWE-1"]},
        {"id": "c", "query": "spills crumbs", "cwe": ["CWE-264"]},
    )
    scores = evaluate(data, knowledge, embedder=WordEmbedder())
    assert scores.pop("seconds") > 0
    assert scores["top1"] == pytest.approx(2 / 3, abs=1e-4)
    assert (scores["queries"], scores["documents"], scores["unknown"], scores["labelled"]) == (3, 2, 1, 0)


def test_the_catalogue_is_names_and_descriptions_alone(knowledge: Path) -> None:
    for page in read_catalogue(knowledge, PassageKind.WEAKNESS) + read_catalogue(knowledge, None):
        assert {block.heading for block in page.blocks} <= {"Description", "Names"}
        assert page.relations == ()
    told = "\n".join(page.text for page in read_catalogue(knowledge, None))
    assert "stole dough" not in told
    assert "locked oven" not in told


def test_a_labelled_sentence_helps_where_the_words_of_the_catalogue_do_not(tmp_path: Path, knowledge: Path) -> None:
    asked = write(tmp_path / "asked.jsonl", {"id": "1", "query": "spoon thieves zibble", "technique": ["T9002"]})
    learned = write(
        tmp_path / "learned.jsonl", {"id": "2", "query": "spoon thieves zibble zobble", "technique": ["T9002"]}
    )
    assert evaluate(asked, knowledge, embedder=WordEmbedder())["top1"] == 0
    scores = evaluate(asked, knowledge, learned, embedder=WordEmbedder())
    assert (scores["top1"], scores["labelled"]) == (1, 1)


def test_no_sentence_of_the_same_id_source_or_text_helps_to_answer(tmp_path: Path, knowledge: Path) -> None:
    pair = {"query": "spoon thieves zibble", "technique": ["T9002"]}
    asked = write(tmp_path / "asked.jsonl", {**pair, "id": "1", "source_name": "Whisk"})
    learned = write(
        tmp_path / "learned.jsonl",
        {**pair, "id": "1", "query": "spoon thieves zibble zobble"},
        {**pair, "id": "2", "query": "spoon thieves zibble zubble", "source_name": "WHISK"},
        {**pair, "id": "3", "query": "Spoon  thieves zibble"},
    )
    scores = evaluate(asked, knowledge, learned, embedder=WordEmbedder())
    assert (scores["top1"], scores["labelled"]) == (0, 0)


def test_every_question_is_asked_once_and_never_with_its_kin() -> None:
    pairs = [
        ThreatPair(id=str(n), query=f"text {n % 40}", technique=("T1",), source_name=f"source {n // 3}")
        for n in range(90)
    ]
    seen: list[str] = []
    for asked, learned in rounds(pairs, pairs):
        seen += asked
        marks = {mark for pair in learned for mark in pair.kin}
        assert all(marks.isdisjoint(pair.kin) for pair in asked.values())
    assert sorted(seen, key=int) == [str(n) for n in range(90)]


def test_what_has_no_kin_learns_from_all() -> None:
    pairs = [ThreatPair(id=f"a{n}", query=f"a{n}", technique=("T1",)) for n in range(3)]
    learned = [ThreatPair(id=f"b{n}", query=f"b{n}", technique=("T1",)) for n in range(3)]
    assert [(len(asked), len(told)) for asked, told in rounds(pairs, learned)] == [(3, 3)]
    assert len(list(rounds(learned * 2, learned))) <= FOLDS


def test_a_sentence_goes_to_each_of_its_records(knowledge: Path) -> None:
    catalogue = read_catalogue(knowledge, PassageKind.WEAKNESS)
    pair = ThreatPair(id="1", query="Two at  once", cwe=("CWE-9001", "CWE-9003"))
    for page in with_sentences(catalogue, [pair]):
        assert page.blocks[-1].text == "Two at once"
        assert page.blocks[-1].asks


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "must hold pairs of one sort"),
        ("nonsense", "Line 1 of pairs.jsonl is no pair"),
        ('{"id": "1", "query": "x", "cwe": ["CWE-1"]}\n[]', "Line 2 of pairs.jsonl is no pair"),
        ('{"id": "1", "query": "x"}', "Line 1 of pairs.jsonl names neither"),
        ('{"id": "1", "query": "x", "cwe": ["C"]}\n{"id": "1", "query": "x", "technique": ["T"]}', "one sort"),
    ],
)
def test_unusable_pairs_are_told_in_one_sentence(tmp_path: Path, knowledge: Path, lines: str, sentence: str) -> None:
    (tmp_path / "pairs.jsonl").write_text(lines)
    with pytest.raises(WorkbenchError, match=sentence):
        evaluate(tmp_path / "pairs.jsonl", knowledge, embedder=WordEmbedder())


def test_a_missing_catalogue_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path / "pairs.jsonl", {"id": "1", "query": "x", "cwe": ["CWE-1"]})
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkbenchError, match="has no file of MITRE CWE"):
        evaluate(data, tmp_path / "empty", embedder=WordEmbedder())
    monkeypatch.setenv("WORKBENCH_EVAL", str(tmp_path / "nowhere" / "eval"))
    with pytest.raises(WorkbenchError, match=r"was not found at .*name it with --knowledge"):
        evaluate(data, embedder=WordEmbedder())
    monkeypatch.delenv("WORKBENCH_EVAL")
    with pytest.raises(WorkbenchError, match="WORKBENCH_EVAL is not set"):
        evaluate(data, embedder=WordEmbedder())


def test_the_head_of_the_table_alone_is_no_catalogue(tmp_path: Path) -> None:
    (tmp_path / "cwe.csv").write_text(CWE_HEAD)
    with pytest.raises(WorkbenchError, match="no weakness with an id"):
        read_catalogue(tmp_path, PassageKind.WEAKNESS)
