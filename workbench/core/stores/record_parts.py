"""Which chunks a record is made of, kept in memory as long as the library does not change: every search asks for it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.core.knowledge.library import Library

MOST = 200_000
"""Chunks and units of which something is kept; past that all is read anew."""


class Parts(NamedTuple):
    """The chunks of a unit: its passages in reading order, and the questions that it answers."""

    texts: tuple[int, ...]
    asks: tuple[int, ...]


@dataclass
class _Known:
    epoch: int
    units: dict[int, int | None] = field(default_factory=dict)
    parts: dict[int, Parts] = field(default_factory=dict)
    weaknesses: dict[int, tuple[bool, int] | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.units) + len(self.parts) + len(self.weaknesses)


class RecordParts:
    """The records of one library. What was removed since the library was last looked at is left out or still told."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known = _Known(-1)

    def follow(self, epoch: int) -> None:
        """Forget what was known of the library before that state of it."""
        if self._known.epoch != epoch or self._known.size > MOST:
            self._known = _Known(epoch)

    def units(self, chunks: Collection[int]) -> dict[int, int]:
        """What each of those chunks counts as: a record's as its first chunk, any other as itself."""
        known = self._known.units
        new = [chunk for chunk in chunks if chunk not in known]
        if new:
            told = self._library.units(new)
            known.update((chunk, told.get(chunk)) for chunk in new)
        return {chunk: unit for chunk in chunks if (unit := known.get(chunk)) is not None}

    def parts(self, units: Collection[int]) -> dict[int, Parts]:
        """The chunks of each of those units; of what is no record itself."""
        known = self._known.parts
        new = [unit for unit in units if unit not in known]
        if new:
            told = self._library.parts(new)
            for unit in new:
                own = told.get(unit)
                texts = (unit,) if own is None else tuple(part.chunk for part in own if not part.asks)
                known[unit] = Parts(texts, () if own is None else tuple(part.chunk for part in own if part.asks))
        return {unit: known[unit] for unit in units if unit in known}

    def weaknesses(self, units: Collection[int]) -> dict[int, tuple[bool, int]]:
        """Of those units the weaknesses: whether vulnerabilities are mapped to each, and how many kinds of it are."""
        known = self._known.weaknesses
        new = [unit for unit in units if unit not in known]
        if new:
            told = self._library.weaknesses(new)
            known.update((unit, told.get(unit)) for unit in new)
        return {unit: weakness for unit in units if (weakness := known.get(unit)) is not None}
