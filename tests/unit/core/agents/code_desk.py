"""What the code agent's tests work with: a library of shelf entries searched by shared words, a stream, small tasks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workbench.core.agents.base import StepContext
from workbench.core.agents.code import CodeAgent
from workbench.core.analysis.worker import AnalysisWorker
from workbench.core.citations import content_words
from workbench.core.evidence import Finding, Location, Passage, Severity
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.knowledge.shelf import load_shelf
from workbench.core.plan import Step, StepOutcome
from workbench.core.tasks import Task, make_task


def shelf_passages() -> list[Passage]:
    """One passage for each section of each entry of the real shelf, its heading line above it."""
    passages = []
    for document in load_shelf():
        heading = ""
        for number, block in enumerate(document.blocks):
            if block.is_heading:
                heading = block.text
                continue
            passages.append(
                Passage(
                    id=f"{document.path}#{number}",
                    source="starter knowledge",
                    document_id=document.path,
                    title=document.title,
                    text=f"{heading}\n\n{block.text}" if heading else block.text,
                    kind=document.kind,
                    location=Location(path=document.path, heading=block.heading),
                    identifiers=(*document.identifiers, *find_identifiers(block.text)),
                )
            )
    return passages


class Library:
    """Finds by the share of the question's words that a passage has; a named record comes first."""

    def __init__(self, passages: list[Passage]) -> None:
        self.passages = passages

    async def __call__(self, question, *, kinds=(), limit=10):
        wanted, named = content_words(question), find_identifiers(question)
        scored = []
        for found in self.passages:
            share = len(wanted & content_words(f"{found.title} {found.text}")) / max(1, len(wanted))
            first = found.identifiers[:1] and found.identifiers[0] in named
            if (not kinds or found.kind in kinds) and (share or first):
                scored.append((bool(first), found.model_copy(update={"score": share})))
        return [passage for _, passage in sorted(scored, key=lambda pair: (-pair[0], -pair[1].score))][:limit]


SHELF = shelf_passages()


class Desk:
    """Performs steps of the code agent and keeps what it said."""

    def __init__(self, worker, passages: list[Passage] | None = None) -> None:
        self.agent = CodeAgent(worker)
        self.library = Library(SHELF if passages is None else passages)
        self.said: list[str] = []

    async def perform(self, action: str, task: Task, evidence=(), **inputs: StepOutcome) -> StepOutcome:
        async def say(text: str) -> None:
            self.said.append(text)

        async def keep_note(title: str, text: str) -> None:
            raise AssertionError("the code agent keeps no notes")

        step = Step(id=action, agent="code", action=action, title=action, goal=action, inputs=tuple(inputs))
        outcome = await self.agent.perform(
            StepContext(task, step, tuple(evidence), inputs, self.library, keep_note, say)
        )
        known = {passage.id: passage for passage in (*evidence, *outcome.passages)}
        assert all(citation.holds and citation.passage_id in known for citation in outcome.citations)
        if outcome.proposal is not None:
            assert tuple(outcome.proposal.probabilities) == task.verdicts
            assert all(0 < share < 1 for share in outcome.proposal.probabilities.values())
        return outcome


@asynccontextmanager
async def real_desk(passages: list[Passage] | None = None) -> AsyncIterator[Desk]:
    """A desk whose worker is the real analysis child."""
    worker = AnalysisWorker()
    try:
        yield Desk(worker, passages)
    finally:
        await worker.close()


def a_task(kind: str, **fields) -> Task:
    return make_task({"kind": kind, "title": "Is this safe?", "description": "Say so.", **fields})


def a_finding(**fields) -> Finding:
    return Finding.model_validate(
        {
            "rule": "sql-value-formatted",
            "cwe": "CWE-89",
            "title": "SQL statement with a value formatted into it",
            "severity": Severity.HIGH,
            "confidence": 0.9,
            "file": "pasted code",
            "line_start": 1,
            "line_end": 1,
            "excerpt": "code",
            "explanation": "why",
            **fields,
        }
    )
