"""The table that answers "which are affected, which not, what first": compared places, one row for each standing."""

from collections.abc import Iterable, Sequence
from functools import cmp_to_key

from workbench.core.evidence import Exposure, Place
from workbench.core.exposure.versions import compare
from workbench.core.values import Value
from workbench.wording import counted

ROWS_TOLD = 40
"""Rows that a report shows; run.json has all places."""

COLUMNS = ("Where", "What else the line says", "Product", "Vulnerability", "Standing", "Fixed in")

_BACKPORT = (
    "“Perhaps affected”: the upstream number lies in the affected range, and the distribution may have fixed it under "
    "the old number; look at its security tracker."
)
_UNKNOWN = "“Version unknown”: the product is named without a version that could be compared."


class AffectedRow(Value):
    """A mention of a product with all vulnerabilities to which it stands the same."""

    where: str
    told: str
    product: str
    """With its version."""
    vulnerabilities: str
    standing: Exposure
    fixed_in: str
    """The version that has none of them any more, `-` where none is known or none is needed."""

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the columns, in their order."""
        return self.where, self.told, self.product, self.vulnerabilities, self.standing.value, self.fixed_in


def affected_rows(places: Iterable[Place]) -> tuple[AffectedRow, ...]:
    """All rows: affected, perhaps affected, not comparable, not affected; in each the exploited and reachable first."""
    groups: dict[tuple[str, int, str, str | None, Exposure], list[Place]] = {}
    for place in places:
        key = (place.file, place.line, place.package, place.version, place.standing)
        groups.setdefault(key, []).append(place)
    return tuple(_row(group) for group in sorted(groups.values(), key=_order))


def notes(rows: Sequence[AffectedRow]) -> tuple[str, ...]:
    """What the table's words mean, and how many rows more there are than it shows."""
    standings = {row.standing for row in rows[:ROWS_TOLD]}
    more = len(rows) - ROWS_TOLD
    lines = [
        f"And {counted(more, 'more row')}; run.json has all of them." if more > 0 else "",
        _BACKPORT if Exposure.PERHAPS in standings else "",
        _UNKNOWN if Exposure.UNKNOWN in standings else "",
    ]
    return tuple(line for line in lines if line)


def _order(group: Sequence[Place]) -> tuple[int, bool, bool]:
    first = group[0]
    return first.standing.rank, not any(place.exploited for place in group), "internet" not in first.text.lower()


def _row(group: Sequence[Place]) -> AffectedRow:
    first = group[0]
    lowest = " (the lowest allowed)" if first.is_lowest_allowed else ""
    return AffectedRow(
        where=f"{first.file}, line {first.line}",
        told=first.told or "-",
        product=f"{first.package} {first.version or ''}".strip() + lowest,
        vulnerabilities=", ".join(_vulnerability(place) for place in group),
        standing=first.standing,
        fixed_in=_fixed_in(group),
    )


def _vulnerability(place: Place) -> str:
    if not place.vulnerability:
        return "none of those known"
    open_ = place.exploited and place.standing is not Exposure.NOT_AFFECTED
    return f"{place.vulnerability} (exploited)" if open_ else place.vulnerability


def _fixed_in(group: Sequence[Place]) -> str:
    """The highest of the fixed versions; a vulnerability without one leaves its range to be told."""
    exposed = [place for place in group if place.standing in (Exposure.AFFECTED, Exposure.PERHAPS)]
    without = [f"outside “{place.affected_range}”" for place in exposed if not place.fixed_in]
    fixed = [place.fixed_in for place in exposed if place.fixed_in]
    upstream = "upstream " if group[0].standing is Exposure.PERHAPS else ""
    highest = [f"{upstream}{max(fixed, key=cmp_to_key(compare))}"] if fixed else []
    return "; ".join(dict.fromkeys([*highest, *without])) or "-"
