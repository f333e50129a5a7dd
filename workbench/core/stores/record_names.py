"""The words of records' names, kept in memory: a question is compared with them again and again."""

from collections.abc import Callable, Collection

from workbench.core.knowledge.library import Library

MOST = 100_000
"""Records whose names are kept; past that all are read anew."""

Names = tuple[frozenset[str], ...]
"""The words of each name of one record, as the text index cuts them."""


class RecordNames:
    """What the records of one library are called. A unit never changes its names, since a changed record is another."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: dict[int, Names] = {}

    def of(self, units: Collection[int], words: Callable[[str], frozenset[str]]) -> dict[int, Names]:
        """The names of those units that have some."""
        known = self._known
        new = [unit for unit in units if unit not in known]
        if new:
            if len(known) + len(new) > MOST:
                known = self._known = {}
                new = list(units)
            told = self._library.names(new)
            known.update({unit: tuple(words(name) for name in told.get(unit, ())) for unit in new})
        return {unit: names for unit in units if (names := known.get(unit))}
