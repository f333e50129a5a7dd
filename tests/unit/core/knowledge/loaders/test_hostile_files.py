"""Files made to hurt, of all kinds but Office and mail: each ends in its text or in a sentence, in time.

The whole set, with Office's and with the watch over what is touched, is benchmarks/hostile.py; the slow ones run there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks._hostile_files import HOSTILE
from benchmarks.hostile import SECRET, placed
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.process import LoaderProcess

SLOW = frozenset(
    {
        "many.tar", "wide.json", "same_keys.json", "lines.log", "zeros.log", "front.md", "scala.scala", "ambiguous.cpp",
        "attributes.xml", "layers.pdf", "bomb.pdf", "bomb.tar.gz", "bomb.xz", "lzma.zip", "bomb.gz", "ratio.zip",
        "line.txt", "columns.csv", "keys.yaml", "quadratic.xml", "bundle.js", "stars.c", "bomb.bz2", "deep.xml",
        "noise.txt", "swift.swift", "bait.rst", "many.zip", "overlap.zip", "bait.md", "title.html", "indent.yaml",
        "brackets.js", "templates.ts", "closures.js", "classes.java", "strings.rb", "kotlin.kt",
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def loader() -> Iterator[LoaderProcess]:
    with LoaderProcess(deadline=20) as process:
        yield process


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in SLOW])
def test_a_hostile_file_ends_in_its_text_or_in_a_sentence(loader: LoaderProcess, tmp_path: Path, name: str) -> None:
    make, text, reason = HOSTILE[name]
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    path = tmp_path / name
    path.write_bytes(placed(make(), secret, "http://127.0.0.1:9"))
    try:
        loaded, _ = loader.load(path)
    except LoadError as error:
        outcome, said = "", str(error)
    else:
        outcome, said = loaded.text, " ".join(loaded.notices)
    assert text in outcome, said
    assert re.search(reason, said), said
    assert outcome or (name in said and "crash" not in said and "took longer" not in said)
    assert SECRET not in outcome
    assert "root:x:0" not in outcome
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, "secret.txt"])
