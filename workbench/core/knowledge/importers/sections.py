"""Makes the text of a catalogue's entry: sections under headings, and the lines that it is found by."""

import re
from collections.abc import Iterable

from workbench.core.knowledge.documents import Block


class Sections:
    """Collects an entry's blocks in reading order; a section without text is left out with its heading."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, each section with a block for its heading."""
        return tuple(self._blocks)

    def add(self, heading: str, *texts: str) -> None:
        """A section with a block for each text that is not empty."""
        self._add(heading, texts, asks=False)

    def add_sought(self, heading: str, lines: Iterable[str]) -> None:
        """Lines that are searched for one by one and never shown as passages: other names, labelled sentences."""
        told = list(dict.fromkeys(" ".join(line.split()) for line in lines))
        self._add(heading, ["\n".join(line for line in told if line)], asks=True)

    def _add(self, heading: str, texts: Iterable[str], *, asks: bool) -> None:
        bodies = [text.strip() for text in texts if text.strip()]
        if bodies:
            self._blocks.append(Block(text=heading, heading=heading, is_heading=True, asks=asks))
            self._blocks += [Block(text=body, heading=heading, asks=asks) for body in bodies]


def short_names(name: str) -> list[str]:
    """What people call an entry with this official name: without its nickname, and the nickname alone.

    MITRE writes nicknames as `Improper ... ('OS Command Injection')`.
    """
    match = re.fullmatch(r"(.*?)\s*\('(.+)'\)\s*", name)
    if not match:
        return [name]
    return [match[1], *(nickname.strip() for nickname in match[2].split(";"))]


def listed(items: Iterable[str]) -> str:
    """Items in one line, as in a sentence."""
    return ", ".join(items)
