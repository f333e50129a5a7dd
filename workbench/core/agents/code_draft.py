"""Drafts code from the recipe that answers the task, or from the user's own code, and repairs drafts after a review."""

import asyncio
from pathlib import PurePosixPath

from workbench.core.agents import risk
from workbench.core.agents.base import StepContext
from workbench.core.agents.code_basis import (
    beyond,
    cite_recipe,
    findings_of,
    listed,
    mended_opinion,
    proposal,
    recipe_passage,
    recipe_that_answers,
)
from workbench.core.analysis.repair import Repair, RepairRequest
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.citations import best_quote, cite
from workbench.core.decisions import QualityCheck
from workbench.core.drafting.adapt import Adapted, adapt
from workbench.core.drafting.fitting import FITS_FROM, RIGHT, Fit, fitting_code
from workbench.core.evidence import Citation, CodeDraft, Passage, PassageKind
from workbench.core.plan import StepOutcome
from workbench.core.tasks import LANGUAGES, CodeUnit
from workbench.wording import counted, percent

FOUND = 10

DRAFT_DOUBT = 0.2
"""Share of an even distribution in the opinion on a draft: whether it is what was meant, only a reader can tell."""

UNTESTED = risk.Masses(clean=0.2, mended=0.6, stays=0.2)
"""The opinion on the user's own code: it fits, and whether it is tested is not known."""

NO_DRAFT = risk.Masses(clean=0.0, mended=0.3, stays=0.7)
"""The opinion when there is no draft: there is nothing that could be used."""


async def draft(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """A draft from the closest recipe, else from the user's own code; where neither fits, none."""
    await context.say("No language model is used: I look for a recipe that does what is asked, and adapt it")
    fit, code = await asyncio.gather(
        recipe_that_answers(context),
        context.search(context.task.question, kinds=(PassageKind.CODE,), limit=FOUND),
    )
    language = context.task.language
    if fit is not None and language == "python":
        return await _from_recipe(context, worker, fit)
    own = fitting_code(code)
    if own is not None and LANGUAGES.get(PurePosixPath(own.location.path).suffix.lower(), language) == language:
        return await _from_own_code(context, worker, own)
    if fit is not None:
        return await _nothing(context, f"The recipe “{fit.recipe.name}” answers this, but in Python, not in {language}")
    return await _nothing(context, "No recipe fits closely, and none of your own code does")


async def repair_draft(context: StepContext, worker: AnalysisWorker) -> StepOutcome:
    """The drafts with what the review found mended where a known fix applies, each checked by analysing again."""
    drafts = {one.name: one for outcome in context.inputs.values() for one in outcome.drafts}
    found = findings_of(context)
    repairs: list[Repair] = []
    mended: list[CodeDraft] = []
    for one in drafts.values():
        unit = CodeUnit(name=one.name, language=one.language, text=one.text)
        here = tuple(finding for finding in found if finding.file == one.name)
        repair = await worker.repair(RepairRequest(unit=unit, findings=here))
        for line in (*repair.changes, *(f"{left.finding.title}: {left.reason}" for left in repair.unrepaired)):
            await context.say(line)
        repairs.append(repair)
        changed = {"text": repair.text, "changes": (*one.changes, *repair.changes), "diff": repair.diff}
        mended.append(one.model_copy(update=changed))
    gone = sum(len(repair.repaired) for repair in repairs)
    left = [finding for repair in repairs for finding in repair.remaining]
    was = "was" if gone == 1 else "were"
    words = [f"Of {counted(len(found), 'finding')} of the review {gone} {was} mended in the draft."]
    words += [f"{one.finding.title} stays: {one.reason}." for repair in repairs for one in repair.unrepaired]
    checks = QualityCheck(name="findings gone after the repair", passed=gone, total=len(found))
    probabilities = mended_opinion(found, left, 1.0, context.task.verdicts)
    return StepOutcome(
        summary=" ".join(words),
        drafts=tuple(mended),
        proposal=proposal(context, probabilities, words, (), checks),
    )


async def _from_recipe(context: StepContext, worker: AnalysisWorker, fit: Fit) -> StepOutcome:
    recipe = fit.recipe
    await context.say(
        f"The recipe “{recipe.name}” fits ({percent(fit.closeness)} close, {percent(FITS_FROM)} are needed); its tests "
        "try the attacks it stops"
    )
    adapted = await asyncio.to_thread(adapt, fit, context.task)
    written = adapted.draft
    for line in (*written.changes, *(f"Not done: {line}" for line in adapted.unmet)):
        await context.say(line)
    structure = await worker.structure(CodeUnit(name=written.name, language="python", text=written.text))
    citations, passages = await _citations(context, fit)
    words = _account(fit, adapted)
    trust = RIGHT * adapted.share_met
    masses = risk.Masses(clean=(1 - risk.UNSEEN) * trust, mended=1 - (1 - risk.UNSEEN) * trust, stays=0.0)
    asked = len(adapted.met) + len(adapted.unmet)
    return StepOutcome(
        summary=" ".join(words[:2]),
        passages=beyond(context, passages),
        citations=citations,
        drafts=(written,),
        proposal=proposal(
            context,
            risk.spread(masses, DRAFT_DOUBT, context.task.verdicts),
            words,
            citations,
            QualityCheck(name="draft parses", passed=int(bool(structure.functions)), total=1),
            QualityCheck(name="names and limits asked for", passed=len(adapted.met), total=asked),
        ),
    )


def _account(fit: Fit, adapted: Adapted) -> list[str]:
    """What the draft is and how it was adapted; then what it leaves, what is to be passed and what it does not do."""
    recipe, written = fit.recipe, adapted.draft
    needs = f" It needs {listed(recipe.libraries)}." if recipe.libraries else ""
    asked = f"As you asked: {'; '.join(adapted.met)}." if adapted.met else "You asked for no name or limit that it has."
    unmet = f" Not as you asked: {'; '.join(adapted.unmet)}." if adapted.unmet else ""
    lines = [
        f"{written.name} is drafted from the recipe “{recipe.name}”, which prevents {listed(recipe.prevents)} and is "
        f"tested against the attacks.{needs}",
        f"{asked}{unmet}",
        f"Left as the recipe has it: {'; '.join(adapted.left)}." if adapted.left else "",
        f"You pass {'; '.join(adapted.passed)}." if adapted.passed else "",
        f"What it leaves to you: {' '.join(recipe.limits)}",
        "Whether it does all that your description says is for you to check.",
    ]
    return [line for line in lines if line]


async def _citations(context: StepContext, fit: Fit) -> tuple[tuple[Citation, ...], tuple[Passage, ...]]:
    """Checked quotes of what the recipe is for and of its first limit; from its prose, as far as the library has it."""
    recipe = fit.recipe
    limit = recipe.limits[0]
    told, limits = await asyncio.gather(
        recipe_passage(context, recipe), recipe_passage(context, recipe, f"Limits: {limit}")
    )
    shown = told or fit.passage
    cited = [(cite_recipe(recipe, shown, f"“{recipe.name}” answers the task"), shown)]
    if limits is not None and limit in limits.text:
        cited.append((cite("What the recipe does not protect from", limits, limit), limits))
    return tuple(citation for citation, _ in cited), tuple(passage for _, passage in cited)


async def _from_own_code(context: StepContext, worker: AnalysisWorker, own: Passage) -> StepOutcome:
    place = str(own.location) or own.title
    language = context.task.language
    name = PurePosixPath(own.location.path).name or own.title
    await context.say(f"No recipe fits closely; your own code does: {place}")
    unit = CodeUnit(name=name, language=language, text=own.text)
    parses = language != "python" or bool((await worker.structure(unit)).functions)
    words = [
        f"No recipe fits closely; this is your own code from {place}, unchanged.",
        "" if parses else "It is a part that is not whole by itself.",
        "Adapt it and test it: whether it does what is asked was not checked.",
    ]
    citation = cite(f"{place} is close to what is asked", own, best_quote(own, context.task.question))
    return StepOutcome(
        summary=words[0],
        passages=beyond(context, [own]),
        citations=(citation,),
        drafts=(CodeDraft(name=name, language=language, text=own.text, basis=f"your own code, {place}"),),
        proposal=proposal(
            context,
            risk.spread(UNTESTED, 2 * DRAFT_DOUBT, context.task.verdicts),
            [word for word in words if word],
            (citation,),
            QualityCheck(name="draft parses", passed=int(parses), total=1),
        ),
    )


async def _nothing(context: StepContext, reason: str) -> StepOutcome:
    await context.say(f"{reason}, so I draft nothing rather than stretch one")
    words = [f"{reason}, so nothing was drafted.", "Put a piece of code that does it into your library, or write it."]
    probabilities = risk.spread(NO_DRAFT, 2 * DRAFT_DOUBT, context.task.verdicts)
    return StepOutcome(summary=" ".join(words), proposal=proposal(context, probabilities, words, ()))
