"""The security agent: runs the analysers over code, drafts, repairs and changes, and says what they found.

It works without a language model. What the analysers cannot read, and languages without an analyser, make it less
sure, and it says so. Its opinion is the formula in `risk`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.core.agents import risk
from workbench.core.agents import security_view as view
from workbench.core.agents.base import StepContext
from workbench.core.agents.exposure_check import check_exposure
from workbench.core.agents.grounds import ground
from workbench.core.agents.security_compare import compare
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.patches import FileChange, is_patch, read_patch
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Citation, CodeDraft, Finding
from workbench.core.plan import StepOutcome
from workbench.core.tasks import NOT_CODE, CodeUnit
from workbench.core.values import WorkbenchError

NAME = "security"
LINEAGE = "static analysis 1"


@dataclass(frozen=True)
class Judged:
    """What a proposal rests on: all findings, those that are left after repair, and how the code could be read."""

    found: Sequence[Finding]
    left: Sequence[Finding]
    analyses: Sequence[UnitAnalysis]
    citations: tuple[Citation, ...] = ()


class SecurityAgent:
    """Carries out `analyse`, `review_draft`, `recheck`, `weigh` and `exposure`. Whoever made the worker closes it."""

    name = NAME

    def __init__(self, worker: AnalysisWorker) -> None:
        self._worker = worker

    async def perform(self, context: StepContext) -> StepOutcome:
        """Carry out the step; raises WorkbenchError for an action it does not know."""
        match context.step.action:
            case "analyse":
                return await self._analyse_task(context)
            case "review_draft":
                return await self._review_draft(context)
            case "recheck":
                return await self._recheck(context)
            case "weigh":
                return await self._weigh(context)
            case "exposure":
                code = await self._analyse(context, code_of(context.task.code_units))
                return await check_exposure(context, [finding for one in code for finding in one.findings])
        raise WorkbenchError(
            f"The security agent knows no step {context.step.action!r}; the plan is from another version, so start anew"
        )

    async def _analyse_task(self, context: StepContext) -> StepOutcome:
        units = to_analyse(context.task.code_units)
        if not units:
            await context.say("No code is attached, so there is nothing to analyse")
            return StepOutcome(summary="No code is attached, so nothing was analysed.")
        analyses = await self._analyse(context, units)
        findings = introduced(analyses, changes_of(context.task.code_units))
        await view.say_findings(context, findings, analyses)
        return StepOutcome(summary=view.found_words(findings, analyses), findings=findings)

    async def _analyse(self, context: StepContext, units: Sequence[CodeUnit]) -> list[UnitAnalysis]:
        analyses = []
        for unit in units:
            await context.say(f"Analysing {unit.name}")
            analysis = await self._worker.analyse(unit)
            analyses.append(analysis)
            for notice in analysis.notices:
                await context.say(notice)
        return analyses

    async def _review_draft(self, context: StepContext) -> StepOutcome:
        drafts = {draft.name: draft for outcome in context.inputs.values() for draft in outcome.drafts}
        if not drafts:
            line = "There is no draft to review, so there is nothing that could be called safe"
            await context.say(line)
            return StepOutcome(summary=f"{line}.", proposal=_proposal(context, Judged((), (), []), [f"{line}."]))
        units = [CodeUnit(name=name, language=draft.language, text=draft.text) for name, draft in drafts.items()]
        analyses = await self._analyse(context, units)
        findings = tuple(finding for analysis in analyses for finding in analysis.findings)
        await view.say_findings(context, findings, analyses)
        citations, passages = await ground(context, findings)
        words = [view.found_words(findings, analyses, "the draft's ")]
        return StepOutcome(
            summary=words[0],
            findings=findings,
            passages=passages,
            citations=citations,
            proposal=_proposal(context, Judged(findings, findings, analyses, citations), words),
        )

    async def _recheck(self, context: StepContext) -> StepOutcome:
        found = _findings_of(context, "analyse")
        drafts = {draft.name: draft for outcome in context.inputs.values() for draft in outcome.drafts}
        units = to_analyse(context.task.code_units)
        if drafts:
            await context.say(f"Analysing the repair of {', '.join(drafts)}")
        after = await self._analyse(context, [_repaired(unit, drafts) for unit in units])
        comparison = compare(found, [finding for analysis in after for finding in analysis.findings])
        again = [await self._worker.analyse(unit) for unit in units]
        confirmed = compare(found, [finding for analysis in again for finding in analysis.findings]).stays
        lines = view.recheck_lines(found, comparison, units, repaired=bool(drafts)) if view.is_looked_at(again) else []
        for line in lines:
            await context.say(line)
        everything = (*found, *comparison.new)
        citations, passages = await ground(context, everything)
        words = [view.found_words(found, again), *(f"{line}." for line in lines)]
        check = QualityCheck(name="findings confirmed by analysing again", passed=len(confirmed), total=len(found))
        judged = Judged(everything, (*comparison.stays, *comparison.new), again, citations)
        return StepOutcome(
            summary=" ".join(words),
            findings=comparison.new,
            passages=passages,
            citations=citations,
            proposal=_proposal(context, judged, words, check),
        )

    async def _weigh(self, context: StepContext) -> StepOutcome:
        found = _findings_of(context, "analyse")
        units = to_analyse(context.task.code_units)
        analyses = [await self._worker.analyse(unit) for unit in units]
        citations, passages = await ground(context, found)
        words = [view.weigh_words(found, analyses, changes_of(context.task.code_units))]
        await context.say(words[0])
        return StepOutcome(
            summary=words[0],
            passages=passages,
            citations=citations,
            proposal=_proposal(context, Judged(found, found, analyses, citations), words),
        )


def code_of(units: Iterable[CodeUnit]) -> list[CodeUnit]:
    """The code among a task's units: diffs as the files they lead to, material that is no code left out."""
    found: list[CodeUnit] = []
    for unit in units:
        if is_patch(unit):
            found += [change.after for change in read_patch(unit.text) if change.after.text.strip()]
        else:
            found.append(unit)
    return [unit for unit in found if unit.language not in NOT_CODE]


def to_analyse(units: Sequence[CodeUnit]) -> list[CodeUnit]:
    """What is to be judged: the code, or where none is among the units what was attached in its place.

    So that of a text or a page that was handed in for review it is said that nobody analysed it.
    """
    return code_of(units) or [unit for unit in units if not is_patch(unit)]


def changes_of(units: Iterable[CodeUnit]) -> dict[str, FileChange]:
    """The file changes of all diffs among a task's units, by path."""
    return {change.path: change for unit in units if is_patch(unit) for change in read_patch(unit.text)}


def introduced(analyses: Sequence[UnitAnalysis], changes: dict[str, FileChange]) -> tuple[Finding, ...]:
    """All findings, but of a changed file only those that an added line has a part in."""
    return tuple(
        finding
        for analysis in analyses
        for finding in analysis.findings
        if analysis.unit not in changes or changes[analysis.unit].introduces(finding.line_start, finding.line_end)
    )


def coverage(analyses: Sequence[UnitAnalysis]) -> float:
    """Share of all lines that an analyser read, 0 to 1; 0 where there was no code."""
    total = sum(analysis.lines_total for analysis in analyses)
    return sum(analysis.lines_read for analysis in analyses) / total if total else 0.0


def _repaired(unit: CodeUnit, drafts: dict[str, CodeDraft]) -> CodeUnit:
    return unit.model_copy(update={"text": drafts[unit.name].text}) if unit.name in drafts else unit


def _findings_of(context: StepContext, step: str) -> tuple[Finding, ...]:
    outcome = context.inputs.get(step)
    return outcome.findings if outcome else ()


def _proposal(context: StepContext, judged: Judged, words: Sequence[str], *checks: QualityCheck) -> Proposal:
    task, analyses, citations = context.task, judged.analyses, judged.citations
    partly = {path for path, change in changes_of(task.code_units).items() if not change.shows_whole_file}
    whole = sum(analysis.is_whole and analysis.unit not in partly for analysis in analyses)
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=task.domain,
        probabilities=risk.opinion(judged.found, judged.left, coverage(analyses), task.verdicts),
        rationale=view.rationale(words, judged.found, analyses),
        findings=tuple(judged.found),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            QualityCheck(name="code read whole", passed=whole, total=len(analyses)),
            *checks,
        ),
        lineage=lineage(analyses),
    )


def lineage(analyses: Sequence[UnitAnalysis]) -> str:
    """What stands behind an opinion on findings: our analysis and the analysers it used."""
    used = sorted({name for analysis in analyses for name in analysis.analysers})
    return f"{LINEAGE} ({', '.join(used)})" if used else LINEAGE
