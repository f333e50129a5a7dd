"""The state of a run, folded from its journal: one fold for resuming, for the screen and for the report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from workbench.core import events as ev


@dataclass
class StepRecord:
    """What the journal tells of one step."""

    step: ev.Step
    state: ev.StepState = ev.StepState.WAITING
    attempt: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    said: list[str] = field(default_factory=list)
    outcome: ev.StepOutcome | None = None
    reason: str = ""


@dataclass
class RunState:
    """Everything a run's journal says so far. Feed it events in order with `apply`."""

    run_id: str = ""
    attempt: int = 0
    task: ev.Task | None = None
    versions: dict[str, str] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None
    statuses: dict[str, ev.SourceStatus] = field(default_factory=dict)
    passages: dict[str, ev.Passage] = field(default_factory=dict)
    """By id: what the run began with, then what its steps found, in that order."""
    evidence: tuple[ev.Passage, ...] = ()
    """The passages the run began with, best first."""
    evidence_gathered: bool = False
    plan: ev.Plan | None = None
    plan_reason: str = ""
    steps: dict[str, StepRecord] = field(default_factory=dict)
    proposals: dict[str, ev.Proposal] = field(default_factory=dict)
    decision: ev.Decision | None = None
    notices: list[ev.Notice] = field(default_factory=list)
    notes: list[ev.NoteWritten | ev.NoteWaiting | ev.NoteDropped] = field(default_factory=list)
    egress: list[ev.LeftTheMachine] = field(default_factory=list)
    final: ev.RunCompleted | ev.RunCancelled | ev.RunFailed | None = None
    last_seq: int = 0

    @classmethod
    def from_events(cls, events: Iterable[ev.RunEvent]) -> "RunState":
        """The state after all these events."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    @property
    def outcomes(self) -> dict[str, ev.StepOutcome]:
        """Outcomes of the finished steps, by step id, in plan order."""
        return {name: record.outcome for name, record in self.steps.items() if record.outcome is not None}

    @property
    def findings(self) -> list[ev.Finding]:
        """Findings in the task's own code and in its latest draft, each fingerprint once, the worst first.

        A draft that was sent back is gone with what was found in it, so only the latest finished review counts. What
        was found in repaired code is in `repair_findings`.
        """
        done = [record for record in self.steps.values() if record.outcome is not None]
        sent_back = [record.step.id for record in done if record.step.action == "review_draft"][:-1]
        return _ranked(record for record in done if record.step.action != "recheck" and record.step.id not in sent_back)

    @property
    def repair_findings(self) -> list[ev.Finding]:
        """Findings that only the repaired code has, the worst first; their lines count in the repaired file."""
        return _ranked(record for record in self.steps.values() if record.step.action == "recheck")

    @property
    def drafts(self) -> list[ev.CodeDraft]:
        """Latest draft of each name, in the order in which they were first written."""
        return list({draft.name: draft for outcome in self.outcomes.values() for draft in outcome.drafts}.values())

    def apply(self, event: ev.RunEvent) -> None:
        """Take in the next event; ValueError when it is not the next one of this run."""
        if event.seq != self.last_seq + 1:
            raise ValueError(f"event {event.seq} came where {self.last_seq + 1} was due")
        self.last_seq, self.run_id, self.attempt, self.ended = event.seq, event.run_id, event.attempt, event.at
        match event.body:
            case ev.RunStarted(task=task, versions=versions):
                self.task, self.versions, self.started = task, versions, event.at
            case ev.AttemptStarted():
                self._begin_attempt()
            case ev.RunCompleted() | ev.RunCancelled() | ev.RunFailed() as final:
                self._end(final)
            case ev.StepStarted() | ev.StepSaid() | ev.StepFinished() | ev.StepFailed() | ev.StepSkipped() as body:
                self._apply_to_step(body, event.at)
            case body:
                self._take_result(body)

    def _take_result(self, body: ev.EventBody) -> None:
        match body:
            case ev.SourceAnswered(status=status):
                self.statuses[status.source] = status
            case ev.EvidenceFound(passages=passages):
                self.evidence, self.evidence_gathered = passages, True
                self._keep(passages)
            case ev.PlanMade(plan=plan, reason=reason):
                self._take_plan(plan, reason)
            case ev.ProposalSealed(proposal=proposal):
                self.proposals[proposal.agent] = proposal
            case ev.DecisionMade(decision=decision):
                self.decision = decision
            case ev.NoteWritten() | ev.NoteWaiting() | ev.NoteDropped() as note:
                self.notes.append(note)
            case ev.LeftTheMachine() as sent:
                self.egress.append(sent)
            case ev.Notice() as notice:
                self.notices.append(notice)

    def _begin_attempt(self) -> None:
        self.final = None
        if self.decision is not None:  # what it rests on stays as it was
            return
        for record in self.steps.values():
            if record.state is not ev.StepState.DONE:
                record.state, record.reason = ev.StepState.WAITING, ""

    def _take_plan(self, plan: ev.Plan, reason: str) -> None:
        self.plan, self.plan_reason = plan, reason
        self.steps = {step.id: self.steps.get(step.id, StepRecord(step)) for step in plan.steps}
        for step in plan.steps:
            self.steps[step.id].step = step

    def _keep(self, passages: Iterable[ev.Passage]) -> None:
        for passage in passages:
            self.passages.setdefault(passage.id, passage)

    def _end(self, final: ev.RunCompleted | ev.RunCancelled | ev.RunFailed) -> None:
        self.final = final
        for record in self.steps.values():
            if record.state is ev.StepState.RUNNING:
                record.state = ev.StepState.CANCELLED

    def _apply_to_step(
        self, body: ev.StepStarted | ev.StepSaid | ev.StepFinished | ev.StepFailed | ev.StepSkipped, at: datetime
    ) -> None:
        record = self.steps[body.step]
        match body:
            case ev.StepStarted(attempt=attempt):
                record.state, record.attempt, record.started = ev.StepState.RUNNING, attempt, at
            case ev.StepSaid(text=text):
                record.said.append(text)
            case ev.StepFinished(outcome=outcome):
                record.state, record.outcome, record.ended = ev.StepState.DONE, outcome, at
                self._keep(outcome.passages)
            case ev.StepFailed(reason=reason, final=final):
                record.reason, record.ended = reason, at
                record.state = ev.StepState.FAILED if final else ev.StepState.WAITING
            case ev.StepSkipped(reason=reason):
                record.state, record.reason, record.ended = ev.StepState.SKIPPED, reason, at


def _ranked(records: Iterable[StepRecord]) -> list[ev.Finding]:
    outcomes = (record.outcome for record in records if record.outcome is not None)
    unique = {finding.fingerprint: finding for outcome in outcomes for finding in outcome.findings}
    return sorted(unique.values(), key=lambda finding: (-finding.severity.rank, finding.file, finding.line_start))
