"""What a search may be narrowed by."""

from datetime import date

from workbench.core.evidence import PassageKind, Severity
from workbench.core.values import Value


class SearchFilter(Value):
    """Conditions that must all hold; an empty one says nothing. A source that cannot tell holds it against nothing."""

    kinds: tuple[PassageKind, ...] = ()
    """Any of these kinds."""
    collections: tuple[str, ...] = ()
    """Any of these collections of the library."""
    since: date | None = None
    """Dated on this day or later; what has no date is left out."""
    until: date | None = None
    """Dated on this day or earlier; what has no date is left out."""
    weaknesses: tuple[str, ...] = ()
    """Of any of these CWE ids: their own records, records related to them, and passages that name them."""
    severities: tuple[Severity, ...] = ()
    """A record of any of these severities; what has none is left out."""

    @property
    def is_empty(self) -> bool:
        """Whether everything passes."""
        return self == NO_FILTER


NO_FILTER = SearchFilter()
"""Lets everything pass."""
