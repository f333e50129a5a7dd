import json
import random
from pathlib import Path

import pytest

from tests.shelves import document, put
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.indexes import IndexesError, LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.tantivy_index import TantivyIndex


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


def opened(library: Library, folder: Path, embedder: WordEmbedder) -> LibraryIndexes:
    indexes = LibraryIndexes(library, folder, embedder.dimension)
    indexes.catch_up()
    return indexes


def by_words(indexes: LibraryIndexes, library: Library, question: str) -> list[str]:
    hits = [chunk for chunk, _ in indexes.texts.search(question, 9)]
    passages = library.passages(hits)
    return [passages[chunk].text for chunk in hits]


def by_meaning(indexes: LibraryIndexes, library: Library, embedder: WordEmbedder, question: str) -> str:
    hits = indexes.vectors.search(embedder.embed([question]), 1)
    return library.passages([hits[0][0]])[hits[0][0]].text if hits else ""


def test_both_indexes_follow_the_library(library: Library, embedder: WordEmbedder, folder: Path) -> None:
    indexes = opened(library, folder, embedder)
    assert by_words(indexes, library, "alpha") == []
    identity = put(library, embedder, document("a.txt", "alpha words", "other things"))
    put(library, embedder, document("b.txt", "beta words"))
    indexes.catch_up()
    assert by_words(indexes, library, "alpha") == ["alpha words"]
    assert by_meaning(indexes, library, embedder, "beta") == "beta words"
    put(library, embedder, document("a.txt", "gamma words"))
    indexes.catch_up()
    assert by_words(indexes, library, "alpha other") == []
    assert by_meaning(indexes, library, embedder, "gamma") == "gamma words"
    library.remove(identity)
    indexes.catch_up()
    assert by_words(indexes, library, "gamma") == []
    assert (len(indexes.vectors), len(indexes.texts)) == (1, 1)
    assert indexes.scopes == {"library/document"}


def test_what_was_saved_is_loaded_and_only_the_rest_is_added(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    opened(library, folder, embedder).refresh()
    put(library, embedder, document("b.txt", "beta words"))
    added: list[int] = []
    update = FaissIndex.update

    def watched(self: FaissIndex, removed: object, batches: object) -> None:
        kept = list(batches)  # type: ignore[call-overload]
        added.extend(len(batch.ids) for batch in kept)
        update(self, removed, kept)  # type: ignore[arg-type]

    monkeypatch.setattr(FaissIndex, "update", watched)
    again = opened(library, folder, embedder)
    assert added == [1]
    assert by_words(again, library, "words") == ["alpha words", "beta words"]
    assert by_meaning(again, library, embedder, "alpha") == "alpha words"


def test_changes_that_were_never_saved_are_caught_up(library: Library, embedder: WordEmbedder, folder: Path) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    indexes = opened(library, folder, embedder)
    indexes.refresh()
    put(library, embedder, document("a.txt", "beta words"))
    indexes.catch_up()
    again = opened(library, folder, embedder)
    assert by_words(again, library, "alpha beta words") == ["beta words"]
    assert by_meaning(again, library, embedder, "beta") == "beta words"


@pytest.mark.parametrize("damage", ["deleted", "garbage", "manifest of the future"])
def test_whatever_is_wrong_with_the_caches_is_mended(
    library: Library, embedder: WordEmbedder, folder: Path, damage: str
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    opened(library, folder, embedder).refresh()
    for path in [path for path in folder.rglob("*") if path.is_file() and "lock" not in path.name]:
        if damage == "deleted":
            path.unlink()
        elif damage == "garbage":
            path.write_bytes(b"\x00garbage" * 9)
        elif path.name == "manifest.json":
            path.write_text(json.dumps({**json.loads(path.read_text()), "epoch": 99}))
    again = opened(library, folder, embedder)
    assert by_words(again, library, "alpha") == ["alpha words"]
    assert by_meaning(again, library, embedder, "alpha") == "alpha words"
    again.refresh()
    assert by_words(opened(library, folder, embedder), library, "alpha") == ["alpha words"]


def test_the_indexes_of_another_library_are_not_mistaken_for_ours(
    library: Library, embedder: WordEmbedder, folder: Path, tmp_path: Path
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    opened(library, folder, embedder).refresh()
    with Database(tmp_path / "other.db") as database:
        other = Library(database, space_of(embedder))
        put(other, embedder, document("a.txt", "beta words"))
        indexes = opened(other, folder, embedder)
        assert by_words(indexes, other, "alpha beta") == ["beta words"]
        assert by_meaning(indexes, other, embedder, "alpha") == "beta words"


def test_another_model_gets_an_index_of_its_own_beside_the_first(
    library: Library, database: Database, embedder: WordEmbedder, folder: Path
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    opened(library, folder, embedder).refresh()
    other = WordEmbedder(digest="other")
    second = Library(database, space_of(other))
    indexes = opened(second, folder, other)
    assert len(indexes.vectors) == 0
    assert by_words(indexes, second, "alpha") == ["alpha words"]
    put(second, other, document("a.txt", "alpha words"))
    indexes.refresh()
    assert len(indexes.vectors) == 1
    assert len([path for path in folder.iterdir() if path.name.startswith("vectors-")]) == 2


def test_records_that_come_change_and_go_leave_the_indexes_as_if_built_anew(
    library: Library, embedder: WordEmbedder, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.knowledge.library_snapshot.BATCH", 3)
    rng = random.Random(20_250_825)
    put(library, embedder, document("first.txt", "alpha"))
    indexes = opened(library, folder, embedder)
    clear = TantivyIndex.clear
    rebuilt: list[TantivyIndex] = []
    monkeypatch.setattr(TantivyIndex, "clear", lambda index: rebuilt.append(index) or clear(index))
    for turn in range(12):
        for _ in range(rng.randrange(1, 5)):
            number, kind = rng.randrange(6), rng.choice([PassageKind.WEAKNESS, PassageKind.DOCUMENT])
            texts = [f"alpha w{rng.randrange(9)} x{number}" for _ in range(rng.randrange(6))]
            asked = ("why alpha",) * rng.randrange(3)
            identity = put(library, embedder, document(f"{number}.txt", *texts, kind=kind, questions=asked))
            if rng.random() < 0.3:
                library.remove(identity)
        indexes.catch_up()
        assert not rebuilt
        fresh = opened(library, tmp_path / f"fresh {turn}", embedder)
        hits = [dict(each.texts.search("alpha why w1 x2", 99)) for each in (indexes, fresh)]
        assert hits[0].keys() == hits[1].keys()
        assert (len(indexes.texts), len(indexes.vectors)) == (len(fresh.texts), len(fresh.vectors))
        rebuilt.clear()


def test_another_chunker_version_means_another_index(library: Library, embedder: WordEmbedder, folder: Path) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    first = LibraryIndexes(library, folder, embedder.dimension, {"chunker": "1"})
    first.refresh()
    manifests = {path: path.read_text() for path in folder.rglob("manifest.json")}
    LibraryIndexes(library, folder, embedder.dimension, {"chunker": "2"}).refresh()
    assert all(path.read_text() != before for path, before in manifests.items())


def full_disk(*_: object) -> None:
    raise ValueError("IO error occurred: No space left on device")


def test_indexes_that_cannot_be_written_are_told_and_catch_up_later(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    indexes = LibraryIndexes(library, folder, embedder.dimension)
    with monkeypatch.context() as patched:
        patched.setattr(TantivyIndex, "update", full_disk)
        with pytest.raises(IndexesError, match="No space left on device"):
            indexes.catch_up()
    indexes.catch_up()
    assert by_words(indexes, library, "alpha") == ["alpha words"]
    assert by_meaning(indexes, library, embedder, "alpha") == "alpha words"


@pytest.mark.expects_warnings
def test_indexes_that_cannot_be_saved_are_built_again(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    with monkeypatch.context() as patched:
        patched.setattr(FaissIndex, "save", full_disk)
        opened(library, folder, embedder).refresh()
    again = opened(library, folder, embedder)
    assert by_words(again, library, "alpha") == ["alpha words"]
    assert by_meaning(again, library, embedder, "alpha") == "alpha words"
