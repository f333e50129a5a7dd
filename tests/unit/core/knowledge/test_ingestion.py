import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.core.knowledge.doubles import CountingEmbedder, pdf
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.knowledge.chosen_embedder import ChosenEmbedder
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
    IngestStarted,
)
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingest_window import EMBED_BATCH
from workbench.core.knowledge.ingestion import IngestJob, ingest_documents
from workbench.core.knowledge.intake import FileIntake
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import OWN, DocumentState
from workbench.core.values import WorkbenchError
from workbench.places import Places

EMBEDDER = CountingEmbedder()


@pytest.fixture
def library(places: Places) -> Iterator[Library]:
    database = Database(places.database)
    database.open()
    yield Library(database, space_of(EMBEDDER))
    database.close()


def _empty(tmp_path: Path) -> Path:
    """A folder beside the workbench's own."""
    folder = tmp_path / "material"
    folder.mkdir()
    return folder


def _chunks(library: Library) -> int:
    with library.snapshot() as snapshot:
        assert snapshot.chunks() == snapshot.vectors()
        return snapshot.chunks()


def _passages(library: Library) -> set[str]:
    with library._database.read() as connection:
        return {row[0] for row in connection.execute("SELECT passage_id FROM chunks")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = _empty(tmp_path)
    (folder / "a.md").write_text("# Alpha\n\nAbout CVE-2021-44228.", encoding="utf-8")
    (folder / "b.py").write_text("def f():\n    return 1\n", encoding="utf-8")
    (folder / "c.txt").write_text("words " * 900, encoding="utf-8")
    return folder


async def run(job: IngestJob) -> list[IngestEvent]:
    return [event async for event in job]


def states(events: Sequence[IngestEvent]) -> dict[str, FileState]:
    ended = [event for event in events if isinstance(event, FileEnded)]
    assert len({event.path for event in ended}) == len(ended), "a file ended twice"
    return {Path(event.path).name: event.state for event in ended}


def texts(library: Library) -> dict[str, str]:
    documents = library.documents(OWN)
    views = {document.path: library.document(document.id) for document in documents}
    return {Path(path).name: view.text for path, view in views.items() if view is not None}


async def test_every_file_ends_once_and_the_events_tell_the_whole_story(library: Library, folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    (folder / "paper.pdf").write_bytes(pdf("First page", "Second page"))
    (folder / ".git").mkdir()
    events = await run(IngestJob([folder], library, EMBEDDER))
    assert isinstance(events[0], IngestStarted)
    assert events[0].total_files == 6
    assert states(events) == {
        "a.md": FileState.ADDED,
        "b.py": FileState.ADDED,
        "c.txt": FileState.ADDED,
        "paper.pdf": FileState.ADDED,
        "picture.png": FileState.SKIPPED,
        "broken.pdf": FileState.FAILED,
    }
    assert all(event.reason for event in events if isinstance(event, FileEnded) and not event.chunks)
    assert [".git" in event.text for event in events if isinstance(event, IngestNotice)] == [True]
    last = events[-1]
    assert isinstance(last, IngestEnded)
    assert last.counts == Counter(states(events).values())
    assert not last.cancelled
    progress = [event for event in events if isinstance(event, IngestProgress)]
    assert [event.files_done for event in progress] == sorted(event.files_done for event in progress)
    assert progress[-1].files_done == 6
    assert progress[-1].seconds_left == 0
    assert {document.state for document in library.documents()} == {DocumentState.INGESTED, DocumentState.FAILED}


async def test_what_is_committed_is_what_stands_in_the_files(library: Library, folder: Path) -> None:
    await run(IngestJob([folder], library, EMBEDDER))
    found = texts(library)
    assert "About CVE-2021-44228." in found["a.md"]
    assert found["c.txt"].split() == ["words"] * 900
    assert _chunks(library) > 3


async def test_unchanged_files_are_neither_loaded_nor_embedded_again(library: Library, folder: Path) -> None:
    await run(IngestJob([folder], library, EMBEDDER))
    embedder, intake = CountingEmbedder(), FileIntake([folder])
    events = await run(IngestJob([], library, embedder, intake=intake))
    assert set(states(events).values()) == {FileState.UNCHANGED}
    assert embedder.embedded == []
    assert intake._loader._child is None


async def test_a_changed_file_replaces_its_own_chunks_only(library: Library, folder: Path) -> None:
    await run(IngestJob([folder], library, EMBEDDER))
    before = _chunks(library)
    (folder / "a.md").write_text("# Alpha\n\nNow about CVE-2014-0160.", encoding="utf-8")
    events = await run(IngestJob([folder], library, EMBEDDER))
    assert states(events) == {
        "a.md": FileState.UPDATED,
        "b.py": FileState.UNCHANGED,
        "c.txt": FileState.UNCHANGED,
    }
    assert _chunks(library) == before
    assert "CVE-2014-0160" in texts(library)["a.md"]
    assert "CVE-2021-44228" not in texts(library)["a.md"]


async def test_of_a_changed_file_only_the_changed_text_is_embedded_again(library: Library, tmp_path: Path) -> None:
    folder = _empty(tmp_path)
    lines = [f"def step_{number}(value):\n    return value + {number}  # {'word ' * 60}\n" for number in range(60)]
    (folder / "big.py").write_text("\n\n".join(lines), encoding="utf-8")
    await run(IngestJob([folder], library, EMBEDDER))
    before = _passages(library)
    lines[30] = lines[30].replace("value + 30", "value - 30")
    (folder / "big.py").write_text("\n\n".join(lines), encoding="utf-8")
    embedder = CountingEmbedder()
    events = await run(IngestJob([folder], library, embedder))
    assert states(events) == {"big.py": FileState.UPDATED}
    assert 1 <= len(embedder.embedded) <= 2
    assert len(before - _passages(library)) == len(embedder.embedded)
    assert _chunks(library) == len(before)


async def test_the_same_text_is_embedded_once(library: Library, tmp_path: Path) -> None:
    folder = _empty(tmp_path)
    row = "the same words in every row " * 20
    (folder / "rows.txt").write_text("\n\n".join([row] * 40), encoding="utf-8")
    embedder = CountingEmbedder()
    await run(IngestJob([folder], library, embedder))
    assert len(embedder.embedded) == len(set(embedder.embedded)) < _chunks(library)


async def test_a_file_that_breaks_later_fails_and_its_earlier_version_stays(library: Library, folder: Path) -> None:
    await run(IngestJob([folder], library, EMBEDDER))
    (folder / "a.md").write_bytes(b"\x7fELF\x00\x01")
    events = await run(IngestJob([folder], library, EMBEDDER))
    assert states(events)["a.md"] is FileState.FAILED
    assert "CVE-2021-44228" in texts(library)["a.md"]
    (folder / "a.md").write_text("mended", encoding="utf-8")
    assert states(await run(IngestJob([folder], library, EMBEDDER)))["a.md"] is FileState.UPDATED


async def test_a_new_version_of_the_chunker_takes_files_in_anew(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(IngestJob([folder], library, EMBEDDER))
    monkeypatch.setattr("workbench.core.knowledge.intake.CHUNKER_VERSION", 1_000_000)
    assert set(states(await run(IngestJob([folder], library, EMBEDDER))).values()) == {FileState.UPDATED}
    assert set(states(await run(IngestJob([folder], library, EMBEDDER))).values()) == {FileState.UNCHANGED}


async def test_a_file_that_changes_while_it_waits_is_noted_in_the_version_that_was_read(
    library: Library, folder: Path
) -> None:
    class Late(FileIntake):
        def load(self, item: Any) -> tuple[LoadedDocument, str]:
            item.path.write_text("changed meanwhile", encoding="utf-8")
            return super().load(item)

    path = folder / "a.md"
    await run(IngestJob([], library, EMBEDDER, intake=Late([path])))
    assert texts(library)["a.md"] == "changed meanwhile"
    assert states(await run(IngestJob([path], library, EMBEDDER))) == {"a.md": FileState.UNCHANGED}


async def test_cancel_ends_within_a_second_and_keeps_what_was_committed(library: Library, tmp_path: Path) -> None:
    folder = _empty(tmp_path)
    for number in range(40):
        text = f"file {number:02} " + "word and sentence. " * 600
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    job = IngestJob([folder], library, CountingEmbedder(seconds=0.3))
    events: list[IngestEvent] = []
    cancelled_at = 0.0
    async for event in job:
        events.append(event)
        if isinstance(event, FileEnded) and not cancelled_at:
            job.cancel()
            cancelled_at = time.monotonic()
    assert time.monotonic() - cancelled_at < 1
    ended = Counter(states(events).values())
    assert ended[FileState.ADDED] >= 1
    assert ended[FileState.CANCELLED] >= 1
    assert sum(ended.values()) == 40
    last = events[-1]
    assert isinstance(last, IngestEnded)
    assert last.cancelled
    assert len(library.documents()) == ended[FileState.ADDED]


async def test_cancel_while_embedding_does_not_wait_for_the_batch(library: Library, folder: Path) -> None:
    embedder = CountingEmbedder(seconds=1.5)
    job = IngestJob([folder], library, embedder)
    running = asyncio.create_task(run(job))
    await asyncio.to_thread(embedder.began.wait)
    began = time.monotonic()
    job.cancel()
    events = await running
    assert time.monotonic() - began < 1
    assert set(states(events).values()) == {FileState.CANCELLED}


async def test_a_paused_job_says_so_does_nothing_and_goes_on(library: Library, tmp_path: Path) -> None:
    folder = _empty(tmp_path)
    for number in range(12):
        (folder / f"{number:02}.txt").write_text(f"file {number} " + "word " * 900, encoding="utf-8")
    embedder = CountingEmbedder(seconds=0.02)
    job = IngestJob([folder], library, embedder)
    events: list[IngestEvent] = []
    async for event in job:
        events.append(event)
        if isinstance(event, FileEnded) and not job.paused and len(states(events)) == 1:
            job.pause()
        elif isinstance(event, IngestProgress) and event.paused:
            await asyncio.sleep(0.2)  # what had begun may end
            at_rest, spent = len(embedder.embedded), time.process_time()
            await asyncio.sleep(0.5)
            assert len(embedder.embedded) == at_rest
            assert time.process_time() - spent < 0.1
            job.go_on()
    paused = [event.paused for event in events if isinstance(event, IngestProgress)]
    assert paused.count(True) >= 1
    assert not paused[-1]
    assert set(states(events).values()) == {FileState.ADDED}
    assert len(states(events)) == 12


@pytest.mark.parametrize("when", ["before", "while chunking", "while embedding"])
async def test_a_paused_job_can_be_cancelled(library: Library, tmp_path: Path, when: str) -> None:
    folder = _empty(tmp_path)
    (folder / "long.txt").write_text("word and sentence. " * 60_000, encoding="utf-8")
    embedder = CountingEmbedder(seconds=0.05)
    job = IngestJob([folder], library, embedder)
    if when == "before":
        job.pause()
    running = asyncio.create_task(run(job))
    if when == "while embedding":
        await asyncio.to_thread(embedder.began.wait)
    else:
        await asyncio.sleep(0.3)
    job.pause()
    await asyncio.sleep(0.1)
    began = time.monotonic()
    job.cancel()
    events = await running
    assert time.monotonic() - began < 1
    assert not job.paused
    last = events[-1]
    assert isinstance(last, IngestEnded)
    assert last.cancelled
    assert any(isinstance(event, IngestProgress) and event.paused for event in events)


async def test_cancel_before_the_first_event_takes_nothing_in(library: Library, folder: Path) -> None:
    job = IngestJob([folder], library, EMBEDDER)
    job.cancel()
    events = await run(job)
    assert [type(event) for event in events] == [IngestEnded]
    assert library.documents() == []


async def test_an_abandoned_iteration_ends_the_child_and_leaves_no_task(library: Library, folder: Path) -> None:
    intake = FileIntake([folder])
    stream = aiter(IngestJob([], library, CountingEmbedder(seconds=0.1), intake=intake))
    async for event in stream:
        if isinstance(event, IngestProgress) and event.chunks_done:
            break
    child = intake._loader._child
    assert child is not None
    await stream.aclose()  # type: ignore[attr-defined]
    assert child.poll() is not None
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_job_runs_once(library: Library, folder: Path) -> None:
    job = IngestJob([folder], library, EMBEDDER)
    await run(job)
    with pytest.raises(RuntimeError):
        aiter(job)


@pytest.mark.expects_warnings
async def test_one_document_that_cannot_be_embedded_does_not_stop_the_others(library: Library, folder: Path) -> None:
    events = await run(IngestJob([folder], library, CountingEmbedder(poison="def f")))
    assert states(events) == {"a.md": FileState.ADDED, "b.py": FileState.FAILED, "c.txt": FileState.ADDED}
    assert set(texts(library)) >= {"a.md", "c.txt"}


async def test_trouble_with_the_library_is_reported_for_each_file_in_its_own_words(folder: Path) -> None:
    class FullDisk:
        space = "anywhere"

        def is_unchanged(self, *_: object) -> bool:
            return False

        def replace(self, *_: object, **__: object) -> bool:
            raise WorkbenchError("The disk is full; make room and ingest again")

        def known_vectors(self, *_: object) -> dict[Embedded, Any]:
            return {}

        def record_failure(self, *_: object, **__: object) -> None:
            raise WorkbenchError("The disk is full; make room and ingest again")

    events = await run(IngestJob([folder], FullDisk(), EMBEDDER))
    ended = [event for event in events if isinstance(event, FileEnded)]
    assert {event.state for event in ended} == {FileState.FAILED}
    assert {event.reason for event in ended} == {"The disk is full; make room and ingest again"}


async def test_texts_are_embedded_in_small_batches_and_each_chunk_gets_its_own_vector(
    library: Library, tmp_path: Path
) -> None:
    largest = 0

    class Watching(CountingEmbedder):
        def embed(self, texts: Sequence[str]) -> Any:
            nonlocal largest
            largest = max(largest, len(texts))
            return super().embed(texts)

    folder = _empty(tmp_path)
    for number in range(30):
        text = f"file {number} " + "word " * (number * 60)
        (folder / f"{number:02}.txt").write_text(text, encoding="utf-8")
    await run(IngestJob([folder], library, Watching()))
    assert 1 < largest <= EMBED_BATCH
    with library.snapshot() as snapshot:
        stored = {chunk.id: chunk.text for batch in snapshot.texts_after(0) for chunk in batch}
        assert len(stored) > 100
        for batch in snapshot.vectors_after(0):
            expected = EMBEDDER.embed([stored[identity] for identity in batch.ids.tolist()])
            assert abs(batch.vectors - expected).max() < 1e-6


def _documents(count: int, text: str = "An abstract about a weakness.") -> list[LoadedDocument]:
    return [
        LoadedDocument(
            path=f"doc-{n}", title=f"Title {n}", media_type="text/plain", blocks=(Block(text=f"{text} {n}"),)
        )
        for n in range(count)
    ]


async def test_documents_that_are_no_files_come_in_the_same_way_and_once(library: Library) -> None:
    first = await run(ingest_documents(_documents(5), library, EMBEDDER, "corpus"))
    assert set(states(first).values()) == {FileState.ADDED}
    assert len(library.documents("corpus")) == 5
    changed = [*_documents(4), *_documents(5, "Changed.")[4:]]
    second = await run(ingest_documents(changed, library, EMBEDDER, "corpus"))
    assert Counter(states(second).values()) == {FileState.UNCHANGED: 4, FileState.UPDATED: 1}


async def test_collections_do_not_meet(library: Library) -> None:
    await run(ingest_documents(_documents(2), library, EMBEDDER, "one"))
    events = await run(ingest_documents(_documents(2), library, EMBEDDER, "two"))
    assert set(states(events).values()) == {FileState.ADDED}
    assert len(library.documents()) == 4


async def test_nothing_to_take_in_is_an_ingestion_too(library: Library, tmp_path: Path) -> None:
    events = await run(IngestJob([_empty(tmp_path)], library, EMBEDDER))
    assert [type(event) for event in events] == [IngestStarted, IngestEnded]


async def test_no_work_is_done_in_the_thread_of_the_event_loop(library: Library, folder: Path) -> None:
    here, guilty = threading.get_ident(), []

    def watched(name: str, work: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() == here:
                guilty.append(name)
            return work(*arguments, **named)

        return call

    embedder, intake = CountingEmbedder(), FileIntake([folder, folder / "missing.md"])
    for owner in (embedder, intake, library):
        for name in ("embed", "count_tokens_of_each", "find", "version", "load", "close", "is_unchanged", "replace",
                     "record_failure"):  # fmt: skip
            if hasattr(owner, name):
                setattr(owner, name, watched(name, getattr(owner, name)))
    events = await run(IngestJob([], library, embedder, intake=intake))
    assert len(states(events)) == 4
    assert guilty == []


class Questioner(CountingEmbedder):
    """Reads questions in another way, as models with an instruction for them do."""

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        return self.embed([f"query: {text}" for text in texts])


async def test_questions_that_a_document_answers_are_embedded_as_questions(library: Library) -> None:
    blocks = (Block(text="What is it?"), Block(text="What is it?\nAnd how?", asks=True))
    asked = LoadedDocument(path="x/1", title="", media_type="text/x", blocks=blocks)
    embedder = Questioner()
    await run(ingest_documents([asked], library, embedder))
    assert sorted(embedder.embedded) == ["What is it?", "query: And how?", "query: What is it?"]
    again = LoadedDocument(path="x/1", title="", media_type="text/x", blocks=(*blocks, Block(text="More.")))
    await run(ingest_documents([again], library, embedder := Questioner()))
    assert embedder.embedded == ["What is it?\n\nMore."], "what was known is not embedded again"


async def test_what_is_left_after_a_change_of_the_model_is_cut_and_embedded_for_the_new_one(
    library: Library, folder: Path
) -> None:
    old, new = CountingEmbedder(seconds=0.2), WordEmbedder(digest="new")
    chosen = ChosenEmbedder(old)  # type: ignore[arg-type]
    job = IngestJob([folder], library, chosen, turn=Turn())
    running = asyncio.create_task(run(job))
    await asyncio.to_thread(old.began.wait)
    job.pause()
    library.space = space_of(new)
    chosen.swap(new)
    job.go_on()
    assert set(states(await running).values()) == {FileState.ADDED}
    with library._database.read() as connection:
        rows = connection.execute(
            "SELECT header, text, space, vector FROM chunks JOIN vectors ON chunk_id = chunks.id"
        ).fetchall()
    assert len(rows) == _chunks(library)
    for header, text, space, vector in rows:
        (expected,) = new.embed([f"{header}\n{text}" if header else text])
        assert (space, vector) == (space_of(new), expected.tobytes())


async def test_a_job_gives_its_turn_to_others_only_when_a_commit_that_began_is_over(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end, turn = threading.Event(), threading.Event(), Turn()
    replace = library.replace

    def slow(*arguments: Any, **named: Any) -> bool:
        began.set()
        may_end.wait(5)
        return replace(*arguments, **named)

    monkeypatch.setattr(library, "replace", slow)
    job = IngestJob([folder], library, EMBEDDER, turn=turn)
    running = asyncio.create_task(run(job))
    await asyncio.to_thread(began.wait)
    job.pause()
    held = turn.holder
    may_end.set()
    await turn.take("another")
    assert (held, turn.holder) == ("material", "another")
    turn.give()
    job.go_on()
    assert set(states(await running).values()) == {FileState.ADDED}


async def test_the_loop_goes_on_while_many_files_end_at_once(library: Library) -> None:
    rounds = 0

    async def tick() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    job = ingest_documents(_documents(1_000), library, EMBEDDER)
    ticking = asyncio.create_task(tick())
    before = 0
    async for event in job:
        if isinstance(event, IngestStarted):
            job.cancel()
        if isinstance(event, FileEnded) and not before:
            before = rounds
    ticking.cancel()
    assert isinstance(event, IngestEnded)
    assert event.counts == {FileState.CANCELLED: 1_000}
    assert rounds - before >= 10


async def test_a_pass_that_cannot_be_noted_as_ended_leaves_nobody_waiting(library: Library, folder: Path) -> None:
    class FullLog:
        def __init__(self) -> None:
            self.running: set[int] = set()

        def began(self, *_: object) -> list[int]:
            self.running.add(1)
            return [1]

        def left(self, numbers: Sequence[int]) -> None:
            self.running.difference_update(numbers)

        def ended(self, *_: object) -> None:
            raise WorkbenchError("The disk is full; make room and ingest again")

    log = FullLog()
    job = IngestJob([folder], library, EMBEDDER, passes=log)
    with pytest.raises(WorkbenchError, match="disk is full"):
        await run(job)
    await asyncio.wait_for(job.over(), 1)
    assert not log.running
