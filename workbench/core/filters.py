"""What a search may be narrowed by, and how conditions are read as people write them."""

import calendar
import re
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

_CWE = re.compile(r"(?:CWE-?)?(\d{1,5})", re.IGNORECASE)


def weaknesses_in(text: str) -> tuple[str, ...] | None:
    """The CWE ids in `text`, by commas or blanks, `79` as well as `CWE-79`; None when something else stands there."""
    found = [_CWE.fullmatch(part) for part in re.split(r"[,;\s]+", text.strip()) if part]
    return None if None in found else tuple(f"CWE-{int(each.group(1))}" for each in found if each)


def day_in(text: str, *, last: bool = False) -> date | None:
    """The day that `text` names as 2024-01-31; of 2024-01 or 2024 the first day, or the `last`. None when none."""
    parts = text.strip().split("-")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() for part in parts) or len(parts[0]) != 4:
        return None
    numbers = [int(part) for part in parts]
    try:
        year, month = numbers[0], numbers[1] if len(parts) > 1 else 12 if last else 1
        if len(parts) == 3:
            return date(year, month, numbers[2])
        return date(year, month, calendar.monthrange(year, month)[1] if last else 1)
    except ValueError:  # calendar.IllegalMonthError is one
        return None
