"""Finds what prevents the threats of a research question, or what would make a change acceptable."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.agents import risk
from workbench.core.agents.base import StepContext
from workbench.core.agents.clues import clues_of
from workbench.core.agents.code_basis import (
    MAX_CITED,
    beyond,
    cite_recipe,
    findings_of,
    listed,
    mended_opinion,
    proposal,
    recipe_against,
    recipe_passage,
    recipe_that_answers,
)
from workbench.core.agents.code_change import settings_changed
from workbench.core.agents.sections import opening, section, under
from workbench.core.agents.security import coverage, to_analyse
from workbench.core.agents.security_view import is_looked_at, not_analysed
from workbench.core.agents.threats import rank
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.citations import cite
from workbench.core.decisions import QualityCheck
from workbench.core.evidence import Citation, CodeDraft, Finding, Passage, PassageKind
from workbench.core.knowledge.shelf_entries import Recipe
from workbench.core.plan import StepOutcome
from workbench.core.tasks import TaskKind
from workbench.wording import counted

REMEDY = {
    PassageKind.VULNERABILITY: "What to do",
    PassageKind.WEAKNESS: "How to fix it",
    PassageKind.TECHNIQUE: "How to mitigate it",
    PassageKind.PATTERN: "How to break it",
}
"""The section of a record that says what to do about it, as the shelf names it."""

QUOTE_WORDS = 40

RESEARCH_DOUBT = 0.6
"""Share of an even distribution in the opinion on a research question: knowing what helps is not knowing whether the
systems asked about are affected, which is for the exposure check."""


@dataclass(frozen=True)
class Remedy:
    """What helps against one record: the quoted section, and the recipe that does it in code; either may be missing."""

    id: str
    title: str
    citation: Citation | None = None
    recipe: Recipe | None = None
    passages: tuple[Passage, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anything is known that helps."""
        return self.citation is not None or self.recipe is not None


async def mitigate(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """What helps against each threat or finding, with the quote that says so, and an opinion by what stays without."""
    if context.task.kind is TaskKind.RESEARCH:
        return await _against_threats(context)
    return await _conditions(context, worker)


async def _against_threats(context: StepContext) -> StepOutcome:
    passages = [*context.evidence, *(p for outcome in context.inputs.values() for p in outcome.passages)]
    threats = rank(passages, clues_of(context.task).identifiers)[:MAX_CITED]
    remedies = [await _remedy(context, one.id, one.title, one.kind) for one in threats]
    await _say(context, remedies)
    drafts = await _code_that_does_it(context)
    known = sum(remedy.is_known for remedy in remedies)
    words = _words(remedies, "What bears on this")
    open_ = 1 - known / len(remedies) if remedies else 0.0
    masses = risk.Masses(clean=0.0 if remedies else 1.0, mended=1 - open_ if remedies else 0.0, stays=open_)
    doubt = RESEARCH_DOUBT if remedies else 1.0
    outcome = _outcome(context, remedies, words, risk.spread(masses, doubt, context.task.verdicts))
    return outcome.model_copy(update={"drafts": drafts})


async def _code_that_does_it(context: StepContext) -> tuple[CodeDraft, ...]:
    """The code of the recipe that the question asks for, unchanged; nothing when no recipe clearly answers it."""
    fit = await recipe_that_answers(context)
    if fit is None:
        return ()
    recipe = fit.recipe
    await context.say(f"The recipe “{recipe.name}” answers the question in code: {recipe.summary}")
    return (
        CodeDraft(
            name=f"{recipe.id}.py",
            language="python",
            text=recipe.code,
            basis=f"recipe {recipe.id} ({recipe.name}; checked {recipe.checked}), unchanged",
            changes=tuple(f"Limit: {limit}" for limit in recipe.limits),
        ),
    )


async def _conditions(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    findings = findings_of(context)
    first = {finding.cwe: finding for finding in reversed(findings) if finding.cwe}
    kinds = sorted(first.values(), key=lambda finding: -finding.severity.rank)[:MAX_CITED]
    remedies = [await _remedy(context, one.cwe or "", _named(one), PassageKind.WEAKNESS) for one in kinds]
    await _say(context, remedies)
    helped = {remedy.id for remedy in remedies if remedy.is_known}
    left = [finding for finding in findings if finding.cwe not in helped and not finding.fix]
    analyses = [await worker.analyse(unit) for unit in to_analyse(context.task.code_units)]
    known = coverage(analyses) if "analyse" in context.inputs else 0.0
    if known:
        words = _condition_words(findings, remedies, settings_changed(context.task.code_units))
    else:
        why = "The analysis did not finish." if is_looked_at(analyses) else not_analysed(analyses)
        words = [why, "No conditions can be named that would make the change acceptable."]
    return _outcome(context, remedies, words, mended_opinion(findings, left, known, context.task.verdicts))


def _outcome(
    context: StepContext, remedies: Sequence[Remedy], words: Sequence[str], probabilities: dict[str, float]
) -> StepOutcome:
    citations = tuple(remedy.citation for remedy in remedies if remedy.citation is not None)
    known = QualityCheck(
        name="threats with a known remedy", passed=sum(one.is_known for one in remedies), total=len(remedies)
    )
    return StepOutcome(
        summary=" ".join(words),
        passages=beyond(context, (passage for remedy in remedies for passage in remedy.passages)),
        citations=citations,
        proposal=proposal(context, probabilities, words, citations, known),
    )


async def _remedy(context: StepContext, identifier: str, title: str, kind: PassageKind) -> Remedy:
    """The section of the record that says what to do, quoted; and the recipe against a weakness with its passage."""
    recipe = await asyncio.to_thread(recipe_against, identifier, f"{title} {context.task.question}")
    found, shown = await asyncio.gather(
        section(context, identifier, kind, REMEDY[kind]), recipe_passage(context, recipe) if recipe else _no_passage()
    )
    if found is not None:
        citation = cite(f"What helps against {title}", found, opening(under(found, REMEDY[kind]), QUOTE_WORDS))
    elif recipe is not None and shown is not None:
        citation = cite_recipe(recipe, shown, f"“{recipe.name}” prevents {identifier}")
    else:
        citation = None
    passages = tuple(passage for passage in (found, shown) if passage is not None)
    return Remedy(identifier, title, citation, recipe, passages)


async def _no_passage() -> None:
    return None


async def _say(context: StepContext, remedies: Sequence[Remedy]) -> None:
    for remedy in remedies:
        if remedy.citation is not None:
            await context.say(f"{remedy.title}: “{' '.join(remedy.citation.quote.split())}”")
        if remedy.recipe is not None:
            await context.say(f"The recipe “{remedy.recipe.name}” does it in code")
        if not remedy.is_known:
            await context.say(f"{remedy.title}: nothing in the library says what helps")


def _words(remedies: Sequence[Remedy], subject: str) -> list[str]:
    if not remedies:
        return ["Nothing in the library bears on this, so there is nothing to prevent."]
    open_ = [remedy.title for remedy in remedies if not remedy.is_known]
    first = next((remedy for remedy in remedies if remedy.citation is not None and remedy.citation.holds), None)
    known = _how_many(len(remedies), len(open_))
    words = [f"{subject}: {counted(len(remedies), 'record')}, and a remedy is known for {known}."]
    if first is not None and first.citation is not None:
        words.append(f"First, {first.title}: “{' '.join(first.citation.quote.split())}”")
    recipes = list(dict.fromkeys(f"“{remedy.recipe.name}”" for remedy in remedies if remedy.recipe))
    if recipes:
        words.append(f"Recipes that prevent it in code: {listed(recipes)}.")
    if open_:
        words.append(f"Nothing is known that helps against {listed(open_)}.")
    return words


def _how_many(all_: int, without: int) -> str:
    if not without:
        return "all of them" if all_ > 1 else "it"
    return f"{all_ - without} of them" if without < all_ else "none of them"


def _condition_words(findings: Sequence[Finding], remedies: Sequence[Remedy], settings: Sequence[str]) -> list[str]:
    words = ["The analysis found no weakness in the change."]
    if findings:
        fixes = dict.fromkeys(f"{finding.file}, line {finding.line_start}: {_fix(finding)}" for finding in findings)
        words = [f"Conditions: {'; '.join(list(fixes)[:MAX_CITED])}."]
    if settings:
        words.append(f"To be explained by its author: {listed(settings)}.")
    recipes = list(dict.fromkeys(f"“{remedy.recipe.name}”" for remedy in remedies if remedy.recipe))
    if recipes:
        words.append(f"Recipes that show how: {listed(recipes)}.")
    return words


def _fix(finding: Finding) -> str:
    fix = finding.fix or f"remove this: {finding.title}"
    return fix.rstrip(".")


def _named(finding: Finding) -> str:
    return f"{finding.cwe} ({finding.title})"
