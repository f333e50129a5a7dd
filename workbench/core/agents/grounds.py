"""Grounds findings in what is known: for each kind of weakness the passage that describes it, quoted and checked."""

import asyncio
from collections.abc import Iterable, Sequence

from workbench.core.agents.base import StepContext
from workbench.core.citations import best_quote, cite
from workbench.core.evidence import Citation, Finding, Passage, PassageKind
from workbench.core.retrieval import CLOSE

MAX_WEAKNESSES = 8
"""Kinds of weakness that are looked up for one proposal, the worst first."""


async def ground(context: StepContext, findings: Sequence[Finding]) -> tuple[tuple[Citation, ...], tuple[Passage, ...]]:
    """A checked citation for each kind of weakness found, and the passages cited that the run did not begin with.

    A weakness that the library has no entry for is grounded in the nearest one, if any is close; else it has no
    citation, which is honest.
    """
    worst = _worst_of_each(findings)[:MAX_WEAKNESSES]
    found = await asyncio.gather(*(_nearest(context, finding) for finding in worst))
    grounded = [(finding, passage) for finding, passage in zip(worst, found, strict=True) if passage is not None]
    citations = tuple(_citation(finding, passage) for finding, passage in grounded)
    begun = {passage.id for passage in context.evidence}
    beyond = {passage.id: passage for _, passage in grounded if passage.id not in begun}
    return citations, tuple(beyond.values())


def _worst_of_each(findings: Iterable[Finding]) -> list[Finding]:
    best: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda finding: (-finding.severity.rank, -finding.confidence)):
        best.setdefault(finding.cwe or finding.rule, finding)
    return list(best.values())


async def _nearest(context: StepContext, finding: Finding) -> Passage | None:
    """The passage that says most about a finding: of its own weakness if there is one, else a close neighbour's."""
    question = f"{finding.cwe or ''} {finding.title}. {finding.explanation}"
    found = await context.search(question, kinds=(PassageKind.WEAKNESS,), limit=6)
    own = [passage for passage in found if finding.cwe in passage.identifiers[:1]]
    if own:
        return own[0]
    close = [passage for passage in found if passage.score >= CLOSE]
    return close[0] if close else None


def _citation(finding: Finding, passage: Passage) -> Citation:
    same = finding.cwe in passage.identifiers[:1]
    relation = "is described as" if same else "is nearest to"
    claim = f"{finding.title} ({finding.file}, line {finding.line_start}) {relation} {passage.title}"
    return cite(claim, passage, best_quote(passage, f"{finding.title} {finding.explanation}"))
