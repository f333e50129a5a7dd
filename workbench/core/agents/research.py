"""The research agent: finds and quotes the weaknesses, vulnerabilities, techniques and patterns that bear on a task.

It works without a language model: it searches by the task's words, identifiers and code, follows the relations between
records (CVE -> CWE -> CAPEC -> technique), and says what its knowledge does not hold.
"""

import asyncio
from collections.abc import Iterable, Sequence

from workbench.core.agents import research_view as view
from workbench.core.agents.base import StepContext
from workbench.core.agents.clues import Clues, clues_of
from workbench.core.agents.threats import KINDS, STEP_DECAY, Threat, kind_of, rank, record_of, shelf_date
from workbench.core.citations import best_quote, cite, numbers_and_ids_hold
from workbench.core.decisions import Proposal, QualityCheck
from workbench.core.evidence import Citation, Finding, Passage
from workbench.core.plan import StepOutcome
from workbench.core.retrieval import CLOSE
from workbench.core.tasks import TaskKind
from workbench.core.values import WorkbenchError

NAME = "research"
LINEAGE = "library search and relations 1"
FOUND_PER_QUESTION = 8
FOLLOWED = 12
"""Relations looked up in one round; two rounds lead from a vulnerability over its weakness to what exploits that."""

ROUNDS = 2


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
        passages = await _gather(context, clues)
        threats = rank(passages, clues.identifiers)
        for threat in threats[: view.TOLD]:
            await context.say(f"{threat.title}: {_reached(threat)}")
        knowledge = view.Knowledge(shelf_date(passages), await self._missing(context, clues, passages))
        citations = _citations(context, threats)
        proposal = None
        if context.task.kind is not TaskKind.RESEARCH:
            proposal = _proposal(context, threats, citations, knowledge)
            await self._keep_note(context, threats, citations, knowledge)
        return StepOutcome(
            summary=_summary(threats, knowledge),
            passages=_beyond(context, threats),
            citations=citations,
            proposal=proposal,
        )

    async def _dossier(self, context: StepContext) -> StepOutcome:
        clues = clues_of(context.task)
        passages = _known(context)
        threats = rank(passages, clues.identifiers)
        exposed = _exposed(context.inputs.values())
        await context.say(f"Ranking {len(threats)} threats; {len(exposed)} places were found to be exposed")
        if not any(name == "exposure" for name in context.inputs):
            await context.say("The exposure check did not finish, so nothing is known about exposure")
        knowledge = view.Knowledge(shelf_date(passages), await self._missing(context, clues, passages))
        citations = _citations(context, threats)
        await self._keep_note(context, threats, citations, knowledge)
        return StepOutcome(
            summary=view.rationale(threats, knowledge, exposed),
            citations=citations,
            proposal=_proposal(context, threats, citations, knowledge, exposed),
        )

    async def _say_clues(self, context: StepContext, clues: Clues) -> None:
        await context.say("No language model is used: I search, follow relations and quote; I do not interpret")
        if clues.identifiers:
            await context.say(f"Named in the task: {', '.join(clues.identifiers)}")
        if clues.imports:
            await context.say(f"The code uses {', '.join(clues.imports)}")

    async def _missing(self, context: StepContext, clues: Clues, passages: Iterable[Passage]) -> tuple[str, ...]:
        there = {record_of(passage) for passage in passages}
        missing = tuple(identifier for identifier in clues.identifiers if identifier not in there)
        if missing:
            await context.say(f"Not in the library: {', '.join(missing)}; nothing can be said about them")
        return missing

    async def _keep_note(
        self, context: StepContext, threats: Sequence[Threat], citations: Sequence[Citation], knowledge: view.Knowledge
    ) -> None:
        text = view.note(context.task, threats, citations, knowledge)
        await context.keep_note(f"Research: {context.task.title}", text)


async def _gather(context: StepContext, clues: Clues) -> list[Passage]:
    """Everything found by the task's words, its identifiers and its code, then along the relations of what is close."""
    questions = [context.task.question, *clues.identifiers]
    questions += [f"{context.task.language} {call}" for call in clues.calls]
    answers = await asyncio.gather(
        *(context.search(question, kinds=KINDS, limit=FOUND_PER_QUESTION) for question in questions)
    )
    passages = [*context.evidence, *(passage for answer in answers for passage in answer)]
    looked_up = set(clues.identifiers)
    passages += await _open(context, passages, clues)
    for _ in range(ROUNDS):
        passages += await _follow(context, passages, clues, looked_up)
    return passages


async def _open(context: StepContext, passages: Sequence[Passage], clues: Clues) -> list[Passage]:
    """The other sections of the closest records, which say what they are related to; no closer than what was found."""
    closest = rank(passages, clues.identifiers)[: view.TOLD]
    answers = await asyncio.gather(
        *(context.search(threat.id, kinds=(threat.kind,), limit=FOUND_PER_QUESTION) for threat in closest)
    )
    return [
        passage.model_copy(update={"score": min(passage.score, threat.closeness)})
        for threat, answer in zip(closest, answers, strict=True)
        for passage in answer
        if record_of(passage) == threat.id
    ]


async def _follow(
    context: StepContext, passages: Sequence[Passage], clues: Clues, looked_up: set[str]
) -> list[Passage]:
    """Passages of the records that close ones name. Their score is what the relation lends them."""
    lent: dict[str, tuple[float, str]] = {}
    for threat in rank(passages, clues.identifiers):
        for other in threat.related:
            if other not in looked_up:
                lent.setdefault(other, (threat.closeness * STEP_DECAY, threat.id))
    chosen = sorted(lent, key=lambda identifier: (-lent[identifier][0], identifier))[:FOLLOWED]
    looked_up.update(chosen)
    answers = await asyncio.gather(
        *(context.search(identifier, kinds=(kind_of(identifier),), limit=3) for identifier in chosen)
    )
    found = []
    for identifier, answer in zip(chosen, answers, strict=True):
        mine = [passage for passage in answer if record_of(passage) == identifier]
        found += [passage.model_copy(update={"score": min(passage.score, lent[identifier][0])}) for passage in mine]
        if mine:
            await context.say(f"{lent[identifier][1]} leads to {mine[0].title}")
    return found


def _known(context: StepContext) -> list[Passage]:
    return [*context.evidence, *(passage for outcome in context.inputs.values() for passage in outcome.passages)]


def _exposed(outcomes: Iterable[StepOutcome]) -> list[Finding]:
    unique = {finding.fingerprint: finding for outcome in outcomes for finding in outcome.findings}
    return list(unique.values())


def _beyond(context: StepContext, threats: Sequence[Threat]) -> tuple[Passage, ...]:
    """The passages of the threats that the run did not begin with."""
    begun = {passage.id for passage in context.evidence}
    found = {passage.id: passage for threat in threats for passage in threat.passages if passage.id not in begun}
    return tuple(found.values())


def _citations(context: StepContext, threats: Sequence[Threat]) -> tuple[Citation, ...]:
    """One citation for each of the weightiest threats: the sentence of its best passage that answers the task."""
    return tuple(_citation(context.task.question, threat) for threat in threats[: view.TOLD])


def _citation(question: str, threat: Threat) -> Citation:
    passage = threat.passages[0]
    return cite(f"{threat.title} bears on this task: {_reached(threat)}", passage, best_quote(passage, question))


def _proposal(
    context: StepContext,
    threats: Sequence[Threat],
    citations: tuple[Citation, ...],
    knowledge: view.Knowledge,
    exposed: Sequence[Finding] = (),
) -> Proposal:
    task = context.task
    named = sum(threat.named for threat in threats)
    texts = {passage.id: f"{passage.title}\n{passage.text}" for threat in threats for passage in threat.passages}
    return Proposal(
        agent=NAME,
        step=context.step.id,
        domain=f"{task.kind}/{task.language}",
        probabilities=view.opinion(task, threats, exposed).probabilities(task.verdicts),
        rationale=view.rationale(threats, knowledge, exposed),
        citations=citations,
        checks=(
            QualityCheck(name="citations that hold", passed=sum(c.holds for c in citations), total=len(citations)),
            QualityCheck(
                name="records that name themselves in what is cited",
                passed=sum(
                    numbers_and_ids_hold(threat.id, texts[threat.passages[0].id]) for threat in threats[: view.TOLD]
                ),
                total=len(threats[: view.TOLD]),
            ),
            QualityCheck(name="named records found", passed=named, total=named + len(knowledge.missing)),
        ),
        lineage=LINEAGE,
    )


def _summary(threats: Sequence[Threat], knowledge: view.Knowledge) -> str:
    if not threats:
        return " ".join(["Nothing in the library is close to this task.", *knowledge.sentences()])
    kinds = ", ".join(
        f"{count} {kind.value}" for kind in KINDS if (count := sum(threat.kind is kind for threat in threats))
    )
    return " ".join([f"{len(threats)} records bear on this task ({kinds}).", *knowledge.sentences()])


def _reached(threat: Threat) -> str:
    if threat.named:
        return "the task names it"
    if threat.via:
        return f"{threat.via[-1]} leads to it"
    return f"closeness {threat.closeness:.0%}, from {CLOSE:.0%} on a record is told"
