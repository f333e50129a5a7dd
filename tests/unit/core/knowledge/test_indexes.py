import json
import random
import shutil
import threading
from pathlib import Path
from typing import Any

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
        patched.setattr(TantivyIndex, "rebuild", full_disk)
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if three chunks were many."""
    monkeypatch.setattr("workbench.core.knowledge.indexes.AT_ONCE", 3)


def put_many(library: Library, embedder: WordEmbedder, *names: str) -> None:
    for name in names:
        put(library, embedder, document(f"{name}.txt", f"{name} words"))


@pytest.mark.usefixtures("impatient")
def test_a_search_does_not_wait_for_a_large_change_and_is_told_so(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta")
    indexes = opened(library, folder, embedder)
    assert indexes.unready is None
    may_build = threading.Event()
    build = FaissIndex.build
    monkeypatch.setattr(FaissIndex, "build", lambda *arguments: may_build.wait(9) and build(*arguments))
    put_many(library, embedder, "gamma", "delta", "epsilon", "zeta")
    indexes.catch_up()
    assert "The index by meaning and words is being built (0% done)" in str(indexes.unready)
    assert by_words(indexes, library, "alpha words") == ["alpha words", "beta words"]
    may_build.set()
    indexes.complete()
    assert indexes.unready is None
    assert (len(indexes.vectors), len(indexes.texts)) == (6, 6)
    assert by_meaning(indexes, library, embedder, "zeta") == "zeta words"


@pytest.mark.usefixtures("impatient")
def test_what_changes_while_an_index_is_built_is_in_it(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta", "gamma", "delta")
    build = FaissIndex.build

    def changing(index: FaissIndex, *arguments: Any) -> None:
        build(index, *arguments)
        monkeypatch.setattr(FaissIndex, "build", build)
        put_many(library, embedder, "epsilon")
        library.remove(next(found.id for found in library.documents() if found.path == "alpha.txt"))

    monkeypatch.setattr(FaissIndex, "build", changing)
    indexes = LibraryIndexes(library, folder, embedder.dimension)
    indexes.complete()
    assert by_meaning(indexes, library, embedder, "epsilon") == "epsilon words"
    assert sorted(by_words(indexes, library, "words")) == ["beta words", "delta words", "epsilon words", "gamma words"]
    assert len(indexes.vectors) == 4
    again = opened(library, folder, embedder)
    assert by_meaning(again, library, embedder, "epsilon") == "epsilon words"


def test_an_outgrown_index_is_built_anew_beside_the_searches(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta")
    indexes = opened(library, folder, embedder)
    before = indexes.vectors
    monkeypatch.setattr(FaissIndex, "is_outgrown", property(lambda index: index is before))
    put_many(library, embedder, "gamma")
    indexes.catch_up()
    assert indexes.unready is None
    indexes.complete()
    assert indexes.vectors is not before
    assert by_meaning(indexes, library, embedder, "gamma") == "gamma words"


def test_a_rebuild_makes_both_anew_and_tells_how_far_it_is(
    library: Library, embedder: WordEmbedder, folder: Path
) -> None:
    put_many(library, embedder, "alpha", "beta")
    indexes = opened(library, folder, embedder)
    before, told = indexes.vectors, list[tuple[int, int]]()
    indexes.rebuild(lambda done, total: told.append((done, total)))
    assert told[-1] == (4, 4)
    assert indexes.vectors is not before
    assert sorted(by_words(indexes, library, "words")) == ["alpha words", "beta words"]


@pytest.mark.usefixtures("impatient")
def test_closing_stops_what_is_built(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta", "gamma", "delta")
    building = threading.Event()
    build = FaissIndex.build

    def endless(index: FaissIndex, batches: Any, told: Any) -> None:
        building.set()
        while True:
            told(0)

    monkeypatch.setattr(FaissIndex, "build", endless)
    indexes = LibraryIndexes(library, folder, embedder.dimension)
    indexes.catch_up()
    assert building.wait(9)
    indexes.close()
    monkeypatch.setattr(FaissIndex, "build", build)
    again = LibraryIndexes(library, folder, embedder.dimension)
    again.complete()
    assert by_meaning(again, library, embedder, "delta") == "delta words"


@pytest.mark.expects_warnings
@pytest.mark.usefixtures("impatient")
def test_a_build_that_failed_is_told_to_the_next_search_and_tried_again(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta", "gamma", "delta")
    indexes = LibraryIndexes(library, folder, embedder.dimension)
    with monkeypatch.context() as patched:
        patched.setattr(TantivyIndex, "rebuild", full_disk)
        with pytest.raises(IndexesError, match="No space left on device"):
            indexes.complete()
    indexes.complete()
    assert len(by_words(indexes, library, "words")) == 4


def test_what_went_away_is_forgotten_when_both_indexes_know_it(
    library: Library, database: Database, embedder: WordEmbedder, folder: Path
) -> None:
    def remembered() -> int:
        with database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM removed_chunks").fetchone()[0])

    put_many(library, embedder, "alpha", "beta", "gamma")
    indexes = opened(library, folder, embedder)
    indexes.refresh()
    put(library, embedder, document("new.txt", "delta words"))
    library.remove(put(library, embedder, document("gone.txt", "epsilon words")))
    indexes.catch_up()
    assert remembered() > 0, "they are not saved yet"
    indexes.refresh()
    assert remembered() == 0
    assert sorted(by_words(indexes, library, "words")) == ["alpha words", "beta words", "delta words", "gamma words"]


def test_an_index_older_than_what_is_remembered_is_built_anew(
    library: Library, embedder: WordEmbedder, folder: Path, tmp_path: Path
) -> None:
    put_many(library, embedder, "alpha", "beta")
    identity = put(library, embedder, document("gone.txt", "gamma words"))
    opened(library, folder, embedder).refresh()
    shutil.copytree(folder, tmp_path / "old")
    library.remove(identity)
    put(library, embedder, document("new.txt", "delta words"))
    opened(library, folder, embedder).refresh()
    old = opened(library, tmp_path / "old", embedder)
    assert sorted(by_words(old, library, "words")) == ["alpha words", "beta words", "delta words"]
    assert len(old.vectors) == len(old.texts) == 3


def test_a_text_index_with_many_dead_texts_is_built_anew_beside_the_searches(
    library: Library, embedder: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(library, embedder, "alpha", "beta")
    indexes = opened(library, folder, embedder)
    rebuilt: list[TantivyIndex] = []
    rebuild = TantivyIndex.rebuild
    monkeypatch.setattr(TantivyIndex, "is_outgrown", property(lambda _index: not rebuilt))
    monkeypatch.setattr(TantivyIndex, "rebuild", lambda index, texts: (rebuild(index, texts), rebuilt.append(index)))
    put_many(library, embedder, "gamma")
    indexes.catch_up()
    assert indexes.unready is None
    indexes.complete()
    assert rebuilt == [indexes.texts]
    assert sorted(by_words(indexes, library, "words")) == ["alpha words", "beta words", "gamma words"]
