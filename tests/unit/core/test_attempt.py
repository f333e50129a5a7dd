"""One attempt: what it leaves in the journal when it works, fails, is cancelled, or goes on."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.unit.core.doubles import ListJournal, ToldAgent, a_task
from workbench.core import events as ev
from workbench.core.agents.base import StepContext
from workbench.core.attempt import Attempt, Parts, Recorder
from workbench.core.evidence import Severity
from workbench.core.filters import NO_FILTER
from workbench.core.plan import StepOutcome
from workbench.core.retrieval import SearchAnswer
from workbench.core.run_state import RunState
from workbench.core.tasks import Task, TaskKind
from workbench.core.values import WorkbenchError


class NoNotes:
    def keeper(self, agent, emit):
        async def keep(title: str, text: str) -> None:
            await emit(ev.NoteDropped(agent=agent, reason="no vault in this test"))

        return keep

    async def settle(self, emit) -> None:
        return None


class Bench:
    """An attempt with all its surroundings under control."""

    def __init__(self, task: Task | None = None) -> None:
        self.task = task or a_task()
        self.journal = ListJournal()
        self.agents = {name: ToldAgent(name) for name in ("code", "security", "research")}
        self.asked: list[tuple[str, Sequence[str] | None]] = []
        self.decided = 0
        self.source_state = ev.SourceState.OK

    async def ask(
        self, question: str, *, names: Sequence[str] | None, filters=NO_FILTER, limit: int = 10
    ) -> SearchAnswer:
        self.asked.append((question, names))
        passage = ev.Passage(id="p1", source="starter", document_id="d", title="t", text="x")
        status = ev.SourceStatus(source="starter", state=self.source_state, found=1)
        return SearchAnswer(passages=(passage,), statuses=(status,))

    async def ready(self, tell) -> None:
        return None

    async def decide(self, run_id: str, task: Task, proposals: Sequence[ev.Proposal]) -> ev.Decision:
        self.decided += 1
        self.proposals = list(proposals)
        return ev.Decision(
            verdict="safe", standing=ev.Standing.PROVISIONAL, reason="r", posterior={"safe": 1.0}, prior={"safe": 1.0},
            contributions=(), algorithm="test",
        )  # fmt: skip

    def parts(self) -> Parts:
        return Parts(ready=self.ready, ask=self.ask, agents=self.agents, decide=self.decide, notes=NoNotes())

    async def begin(self) -> Attempt:
        self.recorder = Recorder(self.journal, RunState(), lambda event: None)
        await self.recorder.start("r1", 1, ev.RunStarted(task=self.task, versions={}))
        await self.recorder.start("r1", 1, ev.AttemptStarted())
        return Attempt(self.recorder, self.parts())

    async def go_on(self) -> Attempt:
        state = RunState.from_events(self.journal.kept)
        self.recorder = Recorder(self.journal, state, lambda event: None)
        await self.recorder.start("r1", state.attempt + 1, ev.AttemptStarted(kept_steps=tuple(state.outcomes)))
        return Attempt(self.recorder, self.parts())

    @property
    def kinds(self) -> list[str]:
        return [event.body.kind for event in self.journal.kept]

    @property
    def state(self) -> RunState:
        return RunState.from_events(self.journal.kept)


async def test_a_run_goes_from_evidence_over_plan_and_steps_to_a_decision() -> None:
    bench = Bench()
    await (await bench.begin()).carry_out()
    order = ["run_started", "attempt_started", "source_answered", "evidence_found", "plan_made"]
    assert bench.kinds[:5] == order
    assert bench.kinds[-5:] == ["proposal_sealed"] * 3 + ["decision_made", "run_completed"]
    assert {record.state for record in bench.state.steps.values()} == {ev.StepState.DONE}


async def test_independent_steps_run_side_by_side() -> None:
    bench = Bench()
    gate = asyncio.Event()
    for agent in bench.agents.values():
        agent.block = gate
    work = asyncio.create_task((await bench.begin()).carry_out())
    while sum(kind == "step_said" for kind in bench.kinds) < 3:
        await asyncio.sleep(0.01)
    gate.set()
    await work
    assert bench.kinds[-1] == "run_completed"


async def test_no_step_sees_the_proposal_of_another() -> None:
    bench = Bench()
    seen = []
    bench.agents["security"].work = lambda context: seen.append(context.inputs) or StepOutcome(summary="s")
    await (await bench.begin()).carry_out()
    assert any(inputs for inputs in seen)
    assert all(outcome.proposal is None for inputs in seen for outcome in inputs.values())


async def test_a_cancelled_run_ends_in_one_final_event_and_keeps_what_it_had() -> None:
    bench = Bench()
    bench.agents["security"].block = asyncio.Event()
    work = asyncio.create_task((await bench.begin()).carry_out())
    while "step_finished" not in bench.kinds:
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work], timeout=1)
    assert bench.kinds[-1] == "run_cancelled"
    assert sum(event.is_final for event in bench.journal.kept) == 1
    assert bench.state.outcomes


async def test_a_resumed_run_repeats_no_finished_step_and_asks_no_source_again() -> None:
    bench = Bench()
    bench.agents["security"].block = asyncio.Event()
    work = asyncio.create_task((await bench.begin()).carry_out())
    while sum(kind == "step_finished" for kind in bench.kinds) < 2:
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    finished = set(bench.state.outcomes)
    before = {name: list(agent.steps) for name, agent in bench.agents.items()}
    bench.agents["security"].block = None
    await (await bench.go_on()).carry_out()
    again = {step for name, agent in bench.agents.items() for step in agent.steps[len(before[name]) :]}
    assert finished
    assert not finished & again
    assert len(bench.asked) == 1
    assert bench.kinds[-1] == "run_completed"
    assert bench.state.attempt == 2


async def test_a_failing_step_is_told_and_the_others_go_on() -> None:
    bench = Bench()
    bench.agents["research"].failures = [WorkbenchError("the shelf is empty; fill it")]
    await (await bench.begin()).carry_out()
    assert bench.state.steps["threats"].state is ev.StepState.FAILED
    assert bench.state.steps["threats"].reason == "the shelf is empty; fill it"
    assert bench.kinds[-1] == "run_completed"
    assert [proposal.agent for proposal in bench.proposals] == ["code", "security"]


@pytest.mark.expects_warnings
async def test_an_unexpected_error_is_tried_again() -> None:
    bench = Bench()
    bench.agents["research"].failures = [OSError("hiccup")]
    await (await bench.begin()).carry_out()
    assert bench.state.steps["threats"].state is ev.StepState.DONE
    assert bench.state.steps["threats"].attempt == 2


async def test_steps_whose_inputs_all_failed_are_skipped_with_the_reason() -> None:
    bench = Bench(a_task(TaskKind.DRAFT, description="write it"))
    bench.agents["code"].failures = [WorkbenchError("no recipe fits")]
    await (await bench.begin()).carry_out()
    assert bench.state.steps["review"].state is ev.StepState.SKIPPED
    assert "draft" in bench.state.steps["review"].reason


async def test_a_run_in_which_nobody_proposes_fails_with_a_sentence() -> None:
    bench = Bench()
    for agent in bench.agents.values():
        agent.failures = [WorkbenchError("cannot")] * 9
    await (await bench.begin()).carry_out()
    final = bench.state.final
    assert isinstance(final, ev.RunFailed)
    assert "No agent reached a proposal" in final.reason


async def test_the_time_limit_stops_the_steps_and_still_decides() -> None:
    bench = Bench(a_task(limits={"seconds": 0.3}))
    bench.agents["security"].block = asyncio.Event()
    await (await bench.begin()).carry_out()
    assert bench.kinds[-1] == "run_completed"
    assert "time limit" in bench.state.steps["analyse"].reason
    assert any("time limit" in notice.text for notice in bench.state.notices)


async def test_a_serious_finding_in_a_draft_sends_it_back_and_the_rounds_are_in_the_journal() -> None:
    bench = Bench(a_task(TaskKind.DRAFT, description="write it"))
    finding = ev.Finding(
        rule="r", cwe="CWE-89", title="SQL", severity=Severity.HIGH, confidence=0.9, file="d", line_start=1, line_end=1,
        excerpt="x", explanation="e",
    )  # fmt: skip
    bench.agents["security"].work = lambda context: StepOutcome(summary="bad", findings=(finding,))
    await (await bench.begin()).carry_out()
    assert bench.agents["code"].steps == ["draft", "repair-1", "repair-2"]
    assert bench.kinds.count("plan_made") == 3


async def test_events_of_an_attempt_are_numbered_without_gaps_under_parallel_steps() -> None:
    bench = Bench()
    await (await bench.begin()).carry_out()
    assert [event.seq for event in bench.journal.kept] == list(range(1, len(bench.journal.kept) + 1))


async def test_a_step_asks_only_the_sources_that_the_task_names() -> None:
    bench = Bench(a_task(sources=("my library",)))

    class Asking(ToldAgent):
        async def perform(self, context: StepContext) -> StepOutcome:
            await context.search("more", kinds=(ev.PassageKind.WEAKNESS,))
            return await super().perform(context)

    bench.agents["research"] = Asking("research")
    await (await bench.begin()).carry_out()
    assert {names for _, names in bench.asked} == {("my library",)}
    assert len(bench.asked) == 2


async def test_a_decision_without_any_source_needs_a_human_whatever_the_votes_say() -> None:
    bench = Bench()
    bench.source_state = ev.SourceState.ERROR
    await (await bench.begin()).carry_out()
    assert bench.state.decision is not None
    assert bench.state.decision.standing is ev.Standing.NEEDS_A_HUMAN
    assert "No source could be asked" in bench.state.decision.reason
