import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.stores.base import VectorBatch
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.inverted_file import Batches
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
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json",
        "base-1.faiss",
        "base-1.npz",
        "changes-2.npz",
    }
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


Step = tuple[str, set[int], set[int]]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["update", "build", "reload"]),
        st.sets(st.integers(1, 40), max_size=9),
        st.sets(st.integers(1, 40), max_size=9),
    ),
    max_size=9,
)


def scope_of(chunk: int) -> str:
    return "starter/weakness" if chunk % 3 == 0 else "library/document"


def scoped(ids: Iterable[int]) -> VectorBatch:
    chosen = sorted(ids)
    return VectorBatch(np.array(chosen, dtype=np.int64), [scope_of(chunk) for chunk in chosen], vectors(*chosen))


def built(index: FaissIndex, held: set[int]) -> None:
    index.build(Batches(len(held), lambda: [scoped(held)] if held else []), lambda _: None)


def by_hand(held: set[int], question: np.ndarray, limit: int) -> list[int]:
    if not held:
        return []
    ids = sorted(held)
    cosines = (question @ vectors(*ids).T).max(axis=0)
    return [ids[place] for place in np.argsort(-cosines, kind="stable")[:limit]]


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_after_any_changes_builds_and_restarts_answers_are_those_of_comparing_all(steps: list[Step]) -> None:
    index, held = FaissIndex(DIMENSION), set[int]()
    question = vectors(77, 78)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr("workbench.core.stores.faiss_index.FOLD", 5)
        for epoch, (what, removed, added) in enumerate(steps, 1):
            held = held - removed | added
            index.update(removed, [scoped(added)] if added else [])
            if what == "build":
                built(index, held)
            if what == "reload":
                index.save(Path(folder), IDENTITY, epoch)
                index = FaissIndex(DIMENSION)
                assert index.load(Path(folder), IDENTITY) == epoch
            assert len(index) == len(held)
            assert [chunk for chunk, _ in index.search(question, 7)] == by_hand(held, question, 7)
            records = {chunk for chunk in held if scope_of(chunk) == "starter/weakness"}
            hits = index.search(question, 7, ["starter/weakness"])
            assert [chunk for chunk, _ in hits] == by_hand(records, question, 7)
            assert index.cosines(question, range(1, 41)).keys() == held


MANY = 3_000
WIDE = 32


def many() -> np.ndarray:
    """Vectors in clusters, as those of texts are."""
    rng = np.random.default_rng(7)
    middles = rng.standard_normal((60, WIDE))
    rows = middles[rng.integers(0, 60, MANY)] + 0.6 * rng.standard_normal((MANY, WIDE))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def in_batches(rows: np.ndarray, ids: np.ndarray) -> Iterator[VectorBatch]:
    for start in range(0, len(rows), 500):
        part = ids[start : start + 500]
        yield VectorBatch(part, [scope_of(chunk) for chunk in part.tolist()], rows[start : start + 500])


@pytest.fixture
def inverted(monkeypatch: pytest.MonkeyPatch) -> FaissIndex:
    monkeypatch.setattr("workbench.core.stores.faiss_index.FLAT_MOST", 1_000)
    monkeypatch.setattr("workbench.core.stores.vector_layer.NARROW", 200)
    rows = many()
    index = FaissIndex(WIDE)
    index.build(Batches(MANY, lambda: in_batches(rows, np.arange(MANY) * 2 + 1)), lambda _: None)
    assert not index._now.base.is_flat
    return index


def recall(index: FaissIndex, rows: np.ndarray, ids: np.ndarray, scopes: list[str] | None = None) -> float:
    """The share of the true ten nearest that are found, over a hundred questions near the chunks."""
    rng = np.random.default_rng(8)
    questions = many()[:100] + 0.1 * rng.standard_normal((100, WIDE)).astype(np.float32)
    wanted = np.array([scopes is None or scope_of(chunk) in scopes for chunk in ids.tolist()])
    found = 0
    for question in questions:
        nearest = ids[wanted][np.argsort(-(rows[wanted] @ question))[:10]]
        found += len(set(nearest.tolist()) & {chunk for chunk, _ in index.search(question[None], 10, scopes)})
    return found / 1000


def test_a_large_index_finds_what_comparing_all_finds(inverted: FaissIndex, tmp_path: Path) -> None:
    rows, ids = many(), np.arange(MANY) * 2 + 1
    assert recall(inverted, rows, ids) >= 0.95
    assert recall(inverted, rows, ids, ["starter/weakness"]) >= 0.95
    inverted.save(tmp_path, IDENTITY, 1)
    again = FaissIndex(WIDE)
    assert again.load(tmp_path, IDENTITY) == 1
    assert recall(again, rows, ids) >= 0.95
    gone, fresh = ids[::7], np.arange(10_000, 10_400)
    again.update(gone.tolist(), in_batches(rows[:400], fresh))
    kept = ~np.isin(ids, gone)
    rows, ids = np.concatenate([rows[kept], rows[:400]]), np.concatenate([ids[kept], fresh])
    assert len(again) == len(ids)
    assert recall(again, rows, ids) >= 0.95
    again.save(tmp_path, IDENTITY, 2)
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json", "base-1.faiss", "base-1.npz", "changes-2.npz"
    }  # fmt: skip
    last = FaissIndex(WIDE)
    assert last.load(tmp_path, IDENTITY) == 2
    assert last.search(rows[:1], 10) == again.search(rows[:1], 10)


def test_a_narrow_scope_of_a_large_index_is_compared_one_by_one(inverted: FaissIndex) -> None:
    rows = many()[:50]
    inverted.update([], [VectorBatch(np.arange(20_000, 20_050), ["notes/document"] * 50, rows)])
    question = many()[100:101]
    exact = 20_000 + np.argsort(-(rows @ question[0]))[:5]
    assert [chunk for chunk, _ in inverted.search(question, 5, ["notes/document"])] == exact.tolist()


def test_cosines_of_a_large_index_are_near(inverted: FaissIndex) -> None:
    question = many()[5:7]
    expected = (many() @ question.T).max(axis=1)
    cosines = inverted.cosines(question, range(2 * MANY + 9))
    assert len(cosines) == MANY
    assert max(abs(cosines[2 * place + 1] - expected[place]) for place in range(MANY)) < 0.02


def test_an_index_says_when_it_was_outgrown(inverted: FaissIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.core.stores.faiss_index.DELTA_LEAST", 20)
    assert not inverted.is_outgrown
    inverted.update([], in_batches(many()[:151], np.arange(50_000, 50_151)))
    assert inverted.is_outgrown
    inverted.build(Batches(900, lambda: in_batches(many()[:900], np.arange(900))), lambda _: None)
    assert not inverted.is_outgrown
    inverted.update([], in_batches(many()[:101], np.arange(50_000, 50_101)))
    assert inverted.is_outgrown


def test_a_build_that_is_broken_off_leaves_the_index_before(inverted: FaissIndex) -> None:
    def stop(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inverted.build(Batches(2_000, lambda: in_batches(many()[:2_000], np.arange(2_000))), stop)
    assert len(inverted) == MANY


@pytest.mark.parametrize("at", range(4))
def test_a_save_that_is_killed_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    index = filled(1, 2)
    index.save(tmp_path, IDENTITY, epoch=1)
    index.update([1], [batch(*range(3, 2_000))])
    steps = iter(range(9))

    def dying(function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            if next(steps) == at:
                raise KeyboardInterrupt
            return function(*arguments, **named)

        return step

    monkeypatch.setattr("faiss.write_index", dying(faiss.write_index))
    monkeypatch.setattr("numpy.savez", dying(np.savez))
    monkeypatch.setattr(Manifest, "write", dying(Manifest.write))
    with pytest.raises(KeyboardInterrupt):
        index.save(tmp_path, IDENTITY, epoch=2)
    monkeypatch.undo()
    loaded = FaissIndex(DIMENSION)
    assert (loaded.load(tmp_path, IDENTITY), len(loaded)) == (1, 2)
    index.save(tmp_path, IDENTITY, epoch=3)
    assert (loaded.load(tmp_path, IDENTITY), len(loaded)) == (3, 1_998)
