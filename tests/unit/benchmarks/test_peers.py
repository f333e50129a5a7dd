import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as benchmarks
from benchmarks._peers.child import run
from benchmarks._peers.environment import ChildError, held
from benchmarks._peers.figures import ingestion, margins, quality, speedup, table
from benchmarks._peers.product import Product
from benchmarks._peers.systems import Document, distinct
from benchmarks._peers.vectors import KeptVectors, Meter
from benchmarks.peers import Runs, limited, ranked, rates, rows, sampled
from tests.word_embedder import WordEmbedder
from workbench.core.knowledge.export import weights_folder
from workbench.evaluation.ranking import score_rankings
from workbench.evaluation.retrieval import JudgedCollection, evaluate, read_collection

CORPUS = {
    "d1": ("Keys", "Rotate signing keys every year"),
    "d2": ("", "Penguins live in Antarctica"),
    "d3": ("Uploads", "Check the type of uploaded files. " * 30 + "Store them outside of the web root."),
    "d4": ("", ""),
}
QUESTIONS = {"q1": "how often should keys rotate", "q2": "where do penguins live", "q3": "web root"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "judged"
    found.mkdir()
    write(found / "corpus.jsonl", [{"_id": name, "title": t, "text": text} for name, (t, text) in CORPUS.items()])
    write(found / "queries.jsonl", [{"_id": name, "text": text} for name, text in QUESTIONS.items()])
    (found / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\td3\t2\nq3\td1\t0\n")
    return found


def write(path: Path, found: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in found))


@pytest.fixture
def collection(folder: Path) -> JudgedCollection:
    return read_collection(folder)


class Children:
    """An environment whose systems rank the documents as they stand; `broken` ones fail."""

    def __init__(self, broken: Sequence[str] = ()) -> None:
        self.broken = broken
        self.ran: list[str] = []

    def run(self, name: str, job: dict[str, Any]) -> dict[str, Any]:
        self.ran.append(name)
        if name in self.broken:
            raise ChildError("no module named so")
        best = [identity for identity, _, _ in job["documents"]]
        rankings = dict.fromkeys(job["questions"], best)
        return {
            "rankings": {"usual": rankings, "backwards": {key: ids[::-1] for key, ids in rankings.items()}},
            "milliseconds": [1.0, 2.0, 3.0],
            "peak_mb": 10.4,
            "documents": len(best),
            "chunks": 2 * len(best),
            "tokens": 100 * len(best),
            "seconds": 2.0,
            "cpu_seconds": 3.0,
            "start_seconds": 0.5,
            "versions": {},
        }


@pytest.fixture
def runs_of(tmp_path: Path) -> Callable[..., Runs]:
    def make(children: Children, resume: bool = True, again: Sequence[str] = ()) -> Runs:
        return Runs(children, tmp_path / "state", resume, again)  # type: ignore[arg-type]

    return make


def test_a_comparison_goes_on_where_it_was_interrupted(
    collection: JudgedCollection, runs_of: Callable[..., Runs], tmp_path: Path
) -> None:
    asked = ({"small": collection}, ["product", "txtai"])
    first = Children(broken=["txtai"])
    ranked(*asked, runs_of(first), tmp_path / "kept")
    second = Children()
    resumed = ranked(*asked, runs_of(second), tmp_path / "kept")
    assert first.ran == ["product", "txtai"]
    assert second.ran == ["txtai"]
    assert resumed == ranked(*asked, runs_of(Children()), tmp_path / "kept")


def test_what_an_interrupted_comparison_has_so_far_is_told_without_running_anything(
    collection: JudgedCollection, runs_of: Callable[..., Runs], tmp_path: Path
) -> None:
    done = ranked({"small": collection}, ["product"], runs_of(Children()), tmp_path / "kept")
    kept = Runs(None, tmp_path / "state", resume=True)
    assert ranked({"small": collection}, ["product", "txtai"], kept, tmp_path / "kept") == done
    assert kept.unmeasured == ["small-txtai"]


@pytest.mark.parametrize("change", [{"resume": False}, {"again": ["product"]}])
def test_a_system_runs_again_when_it_is_asked_to(
    collection: JudgedCollection, runs_of: Callable[..., Runs], tmp_path: Path, change: dict[str, Any]
) -> None:
    ranked({"small": collection}, ["product"], runs_of(Children()), tmp_path / "kept")
    children = Children()
    ranked({"small": collection}, ["product"], runs_of(children, **change), tmp_path / "kept")
    assert children.ran == ["product"]


def test_a_kept_result_of_other_documents_is_not_taken_for_this_one(
    collection: JudgedCollection, runs_of: Callable[..., Runs], tmp_path: Path
) -> None:
    ranked({"small": collection}, ["product"], runs_of(Children()), tmp_path / "kept")
    children = Children()
    ranked({"small": limited(collection, 2)}, ["product"], runs_of(children), tmp_path / "kept")
    assert children.ran == ["product"]


def test_a_system_that_fails_is_told_with_its_reason_and_the_others_stand(
    collection: JudgedCollection, runs_of: Callable[..., Runs], tmp_path: Path
) -> None:
    children = Children(broken=["txtai"])
    runs = runs_of(children)
    by_set = ranked({"a": collection, "b": collection}, ["product", "txtai", "bare"], runs, tmp_path / "kept")
    assert runs.missing == {"txtai": "no module named so"}
    assert [list(found) for found in by_set.values()] == [["product", "bare"]] * 2
    assert children.ran.count("txtai") == 1


def test_the_product_is_timed_first_and_last(collection: JudgedCollection, runs_of: Callable[..., Runs]) -> None:
    children = Children()
    found = rates({"small": collection}, ["product", "txtai", "bare"], runs_of(children), 2)
    assert children.ran == ["product", "txtai", "bare", "product"]
    assert len(found["product"]) == 2
    assert found["txtai"][0]["chunks_per_second"] == 2.0


def test_a_sample_takes_as_many_of_each_set_evenly_spread() -> None:
    sets = [[(str(n), "", f"text {n}") for n in range(10)], [(str(n), "", "short") for n in range(2)]]
    assert [identity for identity, _, _ in sampled(sets, 10)] == ["0/0", "0/2", "0/4", "0/6", "0/8", "1/0", "1/1"]


def test_a_limited_collection_asks_only_what_its_documents_answer(collection: JudgedCollection) -> None:
    small = limited(collection, 2)
    assert [identity for identity, _ in small.documents] == ["d1", "d2"]
    assert small.judgements == {"q1": {"d1": 1}, "q2": {"d2": 1}}
    assert small.questions.keys() == {"q1", "q2"}


def test_every_system_gets_the_documents_as_they_are(collection: JudgedCollection) -> None:
    assert rows(collection) == [(name, *document) for name, document in CORPUS.items()]


def test_all_rules_are_scored_by_the_one_scorer() -> None:
    judgements = {"q": {"b": 1}, "r": {"a": 1}}
    rankings = {"first": {"q": ["a", "b"], "r": ["a"]}, "second": {"q": ["b", "a"], "r": ["a"]}}
    result = {"rankings": rankings, "milliseconds": [10.0, 20.0], "peak_mb": 99.6, "documents": 2, "chunks": 3}
    result["load_before"] = 0.5
    found = quality(result, judgements)
    expected = score_rankings(rankings["first"], judgements)
    assert found["ndcg@10"] == round(expected["ndcg@10"], 4) < 1
    assert found["ndcg@10_by_rule"] == {"first": found["ndcg@10"], "second": 1.0}
    assert found["recall@100"] == 1.0
    assert (found["p50_ms"], found["p95_ms"]) == (15.0, 19.5)


def system(*scores: float) -> dict[str, Any]:
    return {
        "ndcg@10": scores[0],
        "ndcg@10_by_rule": {f"rule{n}": score for n, score in enumerate(scores)},
        "recall@100": 0.5,
        "p50_ms": 1.0,
        "p95_ms": 2.0,
        "peak_mb": 100,
    }


def test_the_product_is_held_against_the_best_rule_of_any_peer() -> None:
    by_set = {"set": {"product": system(0.6), "txtai": system(0.3, 0.61), "haystack": system(0.5), "bare": system(0.7)}}
    assert margins(by_set) == {"set": {"best_peer": "txtai rule1", "margin": -0.01}}


def test_speed_is_the_slower_run_of_the_product_beside_the_fastest_peer() -> None:
    def rate(seconds: float) -> dict[str, Any]:
        done = {"documents": 100, "chunks": 120, "tokens": 5000, "start_seconds": 1.0, "peak_mb": 5, "load_before": 0.1}
        return ingestion(done | {"seconds": seconds, "cpu_seconds": seconds})

    found = {"product": [rate(1.0), rate(2.0)], "txtai": [rate(10.0)], "haystack": [rate(5.0)], "bare": [rate(0.1)]}
    assert speedup(found) == {"documents_per_second": 2.5, "chunks_per_second": 2.5, "tokens_per_second": 2.5}
    assert speedup({"product": [rate(1.0)]}) == {}


def test_the_table_has_a_line_for_each_measured_system_and_a_dash_for_what_is_missing() -> None:
    figures = {
        "quality": {"one": {"product": system(0.7), "txtai": system(0.6)}, "two": {"product": system(0.8)}},
        "ingestion": {},
        "versions": {"txtai": {"txtai": "9.1"}},
    }
    lines = table(figures).splitlines()
    assert lines[0].startswith("|  | nDCG@10 one | nDCG@10 two |")
    assert lines[2] == "| Analyst Workbench | 0.7000 | 0.8000 | 0.500 | - | - | - | 1 / 2 | 100 |"
    assert lines[3] == "| txtai 9.1 | 0.6000 | - | - | - | - | - | 1 / 2 | 100 |"
    assert len(lines) == 4


class Counting:
    def __init__(self) -> None:
        self.embedded: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.embedded += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_a_text_is_embedded_once_in_each_space(tmp_path: Path) -> None:
    encode = Counting()
    for space in ("a", "a", "b"):
        kept = KeptVectors(tmp_path / "vectors.sqlite", space)
        assert kept.encode(["one", "three", "one"], encode).tolist() == [[3, 1], [5, 1], [3, 1]]
        kept.close()
    assert encode.embedded == ["one", "three"] * 2


def test_only_documents_are_counted_and_kept(tmp_path: Path) -> None:
    meter, encode = Meter(tmp_path / "vectors.sqlite"), Counting()
    with meter.counting():
        meter.encode(["document"], encode, "space", 7)
    meter.encode(["document"], encode, "space", 7)
    meter.close()
    assert meter.texts == ["document"]
    assert encode.embedded == ["document", "document"]


class Alphabetical:
    """A system that embeds each document in two pieces and ranks by id."""

    RULES = ("up", "down")

    def __init__(self, model: Path, meter: Meter) -> None:
        self.meter = meter
        self.ids: list[str] = []

    def take_in(self, documents: Sequence[Document]) -> None:
        self.ids = sorted(document.id for document in documents)
        for document in documents:
            self.meter.encode([document.title, document.text], Counting(), "space", 4)

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        return distinct(self.ids if rule == "up" else self.ids[::-1], depth)

    def close(self) -> None:
        pass


def test_a_child_asks_by_every_rule_and_counts_what_the_model_read() -> None:
    documents = [("b", "Keys", "one two three four five"), ("a", "", "penguins")]
    job = {"documents": documents, "questions": {"q": "?"}, "depth": 1, "model": str(weights_folder()), "vectors": None}
    result = run(Alphabetical, job)
    assert result["rankings"] == {"up": {"q": ["a"]}, "down": {"q": ["b"]}}
    assert len(result["milliseconds"]) == 1
    assert result["chunks"] == 4
    with_special_ones = 3 + 4 + 2 + 3  # of the long text no more than the 4 that the model reads
    assert result["tokens"] == with_special_ones


def test_the_product_ranks_as_the_evaluation_does(folder: Path, collection: JudgedCollection) -> None:
    product = Product(weights_folder(), Meter(), WordEmbedder())
    product.take_in([Document(*row) for row in rows(collection)])
    rankings = {name: product.rank(question, 100, "adaptive") for name, question in collection.questions.items()}
    product.close()
    scores = evaluate(folder, embedder=WordEmbedder())
    assert score_rankings(rankings, collection.judgements) == {name: scores[name] for name in list(scores)[:6]}


def test_the_model_runs_in_the_same_versions_everywhere() -> None:
    assert held("# exact\nnumpy==2.4.6\nnumpydoc==1\ntorch==2.13.0\ntxtai==1\n") == ["numpy==2.4.6", "torch==2.13.0"]


def test_the_comparison_is_no_part_of_all_benchmarks() -> None:
    assert "peers" not in benchmarks._budgets()
    assert "ingestion" in benchmarks._budgets()
