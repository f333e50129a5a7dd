"""All runs of a library: one attempt at a time, each with its final event, whoever asks for what and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.unit.core.doubles import ToldAgent, a_task
from workbench.core import events as ev
from workbench.core.attempt import Parts
from workbench.core.database import Database, DatabaseError
from workbench.core.journal import Journal
from workbench.core.retrieval import SearchAnswer
from workbench.core.run_state import RunState
from workbench.core.runs import RunHandle, Runs
from workbench.core.values import WorkbenchError


class NoNotes:
    """No agent of these tests writes a note; settling can be made to take a while."""

    seconds = 0.0

    def keeper(self, agent, emit):
        return self.settle

    async def settle(self, emit) -> None:
        await asyncio.sleep(self.seconds)


class SlowJournal(Journal):
    """Writes slowly, or refuses to write a kind of event, as a full disk does."""

    seconds = 0.0
    refused = ""

    def append(self, run_id, seq, attempt, body):
        time.sleep(self.seconds)
        if body.kind == self.refused:
            raise DatabaseError("The disk is full, so nothing more can be stored; free some space and try again")
        return super().append(run_id, seq, attempt, body)


class Bench:
    """Runs on a real database with agents that do as told."""

    def __init__(self, database: Database) -> None:
        self.journal = SlowJournal(database)
        self.notes = NoNotes()
        self.agents = {name: ToldAgent(name) for name in ("code", "security", "research")}
        self.runs = Runs(self.journal, self._parts, dict, lambda: "{}", lambda: ("starter",))

    def _parts(self, run_id: str) -> Parts:
        return Parts(ready=self._ready, ask=self._ask, agents=self.agents, decide=self._decide, notes=self.notes)

    async def _ready(self, tell) -> None:
        return None

    async def _ask(self, question, **kwargs) -> SearchAnswer:
        status = ev.SourceStatus(source="starter", state=ev.SourceState.OK)
        return SearchAnswer(passages=(), statuses=(status,))

    async def _decide(self, run_id, task, proposals) -> ev.Decision:
        return ev.Decision(
            verdict="safe", standing=ev.Standing.PROVISIONAL, reason="r", posterior={"safe": 1.0}, prior={"safe": 1.0},
            contributions=(), algorithm="test",
        )  # fmt: skip

    async def blocked(self) -> RunHandle:
        """A run whose security agent waits for ever."""
        self.agents["security"].block = asyncio.Event()
        handle = await self.runs.submit(a_task())
        async for event in handle:
            if isinstance(event.body, ev.StepSaid) and event.body.agent == "security":
                return handle
        raise AssertionError("the step never began")

    async def finals(self, run_id: str) -> list[tuple[int, str]]:
        return [(event.attempt, event.body.kind) for event in await self.runs.events(run_id) if event.is_final]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "runs.db") as database:
        yield database


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    bench = Bench(database)
    yield bench
    bench.journal.refused = ""
    await bench.runs.close()


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.03, 0.06, 0.1])
async def test_a_run_cancelled_twice_has_one_final_event(bench: Bench, pause: float) -> None:
    handle = await bench.blocked()
    bench.journal.seconds, bench.notes.seconds = 0.04, 0.04
    handle.cancel()
    await asyncio.sleep(pause)
    handle.cancel()
    handle.cancel()
    await handle.finished()
    assert await bench.finals(handle.run_id) == [(1, "run_cancelled")]


async def test_cancelling_again_and_again_while_steps_write_loses_no_event(bench: Bench) -> None:
    bench.journal.seconds = 0.01
    handle = await bench.runs.submit(a_task())
    await asyncio.sleep(0.08)
    for _ in range(30):
        handle.cancel()
        await asyncio.sleep(0.003)
    state = await handle.finished()
    events = await bench.runs.events(handle.run_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert RunState.from_events(events) == state
    assert len(await bench.finals(handle.run_id)) == 1


async def test_a_cancel_that_comes_after_the_decision_still_leaves_a_final_event(bench: Bench) -> None:
    bench.notes.seconds = 0.05
    handle = await bench.runs.submit(a_task())
    async for event in handle:
        if isinstance(event.body, ev.DecisionMade):
            handle.cancel()
            break
    await handle.finished()
    assert len(await bench.finals(handle.run_id)) == 1


async def test_two_who_resume_a_run_at_once_get_one_attempt_and_one_sentence(bench: Bench) -> None:
    handle = await bench.blocked()
    handle.cancel()
    await handle.finished()
    bench.agents["security"].block = None
    bench.journal.seconds = 0.02
    answers = await asyncio.gather(*(bench.runs.resume(handle.run_id) for _ in range(3)), return_exceptions=True)
    begun = [answer for answer in answers if isinstance(answer, RunHandle)]
    refused = [answer for answer in answers if isinstance(answer, WorkbenchError)]
    assert (len(begun), len(refused)) == (1, 2), answers
    await begun[0].finished()
    assert await bench.finals(handle.run_id) == [(1, "run_cancelled"), (2, "run_completed")]


async def test_a_run_that_is_being_resumed_cannot_be_deleted(bench: Bench) -> None:
    handle = await bench.blocked()
    handle.cancel()
    await handle.finished()
    bench.agents["security"].block = None
    resuming = asyncio.create_task(bench.runs.resume(handle.run_id))
    await asyncio.sleep(0)
    with pytest.raises(WorkbenchError, match="going on"):
        await bench.runs.delete(handle.run_id)
    state = await (await resuming).finished()
    assert isinstance(state.final, ev.RunCompleted)


async def test_a_resume_that_fails_can_be_tried_again(bench: Bench) -> None:
    handle = await bench.blocked()
    handle.cancel()
    await handle.finished()
    bench.agents["security"].block = None
    bench.journal.refused = "attempt_started"
    with pytest.raises(DatabaseError):
        await bench.runs.resume(handle.run_id)
    bench.journal.refused = ""
    state = await (await bench.runs.resume(handle.run_id)).finished()
    assert isinstance(state.final, ev.RunCompleted)


async def test_an_attempt_whose_end_could_not_be_written_is_ended_before_the_next(bench: Bench) -> None:
    bench.journal.refused = "run_completed"
    handle = await bench.runs.submit(a_task())
    with pytest.raises(DatabaseError):
        await handle.finished()
    assert (await bench.runs.list())[0].state == "interrupted"
    bench.journal.refused = ""
    await (await bench.runs.resume(handle.run_id)).finished()
    assert await bench.finals(handle.run_id) == [(1, "run_failed"), (2, "run_completed")]


async def test_a_run_that_goes_on_is_listed_as_running(bench: Bench) -> None:
    handle = await bench.blocked()
    assert [(run.run_id, run.state) for run in await bench.runs.list()] == [(handle.run_id, "running")]
    await bench.runs.close()


async def test_closing_ends_a_run_that_is_being_submitted(bench: Bench) -> None:
    bench.journal.seconds = 0.03
    bench.agents["security"].block = asyncio.Event()
    submitting = asyncio.create_task(bench.runs.submit(a_task()))
    await asyncio.sleep(0.02)
    await bench.runs.close()
    handle = await submitting
    assert await bench.finals(handle.run_id) == [(1, "run_cancelled")]


@pytest.mark.expects_warnings
async def test_closing_does_not_wait_in_vain_for_a_run_whose_end_cannot_be_written(bench: Bench) -> None:
    handle = await bench.blocked()
    bench.journal.refused = "run_cancelled"
    await asyncio.wait_for(bench.runs.close(), timeout=5)
    assert (await bench.runs.list())[0].run_id == handle.run_id


async def test_one_journal_that_cannot_be_read_keeps_nobody_from_the_others(bench: Bench, database: Database) -> None:
    handle = await bench.runs.submit(a_task())
    await handle.finished()
    with database.write() as connection:
        connection.execute("DELETE FROM journal WHERE run_id = ? AND kind = 'run_completed'", (handle.run_id,))
        connection.execute(
            'UPDATE journal SET body = \'{"kind": "of a later version"}\' WHERE run_id = ? AND seq = 3',
            (handle.run_id,),
        )
    assert [run.run_id for run in await bench.runs.mark_interrupted()] == [handle.run_id]
    with pytest.raises(WorkbenchError, match="cannot be read"):
        await bench.runs.events(handle.run_id)
    other = await bench.runs.submit(a_task())
    assert isinstance((await other.finished()).final, ev.RunCompleted)
