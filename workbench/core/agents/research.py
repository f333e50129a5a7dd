"""The research agent: finds and quotes the weaknesses, vulnerabilities, techniques and patterns that bear on a task.

It works without a language model: it searches by the task's words, identifiers and code, follows the relations between
records (CVE -> CWE -> CAPEC -> technique), and says what its knowledge does not hold.
"""

import re
from collections.abc import Iterable, Sequence

from workbench.core.agents import research_view as view
from workbench.core.agents.base import StepContext
from workbench.core.agents.briefing import briefings
from workbench.core.agents.clues import Clues, clues_of
from workbench.core.agents.gathering import gather
from workbench.core.agents.threats import KINDS, Threat, rank, record_of, shelf_date
from workbench.core.citations import best_quote, cite, content_words, is_prose, numbers_and_ids_hold
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Briefing, Citation, Finding, Passage, PassageKind
from workbench.core.plan import StepOutcome
from workbench.core.tasks import TaskKind
from workbench.core.values import WorkbenchError
from workbench.wording import counted

NAME = "research"
FACTS_END = re.compile(r"^Source: .*checked \d{4}-\d{2}-\d{2}\.\s*", re.MULTILINE)
"""Last line of the facts that begin an entry of the shelf (workbench.core.knowledge.shelf_entries)."""

LINEAGE = "library search and relations 1"

_PLURALS = {PassageKind.VULNERABILITY: "vulnerabilities", PassageKind.WEAKNESS: "weaknesses"}


class ResearchAgent:
    """Carries out `threats` (every task) and `dossier` (the end of a research task)."""

    name = NAME

    async def perform(self, context: StepContext) -> StepOutcome:
        """Carry out the step; raises WorkbenchError for an action it does not know."""
        match context.step.action:
            case "threats":
                return await self._threats(context)
            case "dossier":
                return await self._dossier(context)
        raise WorkbenchError(
            f"The research agent knows no step {context.step.action!r}; the plan is from another version, so start anew"
        )

    async def _threats(self, context: StepContext) -> StepOutcome:
        clues = clues_of(context.task)
        await self._say_clues(context, clues)
        finds = await gather(context, clues)
        passages, threats = finds.passages, finds.threats
        for threat in [*threats[: view.TOLD], *finds.suggested[: view.SUGGESTED]]:
            await context.say(f"{threat.title}: {view.how_reached(threat)}")
        knowledge = await self._knowledge(context, clues, passages)
        citations = _citations(context, threats)
        proposal = None
        told, quoted = await self._brief(context, threats)
        if context.task.kind is not TaskKind.RESEARCH:
            proposal = _proposal(context, threats, citations, knowledge)
            await self._keep_note(context, [*threats, *finds.suggested], citations, knowledge)
        return StepOutcome(
            summary=_summary(threats, finds.suggested, knowledge),
            passages=_beyond(context, threats, quoted),
            citations=citations,
            briefings=tuple(told),
            proposal=proposal,
        )

    async def _dossier(self, context: StepContext) -> StepOutcome:
        clues = clues_of(context.task)
        passages = _known(context)
        threats = rank(passages, clues.identifiers, clues.signs)
        exposed = _exposed(context.inputs.values())
        places = counted(view.spots(exposed), "place was", "places were")
        await context.say(f"Ranking {counted(len(threats), 'threat')}; {places} found to be exposed")
        if not any(name == "exposure" for name in context.inputs):
            await context.say("The exposure check did not finish, so nothing is known about exposure")
        knowledge = await self._knowledge(context, clues, passages)
        citations = _citations(context, threats)
        await self._keep_note(context, threats, citations, knowledge)
        return StepOutcome(
            summary=view.rationale(context.task, threats, knowledge, exposed),
            citations=citations,
            proposal=_proposal(context, threats, citations, knowledge, exposed),
        )

    async def _brief(self, context: StepContext, threats: Sequence[Threat]) -> tuple[list[Briefing], list[Passage]]:
        """A research task's answer, said and with the passages it quotes; where code is judged there is none."""
        if context.task.kind is not TaskKind.RESEARCH:
            return [], []
        told, quoted = await briefings(context, threats)
        for briefing in told:
            for point in briefing.points:
                await context.say(f"{briefing.title}. {point.claim}: “{' '.join(point.quote.split())}”")
        return told, quoted

    async def _say_clues(self, context: StepContext, clues: Clues) -> None:
        await context.say("No language model is used: I search, follow relations and quote; I do not interpret")
        if clues.identifiers:
            await context.say(f"Named in the task: {', '.join(clues.identifiers)}")
        if clues.imports:
            await context.say(f"The code uses {', '.join(clues.imports)}")

    async def _knowledge(self, context: StepContext, clues: Clues, passages: Sequence[Passage]) -> view.Knowledge:
        return view.Knowledge(
            checked=shelf_date(passages),
            missing=await self._missing(context, clues, passages),
            asked=context.task.sources,
            answered=tuple(sorted({passage.source for passage in passages})),
            compared=any(outcome.places for outcome in context.inputs.values()),
        )

    async def _missing(self, context: StepContext, clues: Clues, passages: Iterable[Passage]) -> tuple[str, ...]:
        there = {record_of(passage) for passage in passages}
        missing = tuple(identifier for identifier in clues.identifiers if identifier not in there)
        if missing:
            await context.say(
                f"Not found: {', '.join(missing)}; nothing can be said about {'it' if len(missing) == 1 else 'them'}"
            )
        return missing

    async def _keep_note(
        self, context: StepContext, threats: Sequence[Threat], citations: Sequence[Citation], knowledge: view.Knowledge
    ) -> None:
        text = view.note(context.task, threats, citations, knowledge)
        await context.keep_note(f"Research: {context.task.title}", text)


def _known(context: StepContext) -> list[Passage]:
    """What the run began with and what `threats` found: relevance to the questions of other steps is no closeness."""
    found = context.inputs.get("threats")
    return [*context.evidence, *(found.passages if found else ())]


def _exposed(outcomes: Iterable[StepOutcome]) -> list[Finding]:
    unique = {finding.fingerprint: finding for outcome in outcomes for finding in outcome.findings}
    return list(unique.values())


def _beyond(context: StepContext, threats: Sequence[Threat], quoted: Sequence[Passage]) -> tuple[Passage, ...]:
    """The threats' and the quoted passages that the run did not begin with, or that were found to be closer than then.

    What was opened only to be quoted has no closeness of its own.
    """
    begun = {passage.id: passage.score for passage in context.evidence}
    found = {
        passage.id: passage
        for threat in threats
        for passage in threat.passages
        if passage.score > begun.get(passage.id, -1.0)
    }
    opened = (passage.model_copy(update={"score": 0.0}) for passage in quoted if passage.id not in {*begun, *found})
    return (*found.values(), *{passage.id: passage for passage in opened}.values())


def _citations(context: StepContext, threats: Sequence[Threat]) -> tuple[Citation, ...]:
    """One citation for each of the weightiest threats: the sentence among its passages that says most of the task."""
    return tuple(_citation(context.task.question, threat) for threat in threats[: view.TOLD])


def _citation(question: str, threat: Threat) -> Citation:
    claim = f"{threat.title} bears on this task ({view.how_reached(threat)})"
    asked = content_words(f"{question} {threat.sign}")
    quotes = [(passage, _telling_quote(passage, f"{question} {threat.title}")) for passage in threat.passages]
    facts = [(passage, best_quote(passage, question)) for passage in threat.passages]
    told = [pair for pair in quotes if is_prose(pair[1])] or [pair for pair in quotes if pair[1]] or facts
    passage, quote = max(told, key=lambda pair: len(asked & content_words(pair[1])))
    return cite(claim, passage, quote)


def _telling_quote(passage: Passage, claim: str) -> str:
    """The best quote from what follows an entry's facts, which only name it and its source; empty when nothing does."""
    text = FACTS_END.split(passage.text)[-1]
    return best_quote(passage.model_copy(update={"text": text}), claim)


def _proposal(
    context: StepContext,
    threats: Sequence[Threat],
    citations: tuple[Citation, ...],
    knowledge: view.Knowledge,
    exposed: Sequence[Finding] = (),
) -> Proposal:
    task = context.task
    named = sum(threat.named for threat in threats)
    told = threats[: view.TOLD]
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=task.domain,
        probabilities=view.opinion(task, threats, exposed).probabilities(task.verdicts),
        rationale=view.rationale(task, threats, knowledge, exposed),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            QualityCheck(
                name="records that name themselves in what is cited",
                passed=sum(numbers_and_ids_hold(t.id, f"{t.passages[0].title}\n{t.passages[0].text}") for t in told),
                total=len(told),
            ),
            QualityCheck(name="named records found", passed=named, total=named + len(knowledge.missing)),
        ),
        lineage=LINEAGE,
    )


def _summary(threats: Sequence[Threat], suggested: Sequence[Threat], knowledge: view.Knowledge) -> str:
    hints = [f"The code's calls suggest {counted(len(suggested), 'record')} to look at as well."] if suggested else []
    if not threats:
        return " ".join(["Nothing that was found is close to this task.", *hints, *knowledge.sentences()])
    bear = counted(len(threats), "record bears", "records bear")
    kinds = ", ".join(
        counted(count, kind.value, _PLURALS.get(kind, ""))
        for kind in KINDS
        if (count := sum(threat.kind is kind for threat in threats))
    )
    return " ".join([f"{bear} on this task ({kinds}).", *hints, *knowledge.sentences()])
