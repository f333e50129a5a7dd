"""What the exposure check says, in the stream and in its summary: every count and every name in it is checked."""

from collections.abc import Iterable, Sequence

from workbench.core.evidence import Exposure, Finding, Place
from workbench.core.exposure.survey import range_words
from workbench.core.knowledge.shelf import vulnerabilities
from workbench.core.knowledge.shelf_entries import Vulnerability
from workbench.wording import counted

DESCRIPTION = "description"
"""Name of the unit that holds the task's own sentences."""

EXPOSED = frozenset({Exposure.AFFECTED, Exposure.PERHAPS})

TOLD = 12
"""Places told one by one in the stream, and half as many in the rationale."""

TRACKER = (
    "their upstream number lies in the affected range, but their distribution may have fixed it under the old number: "
    "look at its security tracker"
)


def affects(vulnerability: Vulnerability) -> str:
    """Its packages, each list of names once, with their ranges."""
    ranges: dict[str, list[str]] = {}
    for affected in vulnerability.affected:
        ranges.setdefault(affected.packages[0], []).append(range_words(affected))
    return "; ".join(f"{package} {', '.join(found)}" for package, found in ranges.items())


def spoken(places: Sequence[Place]) -> list[str]:
    """What was compared, as lines for the stream, the affected first."""
    if not places:
        return ["Nothing of what is attached is a product the shelf knows, so nothing could be compared"]
    lines = [f"{len(vulnerabilities())} known vulnerabilities were compared with {_spots(places)}"]
    for place in places[:TOLD]:
        of = f" by {place.vulnerability}" if place.vulnerability else " by any known vulnerability"
        how = (
            "has a version that could not be compared"
            if place.standing is Exposure.UNKNOWN
            else f"is {place.standing}{of}"
        )
        lines.append(f"{place.file}, line {place.line}: {_name(place)} {how}")
    return lines


def summary(known: Sequence[Vulnerability], places: Sequence[Place], weak: Sequence[Finding]) -> list[str]:
    """Sentences: what was compared with what, and what came out."""
    count = len(vulnerabilities())
    if not places:
        lines = [
            f"{count} known vulnerabilities were at hand, but nothing could be compared: nothing of what is attached "
            "is a product the shelf knows, with a version beside it."
        ]
    else:
        lines = [f"{count} known vulnerabilities were compared with {_spots(places)}.", *_told(places)]
    if missing := [v.id for v in known if all(place.vulnerability != v.id for place in places)]:
        lines.append(f"Nothing attached names a package that {' or '.join(missing)} affects.")
    if any(place.is_lowest_allowed for place in places):
        lines.append("Of requirements such as >= and ~= the lowest version that they allow was compared.")
    if weak:
        lines.append(f"The attached code has {counted(len(weak), 'weakness', 'weaknesses')} of the same kind.")
    return lines


def _told(places: Sequence[Place]) -> list[str]:
    by = {standing: [place for place in places if place.standing is standing] for standing in Exposure}
    affected, perhaps = by[Exposure.AFFECTED], by[Exposure.PERHAPS]
    lines = [f"Affected: {_listed(affected)}."] if affected else ["No place is surely affected."]
    if perhaps:
        lines.append(f"Perhaps affected: {_listed(perhaps)}; {TRACKER}.")
    exposed = {_spot(place) for place in (*affected, *perhaps)}
    clear = {_spot(place) for place in by[Exposure.NOT_AFFECTED]} - exposed
    if clear:
        lines.append(f"{counted(len(clear), 'place has a version', 'places have versions')} that none of them affects.")
    if by[Exposure.UNKNOWN]:
        unknown = {_spot(place) for place in by[Exposure.UNKNOWN]}
        lines.append(f"{counted(len(unknown), 'place has', 'places have')} no version that could be compared.")
    return lines


def _listed(places: Sequence[Place]) -> str:
    """Each place once, with all that affects it."""
    found: dict[tuple[str, int, str, str | None], list[Place]] = {}
    for place in places:
        found.setdefault(_spot(place), []).append(place)
    told = [
        f"{_name(group[0])} by {', '.join(dict.fromkeys(place.vulnerability for place in group))} "
        f"({f'{group[0].told}; ' if group[0].told else ''}{group[0].file}, line {group[0].line})"
        for group in list(found.values())[: TOLD // 2]
    ]
    more = f" and {len(found) - len(told)} more" if len(found) > len(told) else ""
    return f"{'; '.join(told)}{more}"


def _name(place: Place) -> str:
    return f"{place.package} {place.version}" if place.version else place.package


def _spots(places: Iterable[Place]) -> str:
    count = len({_spot(place) for place in places})
    return f"{counted(count, 'place that names', 'places that name')} a product the shelf knows"


def _spot(place: Place) -> tuple[str, int, str, str | None]:
    return place.file, place.line, place.package, place.version
