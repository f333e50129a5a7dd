"""The sections of a record: found by name, and quoted from their beginning."""

import re
from collections.abc import Iterable

from workbench.core.agents.base import StepContext
from workbench.core.agents.threats import record_of
from workbench.core.evidence import Passage, PassageKind
from workbench.core.retrieval import LONGEST_RECORD


async def section(context: StepContext, identifier: str, kind: PassageKind, heading: str) -> Passage | None:
    """The passage of a record that holds the beginning of its section `heading`, None when there is none."""
    return section_of(await passages_of(context, identifier, kind), heading)


async def passages_of(context: StepContext, identifier: str, kind: PassageKind) -> list[Passage]:
    """All passages of a record, none when the library does not have it."""
    found = await context.search(identifier, kinds=(kind,), limit=LONGEST_RECORD)
    return [passage for passage in found if record_of(passage) == identifier]


def section_of(passages: Iterable[Passage], heading: str) -> Passage | None:
    """Of a record's passages the one that holds the beginning of its section `heading`, None when there is none.

    A passage may hold several sections, and a long section several passages.
    """
    holding = (passage for passage in passages if under(passage, heading))
    return min(holding, key=lambda passage: passage.location.line_start or 0, default=None)


def under(passage: Passage, heading: str) -> str:
    """What the passage says under a heading; empty when it does not have it."""
    _, marked, text = passage.text.partition(f"## {heading}\n")
    if not marked and passage.location.heading == heading:
        text = passage.text
    return text.partition("\n## ")[0].strip()


def opening(text: str, words: int) -> str:
    """The first sentences, as many as have at most `words` words together, and always one: what matters most."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    quote = sentences[0]
    for sentence in sentences[1:]:
        if len(f"{quote} {sentence}".split()) > words:
            break
        quote = text[: text.index(sentence, len(quote)) + len(sentence)]
    return quote
