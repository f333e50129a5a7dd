"""Answers a research task in the library's own words: what the records that answer it best say, section by section."""

import asyncio
from collections.abc import Sequence
from itertools import chain, zip_longest

from workbench.core.agents import research_view as view
from workbench.core.agents.base import StepContext
from workbench.core.agents.sections import opening, passages_of, section_of, under
from workbench.core.agents.threats import KINDS, Threat, record_of
from workbench.core.citations import cite
from workbench.core.evidence import Briefing, Passage, PassageKind
from workbench.wording import percent

BRIEFED = 3
"""Records told at length: who reads more of them reads none."""

FOUND = 15
"""Passages looked at to see which records answer the question itself."""

NEAREST = 0.3
"""Relevance from which the nearest record is told although it is not close: better than silence when it says so."""

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
    """What the leading records say, and the passages quoted.

    The leading ones are those the task names, then those found first for its title and for the task as a whole, in
    turns. A threat that only some sentence is close to, or that a relation leads to, bears on the task without
    answering it. Where none is close the nearest is told as what it is.
    """
    task = context.task
    answers = await asyncio.gather(
        *(context.search(question, kinds=KINDS, limit=FOUND) for question in (task.title, task.question))
    )
    found = [passage for passage in chain.from_iterable(zip_longest(*answers)) if passage is not None]
    leading = _leading(found, threats)
    wanted = [(threat.id, threat.kind, threat.title, view.how_reached(threat)) for threat in leading]
    wanted = wanted or [
        (
            record_of(passage) or "",
            passage.kind,
            passage.title,
            f"the nearest there is, not close ({percent(passage.score)})",
        )
        for passage in found[:1]
        if passage.score >= NEAREST
    ]
    told: list[Briefing] = []
    quoted: list[Passage] = []
    for record, kind, title, reached in wanted:
        sections = await _sections(context, record, kind)
        points = tuple(cite(heading, passage, opening(under(passage, heading), WORDS)) for heading, passage in sections)
        if points:
            told.append(Briefing(title=title, reached=reached, points=points))
            quoted += [passage for _, passage in sections]
    return told, quoted


def _leading(found: Sequence[Passage], threats: Sequence[Threat]) -> list[Threat]:
    close = {threat.id: threat for threat in threats if threat.is_close}
    order = [threat.id for threat in threats if threat.named]
    order += [record for passage in found if (record := record_of(passage)) is not None]
    return [close[record] for record in dict.fromkeys(order) if record in close][:BRIEFED]


async def _sections(context: StepContext, record: str, kind: PassageKind) -> list[tuple[str, Passage]]:
    passages = await passages_of(context, record, kind)
    found = ((heading, section_of(passages, heading)) for heading in SECTIONS[kind])
    return [(heading, passage) for heading, passage in found if passage is not None]
