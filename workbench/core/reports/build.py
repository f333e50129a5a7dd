"""From a run's state to what its report says."""

import hashlib
from collections import Counter
from collections.abc import Iterable

from workbench.core import events as ev
from workbench.core.evidence import PassageKind
from workbench.core.plan import StepState
from workbench.core.reports import wording
from workbench.core.reports.cwe_names import cwe_names
from workbench.core.reports.data import (
    AgentData,
    BriefingData,
    CitationData,
    CodeUnitData,
    EgressData,
    FindingData,
    GateData,
    NotesData,
    PassageData,
    PointData,
    ReportData,
    ReportOptions,
    RunEnd,
    StepData,
)
from workbench.core.reports.excerpts import KnownCode, finding_data
from workbench.core.run_state import RunState, StepRecord
from workbench.core.values import WorkbenchError
from workbench.visible_text import source_lines


class ReportError(WorkbenchError):
    """A report that cannot be made or written, with the reason and the way out."""


def build(state: RunState, options: ReportOptions) -> ReportData:
    """All that the report of this run says.

    Raises ReportError for a journal without a task.
    """
    if state.task is None:
        raise ReportError("This run has no task in its journal, so there is nothing to report; start the task again")
    task, end = state.task, _end(state)
    return ReportData(
        run_id=state.run_id,
        title=task.title,
        kind=task.kind,
        description=task.description,
        language=task.language,
        tlp=task.tlp,
        limits=task.limits,
        sources_asked=task.sources,
        code=_code(state),
        organisation=options.organisation,
        author=options.author,
        paper=options.paper,
        started=state.started,
        ended=state.ended,
        attempt=state.attempt,
        state=end,
        state_note=_state_note(state, end),
        headline=wording.headline(state.decision) if state.decision else "There is no decision yet.",
        standing_note=wording.standing_note(state.decision) if state.decision else "",
        findings_line=_findings_line(state),
        decision=state.decision,
        gates=_gates(state),
        gates_line=wording.gates_line(task.verdicts) if state.decision and state.decision.gates else "",
        verdicts=task.verdicts,
        briefings=_briefings(state),
        places=tuple(place for outcome in state.outcomes.values() for place in outcome.places),
        agents=_agents(state),
        findings=_findings(state, KnownCode.of_task(state), state.findings, first=1),
        repair_findings=_findings(
            state, KnownCode.of_repair(state), state.repair_findings, first=len(state.findings) + 1
        ),
        drafts=tuple(state.drafts),
        evidence=_evidence(state),
        statuses=tuple(state.statuses.values()),
        plan_reason=state.plan_reason,
        steps=tuple(_step(record) for record in state.steps.values()),
        cautions=tuple(_cautions(state)),
        remarks=tuple(notice.text for notice in state.notices if notice.level == "info"),
        egress=_egress(state),
        notes=_notes(state),
        notes_line=_notes_line(state),
        versions=_versions(state),
    )


def _versions(state: RunState) -> dict[str, str]:
    decided = {"consensus": state.decision.algorithm} if state.decision else {}
    return dict(sorted({**state.versions, **decided}.items()))


def _end(state: RunState) -> RunEnd:
    match state.final:
        case ev.RunCompleted():
            return "completed"
        case ev.RunCancelled():
            return "cancelled"
        case ev.RunFailed():
            return "failed"
    return "unfinished"


def _state_note(state: RunState, end: RunEnd) -> str:
    decided = "It had reached a decision by then" if state.decision else "It had not reached a decision by then"
    done = sum(record.state is StepState.DONE for record in state.steps.values())
    progress = f"{decided}, and {done} of {wording.counted(len(state.steps), 'planned step')} had finished."
    match state.final:
        case ev.RunCompleted():
            return ""
        case ev.RunCancelled():
            return f"Partial report: the analyst stopped this run. {progress}"
        case ev.RunFailed(reason=reason):
            return f"Partial report: this run failed ({reason.rstrip('.')}). {progress}"
    return f"Partial report: this run ({end}) has no end in its journal; it is still going on or was killed. {progress}"


def _code(state: RunState) -> tuple[CodeUnitData, ...]:
    units = state.task.code_units if state.task else ()
    return tuple(
        CodeUnitData(
            name=unit.name,
            language=unit.language,
            lines=len(source_lines(unit.text)),
            sha256=hashlib.sha256(unit.text.encode()).hexdigest(),
        )
        for unit in units
    )


def _briefings(state: RunState) -> tuple[BriefingData, ...]:
    numbers = {item.passage.id: item.number for item in _evidence(state)}
    return tuple(
        BriefingData(
            title=briefing.title,
            reached=briefing.reached,
            points=tuple(
                PointData(
                    heading=point.claim, quote=point.quote, number=numbers.get(point.passage_id), holds=point.holds
                )
                for point in briefing.points
            ),
        )
        for outcome in state.outcomes.values()
        for briefing in outcome.briefings
    )


def _agents(state: RunState) -> tuple[AgentData, ...]:
    contributions = {part.agent: part for part in state.decision.contributions} if state.decision else {}
    return tuple(
        _agent(proposal, contributions.get(proposal.agent), state.decision) for proposal in state.proposals.values()
    )


def _agent(proposal: ev.Proposal, part: ev.Contribution | None, decision: ev.Decision | None) -> AgentData:
    data = AgentData(
        agent=wording.agent_name(proposal.agent),
        verdict=proposal.verdict,
        probability=proposal.confidence,
        probabilities=proposal.probabilities,
        rationale=proposal.rationale,
        checks=tuple(check for check in proposal.checks if check.total),
        lineage=wording.basis(proposal.lineage),
    )
    if part is None or decision is None:
        return data
    return data.model_copy(
        update={
            "points": 10 * part.log_odds.get(decision.verdict, 0.0),
            "parts": part.parts,
            "record": f"right {part.right} of {part.judged} in {part.domain}"
            if part.judged
            else f"no record in {part.domain}",
            "independence": part.independence,
            "capped": part.capped,
            "would_flip": part.would_flip,
            "dissents": part.agent in decision.dissent,
            "abstained": part.abstained,
        }
    )


def _findings_line(state: RunState) -> str:
    return wording.findings_line(
        (finding.severity for finding in state.findings),
        len(state.repair_findings),
        drafted=any(record.step.action == "review_draft" for record in state.steps.values()),
    )


def _findings(
    state: RunState, code: KnownCode, findings: Iterable[ev.Finding], *, first: int
) -> tuple[FindingData, ...]:
    names = _weakness_names(state)
    return tuple(
        finding_data(number, finding, names.get(finding.cwe or "", ""), code)
        for number, finding in enumerate(findings, start=first)
    )


def _gates(state: RunState) -> tuple[GateData, ...]:
    everything = (*state.findings, *state.repair_findings)
    numbers: dict[str, int] = {}
    for number, finding in enumerate(everything, start=1):
        numbers.setdefault(finding.fingerprint, number)
    gates = state.decision.gates if state.decision else ()
    return tuple(GateData(reason=gate.reason, finding=numbers.get(gate.fingerprint)) for gate in gates)


def _weakness_names(state: RunState) -> dict[str, str]:
    found = {
        identifier: passage.title.removeprefix(identifier).lstrip(" :–-")
        for passage in state.passages.values()
        if passage.kind is PassageKind.WEAKNESS
        for identifier in passage.identifiers[:1]
    }
    return {**found, **cwe_names()}


def _evidence(state: RunState) -> tuple[PassageData, ...]:
    citations: dict[str, list[CitationData]] = {}
    briefed = {point for outcome in state.outcomes.values() for told in outcome.briefings for point in _points(told)}
    for agent, citation in _citations(state):
        data = CitationData(
            agent=agent,
            claim=citation.claim,
            quote=citation.quote,
            holds=citation.holds,
            in_briefing=citation in briefed,
        )
        citations.setdefault(citation.passage_id, []).append(data)
    passages = sorted(state.passages.values(), key=lambda passage: passage.id not in citations)
    return tuple(
        PassageData(
            number=number,
            passage=passage,
            place=str(passage.location),
            content_hash=passage.content_hash,
            citations=tuple(citations.get(passage.id, ())),
        )
        for number, passage in enumerate(passages, start=1)
    )


def _citations(state: RunState) -> Iterable[tuple[str, ev.Citation]]:
    # A step's outcome and its proposal carry the same citations
    return dict.fromkeys(_all_citations(state))


def _all_citations(state: RunState) -> Iterable[tuple[str, ev.Citation]]:
    for record in state.steps.values():
        if record.outcome is not None:
            agent = wording.agent_name(record.step.agent)
            yield from ((agent, citation) for citation in record.outcome.citations)
            for briefing in record.outcome.briefings:
                yield from ((agent, point) for point in _points(briefing))
    for proposal in state.proposals.values():
        yield from ((wording.agent_name(proposal.agent), citation) for citation in proposal.citations)


def _points(briefing: ev.Briefing) -> list[ev.Citation]:
    """Its points as claims that can stand alone."""
    return [point.model_copy(update={"claim": f"{briefing.title}, {point.claim.lower()}"}) for point in briefing.points]


def _step(record: StepRecord) -> StepData:
    return StepData(
        id=record.step.id,
        agent=wording.agent_name(record.step.agent),
        title=record.step.title,
        goal=record.step.goal,
        inputs=record.step.inputs,
        state=record.state,
        attempt=record.attempt,
        seconds=_seconds(record),
        summary=record.outcome.summary if record.outcome else "",
        reason=record.reason,
    )


def _seconds(record: StepRecord) -> float | None:
    if record.started is None or record.ended is None or record.ended < record.started:
        return None
    return (record.ended - record.started).total_seconds()


def _cautions(state: RunState) -> Iterable[str]:
    for status in state.statuses.values():
        if status.state in wording.WARNING_STATES:
            yield f"Source {status.source}: {status.state}{f' ({status.detail})' if status.detail else ''}."
    for record in state.steps.values():
        if record.state in (StepState.FAILED, StepState.SKIPPED, StepState.CANCELLED):
            yield f"Step “{record.step.title}”: {record.state}{f' ({record.reason})' if record.reason else ''}."
    lost = sum(not citation.holds for _, citation in _citations(state))
    if lost:
        yield f"{wording.counted(lost, 'quote was', 'quotes were')} not found in the passage cited; see the evidence."
    yield from (notice.text for notice in state.notices if notice.level == "warning")


def _egress(state: RunState) -> tuple[EgressData, ...]:
    requests: Counter[tuple[str, str]] = Counter()
    sent: Counter[tuple[str, str]] = Counter()
    for event in state.egress:
        requests[event.host, event.purpose] += 1
        sent[event.host, event.purpose] += event.bytes_sent
    return tuple(
        EgressData(host=host, purpose=purpose, requests=count, bytes_sent=sent[host, purpose])
        for (host, purpose), count in requests.items()
    )


def _notes(state: RunState) -> NotesData:
    written = sum(isinstance(note, ev.NoteWritten) for note in state.notes)
    dropped = sum(isinstance(note, ev.NoteDropped) for note in state.notes)
    return NotesData(written=written, waiting=_still_waiting(state), dropped=dropped)


def _still_waiting(state: RunState) -> int:
    waiting: Counter[str] = Counter()
    for note in state.notes:
        waiting[note.agent] = max(0, waiting[note.agent] + (1 if isinstance(note, ev.NoteWaiting) else -1))
    return waiting.total()


def _notes_line(state: RunState) -> str:
    notes = _notes(state)
    if notes == NotesData():
        return "No research note was written."
    reasons = sorted({note.reason.rstrip(".") for note in state.notes if isinstance(note, ev.NoteDropped)})
    parts = [
        (notes.written, "stored, encrypted"),
        (notes.waiting, "waiting for the vault to be opened"),
        (notes.dropped, f"dropped ({'; '.join(reasons)})"),
    ]
    return "; ".join(f"{wording.counted(count, 'research note')} {fate}" for count, fate in parts if count) + "."
