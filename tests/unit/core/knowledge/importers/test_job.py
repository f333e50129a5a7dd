"""An import as a job: what it changes, twice, after a kill, when it is cancelled, and when it is older."""

import asyncio
import contextlib
import io
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.core.knowledge.doubles import CountingEmbedder
from tests.unit.core.knowledge.importers.feeds import (
    as_json,
    component,
    cve,
    cyclonedx,
    nvd,
    osv,
    packed,
    sarif,
    sarif_result,
)
from workbench.core.database import Database
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.import_events import Change, ImportEnded
from workbench.core.knowledge.importers.child import answer
from workbench.core.knowledge.importers.job import FromFile, ImportJob
from workbench.core.knowledge.importers.reading import ImportReader, converse
from workbench.core.knowledge.importers.spool import Spool
from workbench.core.knowledge.importers.store import ImportStore
from workbench.core.knowledge.ingest_events import FileEnded, IngestEnded, IngestNotice, IngestProgress
from workbench.core.knowledge.library import Library
from workbench.core.values import WorkbenchError


class HereReader(ImportReader):
    """Reads in this process: the child has tests of its own."""

    def read(self, path: Path, kind: str, spool: Spool) -> Any:
        channel = io.BytesIO()
        answer(path, kind, channel, all_first=False)
        channel.seek(0)
        return converse(channel, spool)


class Desk:
    """A library with an embedder, and a folder for files."""

    def __init__(self, database: Database, folder: Path, seconds: float = 0.0) -> None:
        self.database, self.folder = database, folder
        self.embedder = CountingEmbedder(seconds=seconds)
        self.library = Library(database, space_of(self.embedder))
        self.store = ImportStore(database)
        self.alone = asyncio.Lock()

    def job(self, name: str, data: bytes, kind: str | None = None, *, older: bool = False) -> ImportJob:
        path = self.folder / name
        path.write_bytes(data)
        job = ImportJob(
            FromFile(path),
            kind,
            library=self.library,
            embedder=self.embedder,
            store=self.store,
            scratch=self.folder / "scratch",
            older=older,
            alone=self.alone,
        )
        job._reader = HereReader()
        return job

    async def imported(self, name: str, data: bytes, **options: Any) -> ImportEnded:
        events = [event async for event in self.job(name, data, **options)]
        assert isinstance(events[-2], IngestEnded)
        assert isinstance(events[-1], ImportEnded)
        return events[-1]

    def state(self) -> list[tuple[str, ...]]:
        """All that the library holds of imports, without ids and times."""
        with self.database.read() as connection:
            rows = connection.execute(
                """
                SELECT 'document', collection, path, content_hash, blocks FROM documents
                UNION ALL SELECT 'record', id, kind, data, document_id FROM records
                UNION ALL SELECT 'relation', source, kind, target, document_id FROM relations
                UNION ALL SELECT 'chunk', collection, text, header, document_id FROM chunks
                UNION ALL SELECT 'member', collection, kind, name, path FROM import_members
                """
            ).fetchall()
        return sorted(tuple(map(str, row)) for row in rows)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def counts(ended: ImportEnded) -> tuple[int, int, int, int]:
    return ended.added, ended.changed, ended.removed, ended.unchanged


async def test_an_import_is_taken_in_and_twice_changes_nothing(desk: Desk) -> None:
    data = nvd(cve(1), cve(2))
    first = await desk.imported("nvdcve-2.0-2099.json", data)
    assert (first.format, first.name, counts(first)) == ("nvd", "nvdcve-2.0-2099", (2, 0, 0, 0))
    assert first.examples == (
        "added CVE-2099-0001: acme rocket server, acme anvil",
        "added CVE-2099-0002: acme rocket server, acme anvil",
    )
    before, embedded = desk.state(), len(desk.embedder.embedded)
    second = await desk.imported("nvdcve-2.0-2099.json", data)
    assert counts(second) == (0, 0, 0, 2)
    assert desk.state() == before
    assert len(desk.embedder.embedded) == embedded
    record = desk.library.record("CVE-2099-0001")
    assert record is not None
    assert record.data["source"] == "nvd"


async def test_a_newer_version_tells_what_it_added_changed_and_removed(desk: Desk) -> None:
    await desk.imported("year.json", nvd(cve(1), cve(2), cve(3), stamp="2099-03-01"))
    ended = await desk.imported("year.json", nvd(cve(1), cve(2, "New words."), cve(4), stamp="2099-03-02"))
    assert counts(ended) == (1, 1, 1, 1)
    changes = {each.path: each.change for each in desk.store.changes(ended.import_id)}
    assert changes == {
        "nvd/CVE-2099-0002": Change.CHANGED,
        "nvd/CVE-2099-0003": Change.REMOVED,
        "nvd/CVE-2099-0004": Change.ADDED,
    }
    assert desk.library.record("CVE-2099-0003") is None
    assert desk.library.relations("CVE-2099-0003") == []
    assert [each.path for each in desk.library.documents("nvd")] == [f"nvd/CVE-2099-000{n}" for n in (1, 2, 4)]


async def test_another_year_removes_nothing_of_this_one(desk: Desk) -> None:
    await desk.imported("nvdcve-2.0-2098.json", nvd(cve(1), cve(2)))
    ended = await desk.imported("nvdcve-2.0-2099.json", nvd(cve(3)))
    assert counts(ended) == (1, 0, 0, 0)
    assert len(desk.library.documents("nvd")) == 3
    # What both names hold stays until neither has it.
    await desk.imported("page.json", nvd(cve(1)))
    assert (await desk.imported("nvdcve-2.0-2098.json", nvd(cve(2)))).removed == 0
    assert (await desk.imported("page.json", nvd(cve(2)))).removed == 1


async def test_a_scan_of_other_code_under_the_same_name_replaces_nothing_unasked(desk: Desk) -> None:
    await desk.imported("results.sarif", sarif(sarif_result("py/injection"), sarif_result("py/weak")))
    (room,) = {info.collection for info in desk.library.documents()}
    with pytest.raises(WorkbenchError, match="rename the file to keep both"):
        await desk.imported("results.sarif", sarif(sarif_result("other")))
    assert len(desk.library.documents(room)) == 2
    ended = await desk.imported("results.sarif", sarif(sarif_result("py/injection"), sarif_result("new")))
    assert counts(ended) == (1, 0, 1, 1)
    ended = await desk.imported("results.sarif", sarif(sarif_result("other")), older=True)
    assert counts(ended) == (1, 0, 2, 0)


async def test_each_inventory_has_a_collection_of_its_own(desk: Desk) -> None:
    await desk.imported("bom.json", cyclonedx(component()))
    other = {"timestamp": "2099-05-01T00:00:00Z", "component": {"name": "bakery"}}
    await desk.imported("bom.json", cyclonedx(component(), metadata=other))
    assert {each.collection for each in desk.library.documents()} == {"sbom/webshop", "sbom/bakery"}


async def test_an_older_version_needs_to_be_asked_for(desk: Desk) -> None:
    await desk.imported("bom.json", cyclonedx(component(version="2.0")))
    older = cyclonedx(component(version="1.0"), metadata={"timestamp": "2098-01-01", "component": {"name": "webshop"}})
    before = desk.state()
    with pytest.raises(WorkbenchError, match="--older"):
        await desk.imported("bom.json", older)
    assert desk.state() == before
    assert (await desk.imported("bom.json", older, older=True)).changed == 2
    assert desk.store.history()[0].version == "2098-01-01"


async def test_a_damaged_newer_version_leaves_the_library_as_it_is(desk: Desk) -> None:
    await desk.imported("year.json", nvd(cve(1), cve(2)))
    before = desk.state()
    with pytest.raises(WorkbenchError, match="damaged"):
        await desk.imported("year.json", nvd(cve(1, "Changed."))[:-30], kind="nvd")
    assert desk.state() == before
    assert len(desk.store.history()) == 1


async def test_nothing_is_removed_when_a_part_could_not_be_read(desk: Desk) -> None:
    one, two = as_json(osv("PYSEC-2099-1")), as_json(osv("PYSEC-2099-2"))
    await desk.imported("all.zip", packed({"1.json": one, "2.json": two}))
    ended = await desk.imported("all.zip", packed({"1.json": one, "2.json": b"{"}))
    assert counts(ended) == (0, 0, 0, 1)
    assert len(desk.library.documents("osv")) == 2
    assert (await desk.imported("all.zip", packed({"1.json": one}))).removed == 1


async def test_a_cancelled_import_goes_on_and_is_not_told_as_whole(database: Database, tmp_path: Path) -> None:
    desk = Desk(database, tmp_path, seconds=0.02)
    await desk.imported("year.json", nvd(cve(99), stamp="2099-01-01"))
    data = nvd(*(cve(number, f"Flaw {number}. " + "Many words. " * 60) for number in range(1, 60)))
    job, events = desk.job("year.json", data), []
    async for event in job:
        events.append(event)
        if isinstance(event, IngestProgress) and event.chunks_done:
            job.cancel()
    assert isinstance(events[-1], ImportEnded)
    assert events[-1].cancelled
    half = desk.store.history()
    assert [each.finished for each in half] == [False, True]
    assert desk.library.record("CVE-2099-0099") is not None, "only a whole pass removes"
    events = [event async for event in desk.job("year.json", data)]
    assert any(isinstance(event, IngestNotice) and "goes on where it was broken off" in event.text for event in events)
    ended = events[-1]
    assert isinstance(ended, ImportEnded)
    assert counts(ended) == (59, 0, 1, 0)
    assert [each.finished for each in desk.store.history()] == [True, True]
    assert desk.library.record("CVE-2099-0099") is None


class _KilledError(BaseException):
    """The program is gone."""


@pytest.mark.parametrize("moment", range(1, 12))
async def test_a_kill_at_any_moment_leaves_no_half_import_marked_as_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    await desk.imported("year.json", nvd(cve(1), cve(2), cve(3), stamp="2099-03-01"))
    data = nvd(cve(1), cve(2, "New words."), cve(4), cve(5), stamp="2099-03-02")
    writes, write = 0, desk.database.write

    def dying() -> Any:
        nonlocal writes
        writes += 1
        if writes >= moment:
            raise _KilledError
        return write()

    monkeypatch.setattr(desk.database, "write", dying)
    ended = None
    with contextlib.suppress(_KilledError, AssertionError):
        ended = await desk.imported("year.json", data)
    monkeypatch.undo()
    newest = desk.store.history()[0]
    assert newest.finished == (ended is not None or newest.version == "2099-03-01")
    again = await desk.imported("year.json", data)
    if ended is None:
        assert counts(again) == (2, 1, 1, 1)
    assert {each.path for each in desk.library.documents("nvd")} == {f"nvd/CVE-2099-000{n}" for n in (1, 2, 4, 5)}
    assert desk.store.history()[0].version == "2099-03-02"


async def test_what_a_broken_off_import_brought_goes_with_the_next_version(desk: Desk) -> None:
    job = desk.job("year.json", nvd(cve(1), cve(2), stamp="2099-03-01"))
    async for event in job:
        if isinstance(event, FileEnded):
            job.cancel()
    taken = len(desk.library.documents("nvd"))
    ended = await desk.imported("year.json", nvd(cve(3), stamp="2099-03-02"))
    assert ended.removed == taken
    assert [each.path for each in desk.library.documents("nvd")] == ["nvd/CVE-2099-0003"]


async def test_a_paused_import_waits_and_goes_on(desk: Desk) -> None:
    job = desk.job("year.json", nvd(cve(1)))
    job.pause()
    events: list[object] = []

    async def follow() -> None:
        events.extend([event async for event in job])

    task = asyncio.create_task(follow())
    await asyncio.sleep(0.8)
    assert job.paused
    assert desk.library.documents("nvd") == []
    job.go_on()
    await asyncio.wait_for(task, 10)
    assert len(desk.library.documents("nvd")) == 1


async def test_what_cannot_be_obtained_is_one_sentence(desk: Desk) -> None:
    job = ImportJob(
        FromFile(desk.folder / "nope.json"),
        None,
        library=desk.library,
        embedder=desk.embedder,
        store=desk.store,
        scratch=desk.folder / "scratch",
        alone=desk.alone,
    )
    with pytest.raises(WorkbenchError, match="There is no"):
        [event async for event in job]
    assert desk.store.history() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
async def test_what_is_no_file_is_not_opened(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe.json")
    job = desk.job("other.json", nvd(cve(1)))
    job._origin = FromFile(desk.folder / "pipe.json")
    with pytest.raises(WorkbenchError, match="neither a file nor a folder"):
        await asyncio.wait_for(collected(job), 5)


async def test_what_is_older_than_what_was_removed_meanwhile_comes_in(desk: Desk) -> None:
    await desk.imported("year.json", nvd(cve(1), stamp="2099-03-02"))
    older = nvd(cve(1, "Old words."), stamp="2099-03-01")
    with pytest.raises(WorkbenchError, match="--older"):
        await desk.imported("year.json", older)
    desk.library.remove_all([document.id for document in desk.library.documents("nvd")])
    assert counts(await desk.imported("year.json", older)) == (1, 0, 0, 0)


async def test_the_plan_is_told_before_it_is_carried_out(desk: Desk) -> None:
    told = [event.text async for event in desk.job("year.json", nvd(cve(1))) if isinstance(event, IngestNotice)]
    assert told == ["NVD year, version 2099-03-01T00:00:00.000: 1 entry, 1 new"]


entries = st.dictionaries(st.integers(1, 6), st.sampled_from(["one", "two", "three"]), max_size=6)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(entries, min_size=1, max_size=3), seed=st.integers(0, 99))
def test_any_history_of_updates_in_any_order_ends_as_the_last_one_alone(
    tmp_path: Path, versions: Sequence[dict[int, str]], seed: int
) -> None:
    shuffle = random.Random(seed).sample

    def feed(number: int) -> bytes:
        items = [cve(key, text) for key, text in versions[number].items()]
        return nvd(*shuffle(items, len(items)), stamp=f"2099-03-0{number + 1}")

    async def run(folder: Path, numbers: Sequence[int]) -> list[tuple[str, ...]]:
        folder.mkdir(exist_ok=True)
        database_file = folder / "library.db"
        database_file.unlink(missing_ok=True)
        with Database(database_file) as database:
            desk = Desk(database, folder)
            for number in numbers:
                await desk.imported("year.json", feed(number))
            return desk.state()

    last = len(versions) - 1
    alone = asyncio.run(run(tmp_path / "alone", [last]))
    assert asyncio.run(run(tmp_path / "history", [*range(last + 1), last])) == alone


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.core.knowledge.importers.job.TOLD_EVERY", 0.01)


@pytest.mark.usefixtures("impatient")
async def test_of_two_imports_at_once_the_second_waits_and_both_are_whole(desk: Desk, tmp_path: Path) -> None:
    old = nvd(cve(1), cve(2), stamp="2099-03-01")
    first = desk.job("year.json", old)
    told = aiter(first)
    while not isinstance(await anext(told), FileEnded):
        pass
    (tmp_path / "new").mkdir()
    second = asyncio.create_task(
        collected(desk.job("new/year.json", nvd(cve(2, "New words."), cve(3), stamp="2099-03-02")))
    )
    waiting = asyncio.create_task(collected(desk.job("new/other.json", old)))
    await asyncio.sleep(0.05)
    assert len(desk.store.history()) == 1
    *_, ended = [event async for event in told]
    assert isinstance(ended, ImportEnded)
    assert counts(ended) == (2, 0, 0, 0)
    events = [*await second, *await waiting]
    assert any(isinstance(event, IngestProgress) and "waiting" in event.current for event in events)
    assert all(each.finished for each in desk.store.history())
    newer = next(event for event in events if isinstance(event, ImportEnded) and event.name == "year")
    assert counts(newer) == (1, 1, 1, 0) or counts(newer) == (1, 1, 0, 0), "the other name holds the first entry too"


@pytest.mark.usefixtures("impatient")
async def test_an_import_that_waits_can_be_cancelled(desk: Desk) -> None:
    await desk.alone.acquire()
    job = desk.job("year.json", nvd(cve(1)))
    async for event in job:
        if isinstance(event, IngestProgress) and "waiting" in event.current:
            job.cancel()
    assert isinstance(event, ImportEnded)
    assert event.cancelled
    assert desk.alone.locked()
    assert desk.store.history() == []


async def collected(job: ImportJob) -> list[Any]:
    return [event async for event in job]
