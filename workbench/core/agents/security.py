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
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.patches import FileChange, is_patch, read_patch
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Citation, CodeDraft, Finding
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit
from workbench.core.values import WorkbenchError

NAME = "security"
LINEAGE = "static analysis 1"

NOT_CODE = frozenset({"text", "json", "yaml", "toml", "html", "markdown"})
"""Languages of attachments that are material, not code: they are no gap in what was read."""


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
        units = code_of(context.task.code_units)
        if not units:
            await context.say("No code is attached, so there is nothing to analyse")
            return StepOutcome(summary="No code is attached, so nothing was analysed.")
        analyses = await self._analyse(context, units)
        findings = introduced(analyses, changes_of(context.task.code_units))
        await view.say_findings(context, findings)
        return StepOutcome(summary=f"{view.counted(findings)} in {view.read_lines(analyses)}.", findings=findings)

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
        await view.say_findings(context, findings)
        citations, passages = await ground(context, findings)
        words = [f"{view.counted(findings)} in the draft ({view.read_lines(analyses)})."]
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
        units = code_of(context.task.code_units)
        if drafts:
            await context.say(f"Analysing the repair of {', '.join(drafts)}")
        after = await self._analyse(context, [_repaired(unit, drafts) for unit in units])
        comparison = compare(found, [finding for analysis in after for finding in analysis.findings])
        again = [await self._worker.analyse(unit) for unit in units]
        confirmed = compare(found, [finding for analysis in again for finding in analysis.findings]).stays
        lines = view.recheck_lines(found, comparison, repaired=bool(drafts))
        for line in lines:
            await context.say(line)
        everything = (*found, *comparison.new)
        citations, passages = await ground(context, everything)
        words = [f"{view.counted(found)} in {view.read_lines(again)}.", *(f"{line}." for line in lines)]
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
        units = code_of(context.task.code_units)
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


def compare(before: Sequence[Finding], after: Sequence[Finding]) -> view.Comparison:
    """Findings that are gone, that stay and that are new; each in its first order, `stays` as they were before.

    A finding stays where the same code still has it, or, since a repair may change the line for another reason, where
    the same rule still speaks in the same file. Findings are counted: of two alike one may go and one stay.
    """
    left = list(after)
    open_ = dict(enumerate(before))
    for alike in (_same_code, _same_rule):
        for index, finding in list(open_.items()):
            twin = next((other for other in left if alike(finding, other)), None)
            if twin is not None:
                left.remove(twin)
                del open_[index]
    stays = tuple(finding for index, finding in enumerate(before) if index not in open_)
    return view.Comparison(tuple(open_.values()), stays, tuple(left))


def _same_code(one: Finding, other: Finding) -> bool:
    return one.fingerprint == other.fingerprint


def _same_rule(one: Finding, other: Finding) -> bool:
    return (one.rule, one.file) == (other.rule, other.file)


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
    whole = sum(analysis.lines_read == analysis.lines_total for analysis in analyses)
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=f"{task.kind}/{task.language}",
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
