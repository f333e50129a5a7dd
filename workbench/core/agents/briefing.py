"""Answers a research task in the library's own words: what the records that answer it best say, section by section."""

import asyncio
from collections.abc import Sequence
from itertools import chain, zip_longest

from workbench.core.agents import research_view as view
from workbench.core.agents.base import StepContext
from workbench.core.agents.sections import opening, section, under
from workbench.core.agents.threats import KINDS, Threat, record_of
from workbench.core.citations import cite
from workbench.core.evidence import Briefing, Passage, PassageKind

BRIEFED = 3
"""Records told at length: who reads more of them reads none."""

FOUND = 15
"""Passages looked at to see which records answer the question itself."""

WORDS = 90
"""Words quoted of a section, in whole sentences."""

SECTIONS = {
    PassageKind.VULNERABILITY: (
        "What it is",
        "Affected versions",
        "How it is exploited",
        "How to tell whether you are affected",
        "What to do",
    ),
    PassageKind.WEAKNESS: ("What it is", "What follows", "How to find it", "How to fix it"),
    PassageKind.TECHNIQUE: ("How it works", "What it leaves behind", "How to detect it", "How to mitigate it"),
    PassageKind.PATTERN: ("How it goes", "What it needs", "How to break it"),
}
"""The sections told of a record, as the shelf names them; records of the user's own seldom have any."""


async def briefings(context: StepContext, threats: Sequence[Threat]) -> tuple[list[Briefing], list[Passage]]:
    """What the leading records say, and the passages quoted."""
    told: list[Briefing] = []
    passages: list[Passage] = []
    for threat in await _leading(context, threats):
        found = await _sections(context, threat)
        points = tuple(cite(heading, passage, opening(under(passage, heading), WORDS)) for heading, passage in found)
        if points:
            told.append(Briefing(title=threat.title, reached=view.how_reached(threat), points=points))
            passages += [passage for _, passage in found]
    return told, passages


async def _leading(context: StepContext, threats: Sequence[Threat]) -> list[Threat]:
    """What the task names, then what is found first for the task as a whole and for its title, in turns.

    A threat that only some sentence is close to, or that a relation leads to, bears on the task without answering it.
    """
    task = context.task
    answers = await asyncio.gather(
        *(context.search(question, kinds=KINDS, limit=FOUND) for question in (task.title, task.question))
    )
    ranked = [dict.fromkeys(record_of(passage) for passage in answer) for answer in answers]
    close = {threat.id: threat for threat in threats if threat.is_close}
    order = [threat.id for threat in threats if threat.named]
    order += [record for record in chain.from_iterable(zip_longest(*ranked)) if record is not None]
    return [close[record] for record in dict.fromkeys(order) if record in close][:BRIEFED]


async def _sections(context: StepContext, threat: Threat) -> list[tuple[str, Passage]]:
    headings = SECTIONS[threat.kind]
    found = await asyncio.gather(*(section(context, threat.id, threat.kind, heading) for heading in headings))
    return [(heading, passage) for heading, passage in zip(headings, found, strict=True) if passage is not None]
