"""What the code agent's actions have in common: its proposal, and the recipes it cites."""

import asyncio
from collections.abc import Iterable, Sequence

from workbench.core.agents import risk
from workbench.core.agents.base import StepContext
from workbench.core.citations import best_quote, cite, content_words
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.drafting.fitting import Fit, fitting_recipe
from workbench.core.evidence import Citation, Finding, Passage, PassageKind
from workbench.core.knowledge.shelf import recipes_against
from workbench.core.knowledge.shelf_entries import Recipe

NAME = "code"
LINEAGE = "recipes and checked repairs 1"

NO_MODEL = "No language model was used: code comes from recipes and known fixes only."

MAIN_WEAKNESSES = 2
"""A recipe is shown against the weaknesses that it names first; the others it prevents by the way."""

MAX_CITED = 6
"""Recipes cited by one step, those against the worst findings first."""

RECIPES_LOOKED_AT = 20
"""Recipes compared with a task; one beyond them is not close."""


def proposal(
    context: StepContext,
    probabilities: dict[str, float],
    words: Sequence[str],
    citations: tuple[Citation, ...],
    *checks: QualityCheck,
) -> Proposal:
    """The code agent's opinion, with the check of its citations beside the others."""
    task = context.task
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=task.domain,
        probabilities=probabilities,
        rationale=" ".join([*words, NO_MODEL]),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            *checks,
        ),
        lineage=LINEAGE,
    )


def findings_of(context: StepContext) -> tuple[Finding, ...]:
    """The findings of all inputs, each once, the worst first."""
    unique = {finding.fingerprint: finding for outcome in context.inputs.values() for finding in outcome.findings}
    return tuple(
        sorted(unique.values(), key=lambda finding: (-finding.severity.rank, finding.file, finding.line_start))
    )


def recipes_for(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """By recipe id the findings that the recipe is made against."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        recipe = recipe_against(finding.cwe or "", f"{finding.title} {finding.excerpt} {finding.explanation}")
        if recipe is not None:
            found.setdefault(recipe.id, []).append(finding)
    return found


def recipe_against(weakness: str, seen: str) -> Recipe | None:
    """The recipe made against a weakness (CWE id) that shares most words with what was `seen`; None when none is.

    A recipe that needs a library is about one format or tool, so it is shown only where that is spoken of: the words of
    its id but the first, which is what is done to it (`load_yaml`, `render_html`).
    """
    words = content_words(seen)
    shared = {
        one.id: len(words & content_words(" ".join([one.id.replace("_", " "), *one.aliases, *one.questions])))
        for one in recipes_against(weakness)
    }
    made = [
        one
        for one in recipes_against(weakness)
        if weakness in one.prevents[:MAIN_WEAKNESSES] and (not one.libraries or words & set(one.id.split("_")[1:]))
    ]
    return max(made, key=lambda one: shared[one.id], default=None)


def mended_opinion(
    found: Sequence[Finding], left: Sequence[Finding], coverage: float, options: Sequence[str]
) -> dict[str, float]:
    """Probabilities over the options by the share of what was found that a remedy takes away.

    Findings weigh `risk.WEIGHT[severity] * confidence`. With s the share of that weight which `left` does not hold any
    more, the danger in the code (`risk.danger`) is mended by s and stays by 1 - s; what is not danger is clean but for
    `risk.UNSEEN`. The doubt is that of `risk.opinion`: the share of the code that could not be read (1 - coverage).
    """
    weight = sum(risk.WEIGHT[finding.severity] * finding.confidence for finding in found)
    stays = sum(risk.WEIGHT[finding.severity] * finding.confidence for finding in left)
    share = min(stays / weight, 1.0) if weight else float(bool(left))
    danger = max(risk.danger(found), risk.danger(left))
    clean = (1.0 - danger) * (1.0 - risk.UNSEEN)
    masses = risk.Masses(clean=clean, mended=1.0 - clean - danger * share, stays=danger * share)
    return risk.spread(masses, risk.DOUBT + (1.0 - risk.DOUBT) * (1.0 - coverage), options)


async def recipe_that_answers(context: StepContext) -> Fit | None:
    """The recipe that clearly does what the task asks; asked for with title and description, together and apart."""
    task = context.task
    parts = [part for part in (task.title.strip(), task.description.strip()) if part]
    asked = [task.question, *(parts if len(parts) > 1 else ())]
    kinds = (PassageKind.RECIPE,)
    whole, *each = await asyncio.gather(*(context.search(one, kinds=kinds, limit=RECIPES_LOOKED_AT) for one in asked))
    return await asyncio.to_thread(fitting_recipe, whole, each)


async def recipe_passage(context: StepContext, recipe: Recipe, says: str = "") -> Passage | None:
    """The passage of a recipe that says what it is for, or `says` something else; None when the library has none.

    A search shows a recipe by the one passage that is nearest to the question, so it is asked for in its own words.
    """
    told = says or recipe.summary
    found = await context.search(f"{recipe.name}. {told}", kinds=(PassageKind.RECIPE,), limit=10)
    mine = [passage for passage in found if passage.identifiers[:1] == (recipe.id,)]
    return max(mine, key=lambda passage: told in passage.text, default=None)


def cite_recipe(recipe: Recipe, passage: Passage, claim: str) -> Citation:
    """A checked citation: its summary where the passage has it, else the best quote."""
    quote = recipe.summary if recipe.summary in passage.text else best_quote(passage, f"{claim} {recipe.summary}")
    return cite(claim, passage, quote)


def beyond(context: StepContext, passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Those of the passages that the run did not begin with, each once."""
    begun = {passage.id for passage in context.evidence}
    return tuple({passage.id: passage for passage in passages if passage.id not in begun}.values())


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence: `a, b and c`."""
    parts = list(words)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
