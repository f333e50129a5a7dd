import json
from pathlib import Path

import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.values import WorkbenchError
from workbench.evaluation.retrieval import evaluate, read_collection

CORPUS = {
    "d1": ("Keys", "Rotate signing keys every year"),
    "d2": ("", "Penguins live in Antarctica"),
    "d3": ("Uploads", "Check the type of uploaded files. " * 30 + "Store them outside of the web root."),
    "d4": ("", ""),
}
QUERIES = {"q1": "how often should keys rotate", "q2": "where do penguins live", "q3": "web root", "q4": "no judgement"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "corpus.jsonl", [{"_id": name, "title": t, "text": text} for name, (t, text) in CORPUS.items()])
    write(tmp_path / "queries.jsonl", [{"_id": name, "text": text} for name, text in QUERIES.items()])
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq3\td3\t2\nq3\td1\t0\n")
    return tmp_path


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_collection_goes_through_ingest_and_search(folder: Path) -> None:
    scores = evaluate(folder, embedder=WordEmbedder())
    seconds = scores.pop("seconds")
    assert seconds > 0
    assert scores == {
        "ndcg@10": 1.0, "recall@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0, "top1": 1.0, "top10": 1.0,
        "queries": 3, "documents": 4,
    }  # fmt: skip


def test_wrong_judgements_lower_the_figures(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("q1\td2\t1\nq2\td2\t1\n")
    scores = evaluate(folder, embedder=WordEmbedder())
    assert scores["top1"] == 0.5
    assert scores["queries"] == 2


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("corpus.jsonl", None, "corpus.jsonl cannot be read"),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\nnonsense\n', "Line 2 of corpus.jsonl is not a JSON object"),
        ("queries.jsonl", '{"text": "x"}\n', "Line 1 of queries.jsonl is not a JSON object with _id and text"),
        ("qrels.tsv", "q1\td1\tone\n", "Line 1 of qrels.tsv is not query-id"),
        ("qrels.tsv", "q9\td1\t1\n", "judges the question q9, which queries.jsonl lacks"),
    ],
)
def test_unusable_data_is_told_in_one_sentence(folder: Path, name: str, content: str | None, sentence: str) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content)
    with pytest.raises(WorkbenchError, match=sentence):
        read_collection(folder)
