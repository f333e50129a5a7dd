import json
from pathlib import Path

import pytest

from workbench.core.values import WorkbenchError
from workbench.evaluation.review import evaluate, shelf_catalogue
from workbench.evaluation.score_findings import Catalogue, score

INSECURE = "import os\ndef f(n):\n    os.system('ping ' + n)\n"
SECURE = "import subprocess\ndef f(n):\n    subprocess.run(['ping', n])\n"

CWE_CSV = """\
CWE-ID,Name,Weakness Abstraction,Related Weaknesses
707,Pillar,Pillar,
74,Injection,Class,::NATURE:ChildOf:CWE ID:707:VIEW ID:1000:ORDINAL:Primary::
77,Command,Class,::NATURE:ChildOf:CWE ID:74:VIEW ID:1000:ORDINAL:Primary::
78,OS Command,Base,::NATURE:ChildOf:CWE ID:77:VIEW ID:1000::NATURE:ChildOf:CWE ID:1:VIEW ID:699::
943,Query,Class,::NATURE:ChildOf:CWE ID:74:VIEW ID:1000::
89,SQL,Base,::NATURE:ChildOf:CWE ID:943:VIEW ID:1000::
564,Hibernate,Variant,::NATURE:ChildOf:CWE ID:89:VIEW ID:1000::
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    path = tmp_path / "cwe.csv"
    path.write_text(CWE_CSV)
    return Catalogue.read(path)


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


ROWS: list[dict[str, object]] = [
    {"id": "1i", "cwe": "CWE-78", "code": INSECURE, "label": "insecure", "pair": "1"},
    {"id": "1s", "cwe": "CWE-78", "code": SECURE, "label": "secure", "pair": "1"},
    {"id": "2i", "cwe": "CWE-89", "code": "x = 1\n", "label": "insecure", "pair": "2"},
    {"id": "2s", "cwe": "CWE-89", "code": "x = 1\n", "label": "secure", "pair": "2"},
    {"id": "3", "cwe": None, "code": "(((\n", "label": "secure"},
]


def test_labelled_code_goes_through_the_products_own_analysis(tmp_path: Path) -> None:
    labels, cwe = write(tmp_path / "labels.jsonl", ROWS), tmp_path / "cwe.csv"
    cwe.write_text(CWE_CSV)
    scores = evaluate(labels, tmp_path / "found.jsonl", cwe)
    assert scores == {
        "items": 5, "missing": 0, "any_recall": 50.0, "exact_recall": 50.0, "cwe_recall": 50.0, "any_fpr": 0.0,
        "cwe_fpr": 0.0, "pair": 50.0,
    }  # fmt: skip
    found = {row["id"]: row["findings"] for row in map(json.loads, (tmp_path / "found.jsonl").read_text().splitlines())}
    assert list(found) == ["1i", "1s", "2i", "2s", "3"]
    assert found["1i"][0].keys() >= {"cwe", "rule", "line", "severity"}


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("CWE-89", "CWE-89", True), ("CWE-89", "CWE-564", True), ("CWE-564", "CWE-943", True),
        ("CWE-89", "CWE-78", False), ("CWE-89", "CWE-74", False), ("CWE-77", "CWE-88", True),
        ("CWE-943", "CWE-77", False),
    ],
)  # fmt: skip
def test_related_means_one_line_of_descent_or_one_family(
    catalogue: Catalogue, one: str, other: str, related: bool
) -> None:
    assert catalogue.related(one, other) is related
    assert catalogue.related(other, one) is related


def test_a_pair_counts_only_when_its_halves_are_told_apart(catalogue: Catalogue) -> None:
    flagged = [{"cwe": "CWE-78"}]
    rows = [row for row in ROWS if row["id"] in {"1i", "1s"}]
    assert score(rows, {"1i": flagged, "1s": []}, catalogue)["pair"] == 100
    assert score(rows, {"1i": flagged, "1s": flagged}, catalogue)["pair"] == 0
    assert score(rows, {"1i": flagged}, catalogue)["missing"] == 1


def test_nothing_to_count_gives_no_rate(catalogue: Catalogue) -> None:
    scores = score([ROWS[4]], {"3": []}, catalogue)
    assert (scores["cwe_recall"], scores["pair"], scores["any_fpr"]) == (None, None, 0)


def test_without_a_catalogue_the_starter_knowledge_relates_weaknesses() -> None:
    assert shelf_catalogue().related("CWE-77", "CWE-78")
    assert not shelf_catalogue().related("CWE-79", "CWE-89")


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no items"), ("{]\n", "line 1 is not JSON"), ('{"id": 1}\n', "line 1 needs id, code and a label"),
     ('{"id": 1, "code": "", "label": "maybe"}\n', "insecure or secure")],
)  # fmt: skip
def test_data_that_cannot_be_used_is_told_by_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(text)
    with pytest.raises(WorkbenchError, match=words):
        evaluate(path)


def test_missing_files_are_told(tmp_path: Path) -> None:
    labels = write(tmp_path / "labels.jsonl", ROWS[:1])
    with pytest.raises(WorkbenchError, match="cannot be read"):
        evaluate(tmp_path / "none.jsonl")
    with pytest.raises(WorkbenchError, match="--cwe"):
        evaluate(labels, None, tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(WorkbenchError, match="has no column"):
        evaluate(labels, None, tmp_path / "bad.csv")
