"""The engine as a whole: starting, closing, and what it says when it cannot."""

import time

import pytest

from tests.unit.core.doubles import a_task
from workbench.core import events as ev
from workbench.core.database import Database
from workbench.core.engine import Engine, WorkbenchError
from workbench.core.journal import Journal
from workbench.core.runs import INTERRUPTED
from workbench.places import Places


async def test_closing_while_the_model_is_exported_takes_no_second(places: Places) -> None:
    engine = Engine(places)
    await engine.start()
    began = time.monotonic()
    await engine.close()
    assert time.monotonic() - began < 1


async def test_a_second_engine_on_the_same_library_is_refused_and_the_first_goes_on(places: Places) -> None:
    first, second = Engine(places), Engine(places)
    await first.start()
    with pytest.raises(WorkbenchError, match="Another workbench has the library"):
        await second.start()
    assert await first.runs.list() == []
    await first.close()


async def test_a_broken_settings_file_stops_the_start_with_a_sentence_and_frees_the_library(places: Places) -> None:
    places.config_file.write_text('{"version": 1, "them": "dark"}', encoding="utf-8")
    with pytest.raises(WorkbenchError, match="them"):
        await Engine(places).start()
    assert places.config_file.read_text(encoding="utf-8") == '{"version": 1, "them": "dark"}'
    places.config_file.unlink()
    engine = Engine(places)
    await engine.start()
    await engine.close()


async def test_a_run_that_a_killed_program_left_open_is_closed_as_interrupted_at_the_next_start(places: Places) -> None:
    with Database(places.database) as database:
        journal = Journal(database)
        journal.append("r1", 1, 1, ev.RunStarted(task=a_task(), versions={}))
        journal.append("r1", 2, 1, ev.AttemptStarted())
    engine = Engine(places)
    await engine.start()
    assert [run.run_id for run in engine.interrupted] == ["r1"]
    final = (await engine.runs.events("r1"))[-1].body
    assert isinstance(final, ev.RunFailed)
    assert (final.reason, final.interrupted) == (INTERRUPTED, True)
    assert (await engine.runs.list())[0].state == "interrupted"
    await engine.close()


async def test_a_run_cancelled_before_the_knowledge_is_ready_ends_at_once_and_can_be_resumed(places: Places) -> None:
    engine = Engine(places)
    await engine.start()
    handle = await engine.runs.submit(a_task())
    began = time.monotonic()
    handle.cancel()
    state = await handle.finished()
    assert time.monotonic() - began < 1
    assert isinstance(state.final, ev.RunCancelled)
    again = await engine.runs.resume(handle.run_id)
    again.cancel()
    assert (await again.finished()).attempt == 2
    await engine.close()


async def test_a_finished_or_unknown_run_cannot_be_resumed(places: Places) -> None:
    with Database(places.database) as database:
        journal = Journal(database)
        journal.append("r1", 1, 1, ev.RunStarted(task=a_task(), versions={}))
        journal.append("r1", 2, 1, ev.AttemptStarted())
        journal.append("r1", 3, 1, ev.RunCompleted())
    engine = Engine(places)
    await engine.start()
    with pytest.raises(WorkbenchError, match="complete"):
        await engine.runs.resume("r1")
    with pytest.raises(WorkbenchError, match="no run"):
        await engine.runs.resume("r2")
    await engine.close()


async def test_a_task_none_of_whose_sources_exists_is_refused_with_those_there_are(places: Places) -> None:
    engine = Engine(places)
    await engine.start()
    with pytest.raises(WorkbenchError, match=r"\(tickets\); choose among starter knowledge, my library"):
        await engine.runs.submit(a_task(sources=("tickets",)))
    assert await engine.runs.list() == []
    await engine.close()
