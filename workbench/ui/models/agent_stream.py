"""What the agents' streams show of each event of a run, in plain words. Knows nothing of widgets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from workbench.core import events as ev
from workbench.core.engine import RunState
from workbench.ui.wording import duration, gate_words, plural, sentence
from workbench.wording import percent

MANAGER = "project manager"
AGENTS: tuple[str, ...] = (MANAGER, "code", "security", "research")

EntryKind = Literal["heading", "line", "result", "trouble"]


@dataclass(frozen=True)
class Entry:
    """A piece of an agent's stream. A heading with the `step` of an earlier one replaces that."""

    agent: str
    kind: EntryKind
    text: str
    state: str = ""
    """Of a heading: a StepState's value, which chooses icon and colour."""
    step: str = ""


def entries(event: ev.RunEvent, state: RunState) -> list[Entry]:
    """The entries that `event` adds; `state` is the run's state with the event applied."""
    say = _SAY.get(type(event.body))
    return list(say(event, event.body, state)) if say else []


def _run_started(event: ev.RunEvent, body: ev.RunStarted, state: RunState) -> Iterator[Entry]:
    yield Entry(MANAGER, "heading", f"{body.task.kind.capitalize()}: {body.task.title}")


def _attempt_started(event: ev.RunEvent, body: ev.AttemptStarted, state: RunState) -> Iterator[Entry]:
    if event.attempt > 1:
        kept = plural(len(body.kept_steps), "finished step is", "finished steps are")
        yield Entry(MANAGER, "heading", f"Going on, attempt {event.attempt}")
        yield Entry(MANAGER, "line", f"{kept} kept and not repeated")


def _source_answered(event: ev.RunEvent, body: ev.SourceAnswered, state: RunState) -> Iterator[Entry]:
    status = body.status
    told = f"{status.source}: {plural(status.found, 'passage')} in {duration(status.seconds)}"
    if status.state is ev.SourceState.OK:
        yield Entry(MANAGER, "line", told)
    else:
        detail = f", {status.detail}" if status.detail else ""
        yield Entry(MANAGER, "trouble", f"{status.source}: {status.state}{detail}; {plural(status.found, 'passage')}")


def _evidence_found(event: ev.RunEvent, body: ev.EvidenceFound, state: RunState) -> Iterator[Entry]:
    if not body.passages:
        yield Entry(MANAGER, "trouble", "No evidence was found; the agents rely on analysis alone")
        return
    best = body.passages[0]
    yield Entry(MANAGER, "line", f"Evidence: {plural(len(body.passages), 'passage')}, the closest is “{best.title}”")


def _plan_made(event: ev.RunEvent, body: ev.PlanMade, state: RunState) -> Iterator[Entry]:
    yield Entry(MANAGER, "line", f"Plan with {plural(len(body.plan.steps), 'step')}. {body.reason}")


def _step_started(event: ev.RunEvent, body: ev.StepStarted, state: RunState) -> Iterator[Entry]:
    again = f", attempt {body.attempt}" if body.attempt > 1 else ""
    yield Entry(body.agent, "heading", f"{state.steps[body.step].step.title}{again}", "running", body.step)


def _step_said(event: ev.RunEvent, body: ev.StepSaid, state: RunState) -> Iterator[Entry]:
    yield Entry(body.agent, "line", body.text, step=body.step)


def _step_finished(event: ev.RunEvent, body: ev.StepFinished, state: RunState) -> Iterator[Entry]:
    yield _ended(body.step, body.agent, "done", state)
    yield Entry(body.agent, "result", body.outcome.summary, step=body.step)
    for draft in body.outcome.drafts:
        yield Entry(body.agent, "line", f"{draft.name} is written; it stands under “Answer”", step=body.step)


def _ended(step: str, agent: str, how: str, state: RunState) -> Entry:
    record = state.steps[step]
    took = ""
    if record.started and record.ended:
        took = f", {duration((record.ended - record.started).total_seconds())}"
    return Entry(agent, "heading", f"{record.step.title} ({how}{took})", how, step)


def _step_failed(event: ev.RunEvent, body: ev.StepFailed, state: RunState) -> Iterator[Entry]:
    if body.final:
        yield _ended(body.step, body.agent, "failed", state)
    yield Entry(body.agent, "trouble", body.reason, step=body.step)


def _step_skipped(event: ev.RunEvent, body: ev.StepSkipped, state: RunState) -> Iterator[Entry]:
    title = state.steps[body.step].step.title
    yield Entry(body.agent, "heading", f"{title} (skipped)", "skipped", body.step)
    yield Entry(body.agent, "trouble", body.reason, step=body.step)


def _proposal_sealed(event: ev.RunEvent, body: ev.ProposalSealed, state: RunState) -> Iterator[Entry]:
    proposal = body.proposal
    yield Entry(proposal.agent, "result", f"Proposal: {proposal.verdict}, {percent(proposal.confidence)}")
    yield Entry(proposal.agent, "line", proposal.rationale)


def _decision_made(event: ev.RunEvent, body: ev.DecisionMade, state: RunState) -> Iterator[Entry]:
    decision = body.decision
    yield Entry(MANAGER, "heading", f"Decision: {decision.told} ({decision.standing})", "done")
    yield Entry(MANAGER, "line", sentence(decision.reason))
    if decision.gates:
        yield Entry(MANAGER, "trouble", gate_words(len(decision.gates), next(iter(decision.posterior))))
    if decision.dissent:
        yield Entry(MANAGER, "line", f"Dissent: {', '.join(decision.dissent)}")


def _note_written(event: ev.RunEvent, body: ev.NoteWritten, state: RunState) -> Iterator[Entry]:
    yield Entry(body.agent, "line", "A research note was stored, encrypted")


def _note_in_doubt(event: ev.RunEvent, body: ev.NoteWaiting | ev.NoteDropped, state: RunState) -> Iterator[Entry]:
    what = "was made" if isinstance(body, ev.NoteWaiting) else "was dropped"
    yield Entry(body.agent, "trouble", f"A research note {what}. {sentence(body.reason)}")


def _left(event: ev.RunEvent, body: ev.LeftTheMachine, state: RunState) -> Iterator[Entry]:
    yield Entry(MANAGER, "trouble", f"{body.bytes_sent:,} bytes went to {body.host}: {body.purpose}")


def _notice(event: ev.RunEvent, body: ev.Notice, state: RunState) -> Iterator[Entry]:
    yield Entry(MANAGER, "trouble" if body.level == "warning" else "line", body.text)


def _completed(event: ev.RunEvent, body: ev.RunCompleted, state: RunState) -> Iterator[Entry]:
    yield Entry(MANAGER, "result", "The run is complete")


def _cancelled(event: ev.RunEvent, body: ev.RunCancelled, state: RunState) -> Iterator[Entry]:
    yield from _stopped_steps(state)
    yield Entry(MANAGER, "heading", "Stopped; what was found is kept, and the run can go on", "cancelled")


def _failed(event: ev.RunEvent, body: ev.RunFailed, state: RunState) -> Iterator[Entry]:
    yield from _stopped_steps(state)
    yield Entry(MANAGER, "heading", "The run could not go on", "failed")
    yield Entry(MANAGER, "trouble", body.reason)


def _stopped_steps(state: RunState) -> Iterator[Entry]:
    for name, record in state.steps.items():
        if record.state is ev.StepState.CANCELLED:
            yield Entry(record.step.agent, "heading", f"{record.step.title} (stopped)", "cancelled", name)


_SAY: dict[type, Callable[[ev.RunEvent, Any, RunState], Iterator[Entry]]] = {
    ev.RunStarted: _run_started,
    ev.AttemptStarted: _attempt_started,
    ev.SourceAnswered: _source_answered,
    ev.EvidenceFound: _evidence_found,
    ev.PlanMade: _plan_made,
    ev.StepStarted: _step_started,
    ev.StepSaid: _step_said,
    ev.StepFinished: _step_finished,
    ev.StepFailed: _step_failed,
    ev.StepSkipped: _step_skipped,
    ev.ProposalSealed: _proposal_sealed,
    ev.DecisionMade: _decision_made,
    ev.NoteWritten: _note_written,
    ev.NoteWaiting: _note_in_doubt,
    ev.NoteDropped: _note_in_doubt,
    ev.LeftTheMachine: _left,
    ev.Notice: _notice,
    ev.RunCompleted: _completed,
    ev.RunCancelled: _cancelled,
    ev.RunFailed: _failed,
}
