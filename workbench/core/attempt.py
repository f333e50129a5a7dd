"""One attempt of a run: evidence, plan, steps, sealed proposals, decision; resumed where an earlier one stopped."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from workbench.core import events as ev
from workbench.core.agents import project_manager
from workbench.core.agents.base import Agent, KeepNote
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.journal import Journal
from workbench.core.retrieval import SearchAnswer
from workbench.core.run_state import RunState
from workbench.core.scheduler import Emit, Scheduler
from workbench.core.tasks import Task
from workbench.core.unbroken import unbroken
from workbench.core.values import WorkbenchError

EVIDENCE_LIMIT = 24
"""Passages a run begins with: more than an agent cites, few enough to read."""


Tell = Callable[[str, ev.NoticeLevel], Awaitable[None]]
"""Puts a notice into the journal."""


class AskSources(Protocol):
    """Asks the named sources (all when None) side by side."""

    async def __call__(
        self, question: str, *, names: Sequence[str] | None, filters: SearchFilter = NO_FILTER, limit: int = 10
    ) -> SearchAnswer:
        """Passages of all of them, best first, and what each source answered."""
        ...


class Decide(Protocol):
    """The consensus mechanism with its record."""

    async def __call__(self, run_id: str, task: Task, proposals: Sequence[ev.Proposal]) -> ev.Decision:
        """The decision over sealed proposals, kept for the record."""
        ...


class RunNotes(Protocol):
    """Keeps the research notes of a run and emits what became of each."""

    def keeper(self, agent: str, emit: Emit) -> KeepNote:
        """What `agent` keeps its notes with."""
        ...

    async def settle(self, emit: Emit) -> None:
        """Called once before the attempt ends: says which notes could not be kept."""
        ...


@dataclass(frozen=True)
class Parts:
    """What an attempt works with."""

    ready: Callable[[Tell], Awaitable[None]]
    """Waits until the sources can be asked, and tells why that takes time or what is missing."""
    ask: AskSources
    agents: Mapping[str, Agent]
    decide: Decide
    notes: RunNotes


class Recorder:
    """Writes events to the journal, applies them to the state, and only then passes them on."""

    def __init__(self, journal: Journal, state: RunState, publish: Callable[[ev.RunEvent], None]) -> None:
        self._journal, self.state, self._publish = journal, state, publish
        self._turn = asyncio.Lock()

    async def start(self, run_id: str, attempt: int, body: ev.EventBody) -> None:
        """Write the first event of an attempt, which says which attempt it is."""
        self.state.run_id = run_id
        await self._write(attempt, body)

    async def emit(self, body: ev.EventBody) -> None:
        """Write the next event of this attempt. A cancel waits until what was begun is on disk and known."""
        await self._write(self.state.attempt, body)

    async def _write(self, attempt: int, body: ev.EventBody) -> None:
        async with self._turn:
            await unbroken(self._append(attempt, body))

    async def _append(self, attempt: int, body: ev.EventBody) -> None:
        arguments = (self.state.run_id, self.state.last_seq + 1, attempt, body)
        event = await asyncio.to_thread(self._journal.append, *arguments)
        self.state.apply(event)
        self._publish(event)


class Attempt:
    """Carries a run from where its state stands to a final event."""

    def __init__(self, recorder: Recorder, parts: Parts) -> None:
        self._recorder, self._parts = recorder, parts
        self._state, self._emit = recorder.state, recorder.emit

    async def carry_out(self) -> None:
        """Run to the end; always leaves exactly one final event, also when cancelled or failing."""
        final: ev.EventBody = ev.RunCompleted()
        try:
            await self._gather_evidence()
            await self._make_plan()
            await self._run_steps()
            await self._seal_proposals()
            await self._decide()
        except asyncio.CancelledError:
            final = ev.RunCancelled()
        except WorkbenchError as error:
            final = ev.RunFailed(reason=str(error))
        except Exception as error:
            logger.opt(exception=error).error("Run {} failed", self._state.run_id)
            final = ev.RunFailed(reason=f"Something unexpected ended the run ({type(error).__name__}: {error}); go on")
        await unbroken(self._end(final))

    async def _end(self, final: ev.EventBody) -> None:
        await self._parts.notes.settle(self._emit)
        await self._emit(final)

    async def _gather_evidence(self) -> None:
        if self._state.evidence_gathered:
            return
        await self._parts.ready(self._tell)
        answer = await self._parts.ask(self._task.question, names=self._task.sources, limit=EVIDENCE_LIMIT)
        for status in answer.statuses:
            await self._emit(ev.SourceAnswered(status=status))
        await self._emit(ev.EvidenceFound(passages=answer.passages))

    async def _search(
        self, question: str, *, kinds: tuple[ev.PassageKind, ...] = (), limit: int = 10
    ) -> list[ev.Passage]:
        """A step's further question goes to the sources that the task asks, and to no other."""
        only = SearchFilter(kinds=kinds)
        answer = await self._parts.ask(question, names=self._task.sources, filters=only, limit=limit)
        return list(answer.passages)

    async def _tell(self, text: str, level: ev.NoticeLevel) -> None:
        await self._emit(ev.Notice(level=level, text=text))

    async def _make_plan(self) -> None:
        if self._state.plan is None:
            plan, reason = project_manager.plan(self._task, self._state.evidence)
            await self._emit(ev.PlanMade(plan=plan, reason=reason))

    async def _run_steps(self) -> None:
        seconds = self._task.limits.seconds
        scheduler = Scheduler(
            self._state,
            self._parts.agents,
            self._emit,
            self._search,
            lambda agent: self._parts.notes.keeper(agent, self._emit),
        )
        try:
            async with asyncio.timeout(seconds):
                await scheduler.run()
        except TimeoutError:
            await self._stop_at_the_limit(f"The time limit of {seconds:.0f} s was reached")

    async def _stop_at_the_limit(self, limit: str) -> None:
        for record in list(self._state.steps.values()):
            step = record.step
            if record.state is ev.StepState.RUNNING:
                await self._emit(ev.StepFailed(step=step.id, agent=step.agent, reason=f"{limit}; stopped"))
            elif record.state is ev.StepState.WAITING:
                await self._emit(ev.StepSkipped(step=step.id, agent=step.agent, reason=f"{limit}; not begun"))
        await self._emit(ev.Notice(level="warning", text=f"{limit}: the decision rests on the steps that finished"))

    async def _seal_proposals(self) -> None:
        latest = {
            outcome.proposal.agent: outcome.proposal
            for outcome in self._state.outcomes.values()
            if outcome.proposal is not None
        }
        for agent, proposal in latest.items():
            if self._state.proposals.get(agent) != proposal:
                await self._emit(ev.ProposalSealed(proposal=proposal))

    async def _decide(self) -> None:
        if self._state.decision is not None:
            return
        proposals = tuple(self._state.proposals.values())
        if not proposals:
            raise WorkbenchError("No agent reached a proposal, so there is nothing to decide; see why the steps failed")
        decision = await self._parts.decide(self._state.run_id, self._task, proposals)
        await self._emit(ev.DecisionMade(decision=self._with_sight(decision)))

    def _with_sight(self, decision: ev.Decision) -> ev.Decision:
        """A decision taken while no source could be asked is not one to rely on, whatever the votes say."""
        statuses = self._state.statuses.values()
        if not statuses or any(status.state in (ev.SourceState.OK, ev.SourceState.PARTIAL) for status in statuses):
            return decision
        reason = f"No source could be asked, so nothing known was compared with the task; {decision.reason}"
        return decision.model_copy(update={"standing": ev.Standing.NEEDS_A_HUMAN, "reason": reason})

    @property
    def _task(self) -> Task:
        assert self._state.task is not None
        return self._state.task
