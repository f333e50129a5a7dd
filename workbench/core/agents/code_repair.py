"""Repairs the task's code by known fixes, each checked by analysing again, and says what is left and who can help."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.agents.base import StepContext
from workbench.core.agents.code_basis import (
    MAX_CITED,
    beyond,
    cite_recipe,
    findings_of,
    listed,
    mended_opinion,
    proposal,
    recipe_passage,
    recipes_for,
)
from workbench.core.agents.security import coverage, to_analyse
from workbench.core.agents.security_view import is_looked_at, not_analysed
from workbench.core.analysis.base import UnitAnalysis
from workbench.core.analysis.repair import Repair, RepairRequest, Unrepaired
from workbench.core.analysis.worker import AnalysisError, AnalysisWorker
from workbench.core.decisions import QualityCheck
from workbench.core.evidence import Citation, CodeDraft, Finding, Passage
from workbench.core.knowledge.shelf import load_recipe
from workbench.core.plan import StepOutcome
from workbench.core.tasks import CodeUnit
from workbench.wording import counted

BASIS = "known fixes by rule, each kept only where the rule no longer fires when the code is analysed again"

TOLD = 5
"""Findings left that are named in the summary; the stream names all."""


@dataclass(frozen=True)
class _Repairs:
    """What became of all units."""

    drafts: tuple[CodeDraft, ...]
    repaired: tuple[Finding, ...]
    unrepaired: tuple[Unrepaired, ...]
    remaining: tuple[Finding, ...]


async def repair(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """Drafts of the repaired units with their diffs, and an opinion by what a checked patch removes."""
    if "analyse" not in context.inputs:
        return await _without_analysis(context)
    found = findings_of(context)
    before = [await worker.analyse(unit) for unit in to_analyse(context.task.code_units)]
    if not is_looked_at(before):
        return await _nothing_read(context, before)
    repairs = await _repair_all(context, worker, found)
    citations, passages = await _ground(context, found)
    after = [await worker.analyse(_unit(draft)) for draft in repairs.drafts]
    words = _words(found, repairs)
    probabilities = mended_opinion(found, _left(repairs), coverage(before), context.task.verdicts)
    return StepOutcome(
        summary=" ".join(words),
        passages=beyond(context, passages),
        citations=citations,
        drafts=repairs.drafts,
        proposal=proposal(
            context,
            probabilities,
            [*words, *await asyncio.to_thread(_recipes_told, found)],
            citations,
            _read_whole(before),
            QualityCheck(
                name="patched code parses", passed=sum(analysis.is_whole for analysis in after), total=len(after)
            ),
            QualityCheck(
                name="findings whose rule no longer fires after the patch",
                passed=len(repairs.repaired),
                total=len(found),
            ),
        ),
    )


async def _without_analysis(context: StepContext) -> StepOutcome:
    line = "The analysis did not finish, so there is nothing to repair by, and nothing is known of the code"
    await context.say(line)
    even = mended_opinion((), (), 0.0, context.task.verdicts)
    return StepOutcome(summary=f"{line}.", proposal=proposal(context, even, [f"{line}."], ()))


async def _nothing_read(context: StepContext, analyses: Sequence[UnitAnalysis]) -> StepOutcome:
    line = f"{not_analysed(analyses)} What was not analysed cannot be repaired."
    await context.say("Nothing could be analysed, so there is nothing to repair")
    even = mended_opinion((), (), 0.0, context.task.verdicts)
    return StepOutcome(summary=line, proposal=proposal(context, even, [line], (), _read_whole(analyses)))


def _read_whole(analyses: Sequence[UnitAnalysis]) -> QualityCheck:
    whole = sum(analysis.is_whole for analysis in analyses)
    return QualityCheck(name="code read whole", passed=whole, total=len(analyses))


async def _repair_all(context: StepContext, worker: AnalysisWorker, found: Sequence[Finding]) -> _Repairs:
    drafts: list[CodeDraft] = []
    repairs: list[Repair] = []
    for unit in context.task.code_units:
        here = tuple(finding for finding in found if finding.file == unit.name)
        if here:
            repairs.append(await _repair_unit(context, worker, unit, here))
            if repairs[-1].repaired:
                drafts.append(_draft(unit, repairs[-1]))
    known = {unit.name for unit in context.task.code_units}
    elsewhere = tuple(
        Unrepaired(finding=finding, reason="only a part of the file is attached, as a diff")
        for finding in found
        if finding.file not in known
    )
    if not found:
        await context.say("The analysis found nothing, so there is nothing to repair")
    return _Repairs(
        tuple(drafts),
        tuple(finding for one in repairs for finding in one.repaired),
        (*(left for one in repairs for left in one.unrepaired), *elsewhere),
        (*(finding for one in repairs for finding in one.remaining), *(left.finding for left in elsewhere)),
    )


async def _repair_unit(
    context: StepContext, worker: AnalysisWorker, unit: CodeUnit, findings: tuple[Finding, ...]
) -> Repair:
    await context.say(f"Repairing {unit.name}: {counted(len(findings), 'finding')}")
    try:
        done = await worker.repair(RepairRequest(unit=unit, findings=findings))
    except AnalysisError as error:
        left = tuple(Unrepaired(finding=finding, reason=str(error)) for finding in findings)
        done = Repair(unit=unit.name, text=unit.text, unrepaired=left, remaining=findings)
    for change in done.changes:
        await context.say(change)
    for one in done.unrepaired:
        await context.say(f"Line {one.finding.line_start} is left ({one.finding.title}): {one.reason}")
    return done


def _draft(unit: CodeUnit, done: Repair) -> CodeDraft:
    return CodeDraft(
        name=unit.name, language=unit.language, text=done.text, basis=BASIS, changes=done.changes, diff=done.diff
    )


async def _ground(context: StepContext, found: Sequence[Finding]) -> tuple[tuple[Citation, ...], tuple[Passage, ...]]:
    """A checked citation of each recipe that prevents what was found."""
    wanted = list((await asyncio.to_thread(recipes_for, found)).items())[:MAX_CITED]
    recipes = await asyncio.to_thread(lambda: [load_recipe(recipe_id) for recipe_id, _ in wanted])
    passages = await asyncio.gather(*(recipe_passage(context, recipe) for recipe in recipes))
    grounded = [
        (
            cite_recipe(recipe, passage, f"“{recipe.name}” prevents this kind of weakness: {_weaknesses(prevented)}"),
            passage,
        )
        for recipe, passage, (_, prevented) in zip(recipes, passages, wanted, strict=True)
        if passage is not None
    ]
    return tuple(citation for citation, _ in grounded), tuple(passage for _, passage in grounded)


def _weaknesses(findings: Sequence[Finding]) -> str:
    """`CWE-89 (lines 21 and 30)`."""
    lines = sorted({finding.line_start for finding in findings})
    return f"{findings[0].cwe} (line{'s' * (len(lines) > 1)} {listed(map(str, lines))})"


def _words(found: Sequence[Finding], repairs: _Repairs) -> list[str]:
    if not found:
        return ["The analysis found nothing, so nothing was repaired."]
    words = [
        f"A known fix was made for {len(repairs.repaired)} of {counted(len(found), 'finding')}: analysing the patched "
        f"code again, {_no_longer(len(repairs.repaired))}. That is no proof that these places are safe now."
        if repairs.repaired
        else f"No known fix could be made for {counted(len(found), 'finding')}."
    ]
    left = sorted(repairs.unrepaired, key=lambda one: -one.finding.severity.rank)
    told = [f"line {one.finding.line_start} ({_lower(one.finding.title)}): {one.reason}" for one in left[:TOLD]]
    if told:
        more = f"; and {len(left) - TOLD} more" if len(left) > TOLD else ""
        words.append(f"Left for you: {'; '.join(told)}{more}.")
    if repairs.drafts:
        words.append("Read the patch before you take it: the code was analysed, not run.")
    return words


def _no_longer(count: int) -> str:
    return "its rule no longer fires there" if count == 1 else "their rules no longer fire there"


def _lower(title: str) -> str:
    """A title within a sentence; abbreviations keep their capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _recipes_told(found: Sequence[Finding]) -> list[str]:
    told = [
        f"“{load_recipe(recipe_id).name}” for {_weaknesses(findings)}"
        for recipe_id, findings in recipes_for(found).items()
    ]
    return [f"Recipes that show how it is done: {'; '.join(told[:MAX_CITED])}."] if told else []


def _left(repairs: _Repairs) -> tuple[Finding, ...]:
    """What stays: findings that were not mended, and what analysing the repaired code finds beside them."""
    left = {finding.fingerprint: finding for finding in repairs.remaining}
    return tuple(left.values())


def _unit(draft: CodeDraft) -> CodeUnit:
    return CodeUnit(name=draft.name, language=draft.language, text=draft.text)
