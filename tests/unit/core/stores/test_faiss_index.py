import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.stores.base import VectorBatch
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.manifest import Manifest

IDENTITY = {"library": "one", "space": "words/fp32"}
DIMENSION = 8


def vectors(*seeds: int) -> np.ndarray:
    rows = np.stack([np.random.default_rng(seed).standard_normal(DIMENSION) for seed in seeds]).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def batch(*ids: int, scope: str = "library/document") -> VectorBatch:
    return VectorBatch(np.array(ids, dtype=np.int64), [scope] * len(ids), vectors(*ids))


def filled(*ids: int) -> FaissIndex:
    index = FaissIndex(DIMENSION)
    index.update((), [batch(*ids)])
    return index


def found(index: FaissIndex, seed: int, limit: int = 3, scopes: list[str] | None = None) -> list[int]:
    return [chunk for chunk, _ in index.search(vectors(seed), limit, scopes)]


def test_the_nearest_comes_first_with_its_cosine() -> None:
    hits = filled(1, 2, 3).search(vectors(2), 3)
    assert hits[0] == (2, pytest.approx(1.0, abs=1e-5))
    expected = vectors(2) @ vectors(1, 2, 3).T
    assert [score for _, score in hits] == pytest.approx(sorted(expected[0], reverse=True), abs=1e-5)


def test_a_chunk_counts_by_the_nearest_of_several_question_vectors() -> None:
    hits = filled(1, 2, 3).search(vectors(1, 3), 2)
    assert {chunk for chunk, _ in hits} == {1, 3}
    assert [score for _, score in hits] == pytest.approx([1.0, 1.0], abs=1e-5)


def test_an_empty_index_finds_nothing() -> None:
    index = FaissIndex(DIMENSION)
    index.update([1, 2], [])
    assert index.search(vectors(1), 5) == []
    assert index.cosines(vectors(1), [1]) == {}
    assert filled(1).search(np.empty((0, DIMENSION), np.float32), 5) == []


def test_only_the_scopes_asked_for_are_searched() -> None:
    index = FaissIndex(DIMENSION)
    index.update((), [batch(1, 2), batch(3, 9, scope="starter/weakness")])
    assert set(found(index, 1, 5, ["starter/weakness"])) == {3, 9}
    assert set(found(index, 1, 5, ["starter/weakness", "library/document"])) == {1, 2, 3, 9}
    assert found(index, 1, 5, ["library/code"]) == []
    assert found(index, 1, 5, []) == []
    index.update([9], [batch(12, scope="starter/weakness")])
    assert set(found(index, 1, 5, ["starter/weakness"])) == {3, 12}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sets(st.integers(1, 12), max_size=4), st.sets(st.integers(1, 12), max_size=4)), max_size=6)
)
def test_the_index_holds_what_was_added_and_not_removed(steps: list[tuple[set[int], set[int]]]) -> None:
    index, expected = FaissIndex(DIMENSION), set()
    for removed, added in steps:
        index.update(removed, [batch(*sorted(added))] if added else [])
        expected = expected - removed | added
        assert len(index) == len(expected)
        assert set(found(index, 99, 20)) == expected
        assert all(found(index, chunk, 1) == [chunk] for chunk in expected)


@pytest.mark.parametrize("block", [1, 500])
def test_cosines_of_chosen_chunks_are_exact(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr("workbench.core.stores.vector_layer.BLOCK", block)
    cosines = filled(5, 1, 3).cosines(vectors(7, 8), [3, 5, 44])
    expected = (vectors(3, 5) @ vectors(7, 8).T).max(axis=1)
    assert cosines == {3: pytest.approx(expected[0], abs=1e-5), 5: pytest.approx(expected[1], abs=1e-5)}


def test_a_saved_index_is_the_same_after_loading(tmp_path: Path) -> None:
    index = filled(1, 2, 3)
    index.update([2], [batch(7, scope="starter/weakness")])
    index.save(tmp_path, IDENTITY, epoch=5)
    loaded = FaissIndex(DIMENSION)
    assert loaded.load(tmp_path, IDENTITY) == 5
    assert loaded.search(vectors(4), 9) == index.search(vectors(4), 9)
    assert found(loaded, 1, 9, ["starter/weakness"]) == [7]


def test_saving_again_leaves_only_the_new_files(tmp_path: Path) -> None:
    index = filled(1, 2)
    index.save(tmp_path, IDENTITY, epoch=1)
    index.update((), [batch(3)])
    index.save(tmp_path, IDENTITY, epoch=2)
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", "base-1.faiss", "base-1.npz", "changes-2.npz"}
    assert FaissIndex(DIMENSION).load(tmp_path, IDENTITY) == 2


@pytest.mark.parametrize("name", ["base-4.faiss", "base-4.npz", "changes-4.npz", "manifest.json"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "missing"])
def test_a_damaged_file_is_noticed(tmp_path: Path, name: str, damage: str) -> None:
    filled(1, 2, 3).save(tmp_path, IDENTITY, epoch=4)
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0x20
        path.write_bytes(data)
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.unlink()
    loaded = FaissIndex(DIMENSION)
    assert loaded.load(tmp_path, IDENTITY) == 0
    assert len(loaded) == 0


def test_an_index_of_another_library_or_space_is_not_taken(tmp_path: Path) -> None:
    filled(1, 2).save(tmp_path, IDENTITY, epoch=4)
    assert FaissIndex(DIMENSION).load(tmp_path, {**IDENTITY, "library": "two"}) == 0
    assert FaissIndex(DIMENSION).load(tmp_path, {**IDENTITY, "space": "other/int8"}) == 0
    assert FaissIndex(DIMENSION + 1).load(tmp_path, IDENTITY) == 0


def test_an_interrupted_save_leaves_the_index_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = filled(1, 2)
    index.save(tmp_path, IDENTITY, epoch=1)
    index.update((), [batch(3)])

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Manifest, "write", break_off)
    with pytest.raises(KeyboardInterrupt):
        index.save(tmp_path, IDENTITY, epoch=2)
    loaded = FaissIndex(DIMENSION)
    assert loaded.load(tmp_path, IDENTITY) == 1
    assert len(loaded) == 2


def test_searches_during_updates_see_one_state_or_the_next() -> None:
    index = filled(*range(1, 50))
    states, stop, failures = [set(range(1, 50)), set(range(100, 149))], threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            hits = set(found(index, 3, 49))
            if hits not in states:
                failures.append(hits)

    searching = threading.Thread(target=search)
    searching.start()
    for _ in range(20):
        index.update(states[0], [batch(*sorted(states[1]))])
        index.update(states[1], [batch(*sorted(states[0]))])
    stop.set()
    searching.join()
    assert failures == []
