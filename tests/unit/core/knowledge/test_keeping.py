import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import CountingEmbedder
from workbench.core.database import Database
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
)
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.knowledge.keeping import Keeping
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.passes import Passes
from workbench.core.knowledge.starter import take_in_shelf
from workbench.core.knowledge.stored import OWN, STARTER
from workbench.core.knowledge.watching import Patience
from workbench.core.values import WorkbenchError
from workbench.places import Places

PATIENCE = Patience(grace=0.6, absent=0.2, idle=0.2, blind=0.5)
SOON = 8.0


@pytest.fixture
def database(places: Places) -> Iterator[Database]:
    with Database(places.database) as opened:
        yield opened


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database, space_of(CountingEmbedder()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "material"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("# Alpha\n\nThe first.", encoding="utf-8")
    (folder / "deep" / "b.txt").write_text("The second.", encoding="utf-8")
    (folder / "deep" / "c.txt").write_text("The third.", encoding="utf-8")
    return folder


@asynccontextmanager
async def kept(
    database: Database, library: Library, embedder: CountingEmbedder | None = None, never: tuple[Path, ...] = ()
) -> AsyncIterator[Keeping]:
    keeping = Keeping(database, library, embedder or CountingEmbedder(), never, PATIENCE)  # type: ignore[arg-type]
    try:
        yield keeping
    finally:
        await keeping.close()


async def run(job: IngestJob) -> list[IngestEvent]:
    return [event async for event in job]


def names(library: Library, collection: str | None = None) -> set[str]:
    return {Path(document.path).name for document in library.documents(collection)}


async def until(told: AsyncIterator[IngestEvent], name: str, state: FileState) -> None:
    """Listen until a file ends so."""

    async def listen() -> None:
        async for event in told:
            if isinstance(event, FileEnded) and (Path(event.path).name, event.state) == (name, state):
                return

    await asyncio.wait_for(listen(), SOON)


async def test_a_pass_that_the_end_of_the_program_broke_off_is_known_and_goes_on_with_what_is_left(
    database: Database, library: Library, folder: Path
) -> None:
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"{number} " + "word " * 900, encoding="utf-8")
    async with kept(database, library, CountingEmbedder(seconds=0.05)) as keeping:
        job = keeping.ingest([folder], "papers")
        async for event in job:
            if isinstance(event, FileEnded) and event.state is FileState.ADDED:
                await keeping.close()
        assert [each.unfinished for each in keeping.passes.folders()] == [True]
    done = len(library.documents("papers"))
    assert 0 < done < 23
    async with kept(database, library) as keeping:
        (again,) = await keeping.go_on()
        ended = [event.state for event in await run(again) if isinstance(event, FileEnded)]
        assert (ended.count(FileState.UNCHANGED), ended.count(FileState.ADDED)) == (done, 23 - done)
        assert await keeping.go_on() == []
        (noted,) = keeping.passes.folders()
        assert (noted.path, noted.collection, noted.unfinished) == (str(folder), "papers", False)
        assert noted.last_pass is not None


async def test_single_files_of_a_broken_off_pass_go_on_too_and_are_no_folders(
    database: Database, library: Library, folder: Path
) -> None:
    Passes(database).began([folder / "a.md"], OWN)
    async with kept(database, library) as keeping:
        assert keeping.passes.folders() == []
        (job,) = await keeping.go_on()
        await run(job)
        assert (names(library), await keeping.go_on()) == ({"a.md"}, [])


async def test_what_the_analyst_cancelled_is_not_offered_again(
    database: Database, library: Library, folder: Path
) -> None:
    async with kept(database, library) as keeping:
        job = keeping.ingest([folder])
        async for event in job:
            if isinstance(event, FileEnded):
                job.cancel()
        assert await keeping.go_on() == []


async def test_a_running_pass_does_not_count_as_broken_off(database: Database, library: Library, folder: Path) -> None:
    async with kept(database, library) as keeping:
        async for _ in keeping.ingest([folder]):
            assert not any(each.unfinished for each in keeping.passes.folders())


async def test_one_job_writes_at_a_time_and_the_other_says_for_what_it_waits(
    database: Database, library: Library, folder: Path
) -> None:
    (folder / "long.txt").write_text("word " * 20_000, encoding="utf-8")
    async with kept(database, library, CountingEmbedder(seconds=0.05)) as keeping:
        order: list[str] = []
        begun = asyncio.Event()

        async def follow(name: str, job: IngestJob) -> list[IngestEvent]:
            events = []
            async for event in job:
                events.append(event)
                begun.set()
                order.extend([name] if isinstance(event, FileEnded) else [])
            return events

        first = asyncio.create_task(follow("first", keeping.ingest([folder])))
        await begun.wait()
        second = await follow("second", keeping.ingest([folder / "a.md"], "other"))
        await first
        assert isinstance(second[0], IngestNotice)
        assert "material" in second[0].text
        assert order == ["first"] * 4 + ["second"]


async def test_a_waiting_job_can_be_cancelled_and_a_paused_one_lets_others_work(
    database: Database, library: Library, folder: Path
) -> None:
    (folder / "long.txt").write_text("word " * 20_000, encoding="utf-8")
    async with kept(database, library, CountingEmbedder(seconds=0.05)) as keeping:
        job = keeping.ingest([folder])
        events: list[IngestEvent] = []

        async def follow() -> None:
            async for event in job:
                events.append(event)  # noqa: PERF401  seen while it goes on

        running = asyncio.create_task(follow())
        while not any(isinstance(event, IngestProgress) and event.chunks_done for event in events):
            await asyncio.sleep(0.01)
        waiting = keeping.ingest([folder / "a.md"])
        waiting_events = asyncio.create_task(run(waiting))
        await asyncio.sleep(0.05)
        waiting.cancel()
        last = (await waiting_events)[-1]
        assert isinstance(last, IngestEnded)
        assert last.cancelled
        job.pause()
        other = await asyncio.wait_for(run(keeping.ingest([folder / "a.md"], "other")), SOON)
        assert not any(event.cancelled for event in other if isinstance(event, IngestEnded))
        assert not running.done()
        job.go_on()
        await running
        assert names(library, OWN) >= {"a.md", "long.txt"}


async def test_a_job_that_is_paused_while_it_waits_takes_no_turn_until_it_goes_on(
    database: Database, library: Library, folder: Path
) -> None:
    async with kept(database, library) as keeping:
        await keeping.turn.take("something else")
        job = keeping.ingest([folder])
        running = asyncio.create_task(run(job))
        await asyncio.sleep(0.2)
        job.pause()
        keeping.turn.give()
        await asyncio.sleep(0.1)
        assert not keeping.turn.holder
        job.go_on()
        await asyncio.wait_for(running, SOON)
        assert len(library.documents()) == 3


async def test_documents_without_a_file_are_pruned_but_not_when_the_whole_folder_is_away(
    database: Database, library: Library, folder: Path, tmp_path: Path
) -> None:
    single = tmp_path / "single.txt"
    single.write_text("By itself.", encoding="utf-8")
    async with kept(database, library) as keeping:
        await run(keeping.ingest([folder, single]))
        await run(
            keeping.take_in(
                [LoadedDocument(path="attack/T1", title="T", media_type="", blocks=(Block(text="x"),))], "attack"
            )
        )
        holdings = keeping.holdings
        assert holdings.gone() == []
        away = folder.rename(tmp_path / "away")
        assert holdings.prune() == []
        folder.mkdir()  # a place to mount a drive at, with nothing mounted
        assert holdings.prune() == []
        assert [each.missing for each in keeping.passes.folders()] == [True]
        folder.rmdir()
        away.rename(folder)
        (folder / "a.md").unlink()
        (folder / "deep" / "b.txt").unlink()
        single.unlink()
        assert {Path(each.path).name for each in holdings.gone()} == {"a.md", "b.txt", "single.txt"}
        assert len(holdings.prune()) == 3
        assert names(library) == {"c.txt", "T1"}


async def test_collections_are_counted_and_removed_whole_but_the_starter_knowledge_stays(
    database: Database, library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept(database, library) as keeping:
        (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
        await run(keeping.ingest([folder], "papers"))
        await run(keeping.ingest([folder / "a.md"]))
        (mine, papers) = keeping.holdings.collections()
        assert (mine.name, mine.documents, mine.source) == (OWN, 1, "my library")
        assert (papers.documents, papers.failed, papers.chunks) == (3, 1, 3)
        assert papers.newest is not None
        monkeypatch.setattr("workbench.core.knowledge.library.REMOVED_AT_ONCE", 3)
        assert await keeping.remove_collection("papers") == 4
        assert [each.name for each in keeping.holdings.collections()] == [OWN]
        assert keeping.passes.folders() == []
        with pytest.raises(WorkbenchError):
            await keeping.remove_collection(STARTER)


async def test_files_are_read_again_on_request_each_into_its_own_collection(
    database: Database, library: Library, folder: Path
) -> None:
    async with kept(database, library) as keeping:
        await run(keeping.ingest([folder / "a.md"], "papers"))
        await run(keeping.ingest([folder / "deep"]))
        (folder / "deep" / "c.txt").unlink()
        ids = [document.id for document in library.documents()]
        ended = {Path(e.path).name: e.state for e in await run(keeping.reread(ids)) if isinstance(e, FileEnded)}
        assert ended == {"a.md": FileState.UPDATED, "b.txt": FileState.UPDATED, "c.txt": FileState.FAILED}
        assert names(library, "papers") == {"a.md"}
        assert len(library.documents()) == 3


async def test_a_watched_folder_catches_up_then_follows_changes_and_prunes_after_a_grace(
    database: Database, library: Library, folder: Path
) -> None:
    async with kept(database, library) as keeping:
        told = keeping.watching.activity.listen()
        await keeping.watch(folder, "papers")
        await until(told, "c.txt", FileState.ADDED)
        (folder / "a.md").write_text("# Alpha\n\nChanged.", encoding="utf-8")
        await until(told, "a.md", FileState.UPDATED)
        (folder / "new").mkdir()
        (folder / "new" / "d.txt").write_text("The fourth.", encoding="utf-8")
        (folder / ".hidden").mkdir()
        (folder / ".hidden" / "secret.txt").write_text("Not asked for.", encoding="utf-8")
        await until(told, "d.txt", FileState.ADDED)
        (folder / "deep" / "b.txt").unlink()
        began = time.monotonic()
        await until(told, "b.txt", FileState.REMOVED)
        assert time.monotonic() - began >= PATIENCE.grace
        assert names(library, "papers") == {"a.md", "c.txt", "d.txt"}
        (noted,) = keeping.passes.folders()
        assert (noted.watched, noted.unfinished) == (True, False)


async def test_a_watched_folder_may_vanish_and_come_back(
    database: Database, library: Library, folder: Path, tmp_path: Path
) -> None:
    async with kept(database, library) as keeping:
        told = keeping.watching.activity.listen()
        await keeping.watch(folder)
        await until(told, "c.txt", FileState.ADDED)
        away = folder.rename(tmp_path / "away")
        await asyncio.sleep(PATIENCE.grace + 0.5)
        assert names(library) == {"a.md", "b.txt", "c.txt"}
        (away / "e.txt").write_text("While it was away.", encoding="utf-8")
        away.rename(folder)
        await until(told, "e.txt", FileState.ADDED)


async def test_watching_goes_on_at_the_next_start_and_ends_when_told(
    database: Database, library: Library, folder: Path
) -> None:
    async with kept(database, library) as keeping:
        await keeping.watch(folder)
        with pytest.raises(WorkbenchError):
            await keeping.watch(folder / "a.md")
    async with kept(database, library) as keeping:
        told = keeping.watching.activity.listen()
        await keeping.watching.start()
        await until(told, "a.md", FileState.ADDED)
        assert await keeping.unwatch(folder)
        assert not await keeping.unwatch(folder)
        (folder / "late.txt").write_text("Nobody looks.", encoding="utf-8")
        await asyncio.sleep(1.0)
        assert "late.txt" not in names(library)
        assert keeping.passes.watched() == []


async def test_the_programs_own_folders_are_not_followed(database: Database, library: Library, folder: Path) -> None:
    own = folder / "deep"
    async with kept(database, library, never=(own,)) as keeping:
        told = keeping.watching.activity.listen()
        await keeping.watch(folder)
        await until(told, "c.txt", FileState.ADDED)
        (own / "log.txt").write_text("One line.", encoding="utf-8")
        (folder / "last.txt").write_text("After it.", encoding="utf-8")
        await until(told, "last.txt", FileState.ADDED)
        assert "log.txt" not in names(library)


async def test_listeners_hear_the_end(database: Database, library: Library) -> None:
    async with kept(database, library) as keeping:
        before = keeping.watching.activity.listen()
    assert [event async for event in before] == []
    assert [event async for event in keeping.watching.activity.listen()] == []


async def test_the_starter_knowledge_comes_in_when_nobody_else_writes(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = [LoadedDocument(path="starter/1", title="", media_type="x", blocks=(Block(text="Known from the start."),))]
    monkeypatch.setattr("workbench.core.knowledge.shelf.load_shelf", lambda: shelf)
    turn = Turn()
    await turn.take("changing the embedding model")
    taking_in = asyncio.create_task(take_in_shelf(library, CountingEmbedder(), turn))  # type: ignore[arg-type]
    await asyncio.sleep(0.2)
    assert library.documents(STARTER) == []
    turn.give()
    await taking_in
    assert names(library, STARTER) == {"1"}
