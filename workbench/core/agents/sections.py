"""The sections of a record: found by name, and quoted from their beginning."""

import re

from workbench.core.agents.base import StepContext
from workbench.core.agents.threats import record_of
from workbench.core.evidence import Passage, PassageKind

LONGEST = 40
"""Passages of one record that are looked through for a section."""


async def section(context: StepContext, identifier: str, kind: PassageKind, heading: str) -> Passage | None:
    """The passage of a record that holds the beginning of its section `heading`, None when there is none.

    A passage may hold several sections, and a long section several passages.
    """
    found = await context.search(identifier, kinds=(kind,), limit=LONGEST)
    mine = (passage for passage in found if record_of(passage) == identifier and under(passage, heading))
    return min(mine, key=lambda passage: passage.location.line_start or 0, default=None)


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
