"""A run killed after any of its events goes on to the same decision and repeats nothing that was finished."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.core.doubles import a_proposal, a_task
from workbench.core import events as ev
from workbench.core.agents.base import KeepNote, StepContext
from workbench.core.attempt import Parts
from workbench.core.consensus.store import RecordStore
from workbench.core.database import Database
from workbench.core.journal import Journal
from workbench.core.plan import StepOutcome
from workbench.core.retrieval import SearchAnswer
from workbench.core.run_state import RunState
from workbench.core.runs import Runs
from workbench.core.scheduler import Emit
from workbench.core.tasks import Task, TaskKind
from workbench.core.values import WorkbenchError

DOOMED = "mitigate"
"""A step that fails whenever it is tried."""


def a_finding(step: str) -> ev.Finding:
    return ev.Finding(
        rule=step, cwe="CWE-89", title=f"SQL in {step}", severity=ev.Severity.HIGH, confidence=0.9, file="draft.py",
        line_start=1, line_end=1, excerpt="x", explanation="e",
    )  # fmt: skip


class SteadyAgent:
    """Answers a step the same way whenever it is asked, and tells the bench that it was asked."""

    def __init__(self, name: str, begun: list[str]) -> None:
        self.name, self._begun = name, begun

    async def perform(self, context: StepContext) -> StepOutcome:
        step = context.step
        self._begun.append(step.id)
        await context.say(f"working on {step.id}")
        if step.id == DOOMED:
            raise WorkbenchError("This never works")
        if self.name == "research":
            await context.keep_note("what was found", "the text")
        weight = 0.1 + sum(map(ord, step.id)) % 7 / 10
        shares = dict.fromkeys(context.task.verdicts, (1 - weight) / 2) | {context.task.verdicts[-1]: weight}
        return StepOutcome(
            summary=f"{step.id} is done",
            findings=(a_finding(step.id),) if step.action == "review_draft" else (),
            proposal=a_proposal(self.name, step=step.id, probabilities=shares, domain=context.task.domain),
        )


class TellingNotes:
    """Says of every note that it was stored."""

    def keeper(self, agent: str, emit: Emit) -> KeepNote:
        async def keep(title: str, text: str) -> None:
            await emit(ev.NoteWritten(note_id="n", agent=agent))

        return keep

    async def settle(self, emit: Emit) -> None:
        return None


class Bench:
    """Runs over a library of its own; `begun` lists the steps that agents were given."""

    def __init__(self, database: Database) -> None:
        self.begun: list[str] = []
        self.asked = 0
        self.journal = Journal(database)
        self._records = RecordStore(database)
        self._agents = {name: SteadyAgent(name, self.begun) for name in ("code", "security", "research")}
        self.runs = Runs(self.journal, self._parts, lambda: {"workbench": "test"}, lambda: "{}", lambda: ("shelf",))

    def _parts(self, run_id: str) -> Parts:
        return Parts(ready=self._ready, ask=self._ask, agents=self._agents, decide=self._decide, notes=TellingNotes())

    async def _ready(self, tell: Callable[[str], object]) -> None:
        return None

    async def _ask(self, question: str, **kwargs: object) -> SearchAnswer:
        self.asked += 1
        passage = ev.Passage(id="p1", source="shelf", document_id="d", title="t", text="x")
        return SearchAnswer(
            passages=(passage,), statuses=(ev.SourceStatus(source="shelf", state=ev.SourceState.OK, found=1),)
        )

    async def _decide(self, run_id: str, task: Task, proposals: tuple[ev.Proposal, ...]) -> ev.Decision:
        return await asyncio.to_thread(self._records.decide, run_id, task, proposals)


async def recorded(task: Task, folder: Path) -> list[ev.RunEvent]:
    """The journal of an undisturbed run."""
    with Database(folder / "whole.db") as database:
        bench = Bench(database)
        handle = await bench.runs.submit(task)
        await handle.finished()
        return await bench.runs.events(handle.run_id)


async def go_on_after(killed: list[ev.RunEvent], path: Path) -> tuple[list[ev.RunEvent], Bench]:
    """What the journal holds, and who worked, after a program that left these events was started again."""
    with Database(path) as database:
        bench = Bench(database)
        for event in killed:
            bench.journal.append(event.run_id, event.seq, event.attempt, event.body)
        await bench.runs.mark_interrupted()
        handle = await bench.runs.resume(killed[0].run_id)
        await handle.finished()
        return await bench.runs.events(handle.run_id), bench


def finals_of_attempts(events: list[ev.RunEvent]) -> list[tuple[int, str]]:
    return [(event.attempt, event.body.kind) for event in events if event.is_final]


TASKS = {
    "review": a_task(),
    "draft that goes back twice": a_task(TaskKind.DRAFT, description="write it", code=""),
    "research with a step that fails": a_task(TaskKind.RESEARCH, description="what threatens this"),
    "assess with a step that fails": a_task(TaskKind.ASSESS, description="accept it?"),
}


@pytest.mark.parametrize("name", TASKS)
async def test_a_run_killed_after_any_event_ends_with_the_same_decision(name: str, tmp_path: Path) -> None:
    whole = await recorded(TASKS[name], tmp_path)
    assert whole[-1].body.kind == "run_completed"
    state = RunState.from_events(whole)
    for count in range(1, len(whole)):
        killed = whole[:count]
        events, bench = await go_on_after(killed, tmp_path / f"{count}.db")
        after, where = RunState.from_events(events), f"killed after event {count}, {killed[-1].body.kind}"
        assert after.decision == state.decision, where
        assert after.proposals == state.proposals, where
        assert after.outcomes == state.outcomes, where
        assert {key: record.state for key, record in after.steps.items()} == {
            key: record.state for key, record in state.steps.items()
        }, where
        assert finals_of_attempts(events) == [(1, "run_failed"), (2, "run_completed")], where
        before = RunState.from_events(killed)
        assert not set(bench.begun) & set(before.outcomes), where
        assert len(bench.begun) == len(set(bench.begun)), where
        assert bench.asked == (0 if before.evidence_gathered else 1), where
        if before.decision is not None:
            assert bench.begun == [], where


async def test_a_run_killed_again_and_again_ends_with_the_same_decision(tmp_path: Path) -> None:
    whole = await recorded(TASKS["review"], tmp_path)
    wanted = RunState.from_events(whole).decision
    kept = whole[:2]
    for number in range(40):
        events, _ = await go_on_after(kept, tmp_path / f"{number}.db")
        assert RunState.from_events(events).decision == wanted
        kept = events[: len(kept) + 5]
        if kept == events:
            break
    assert len(finals_of_attempts(kept)) > 3
