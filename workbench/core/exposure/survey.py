"""Compares what is attached with what vulnerabilities affect: package names and versions, line by line.

Only what the task brought is looked at: an inventory, a list of requirements, code. Nothing is looked up on any
machine. Everything is compared with all vulnerabilities of the shelf; what has the name but a version outside the
range, or no version, is told apart from what is affected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from workbench.core.evidence import Exposure, Finding, Place, Severity
from workbench.core.exposure.mentions import MAX_LINES, Mention, NameIndex, mentions, plain_name
from workbench.core.exposure.versions import has_security_revision, is_affected
from workbench.core.knowledge.shelf import load_vulnerability, vulnerabilities
from workbench.core.knowledge.shelf_entries import Affected, Vulnerability
from workbench.core.tasks import CodeUnit

__all__ = ["MAX_LINES", "Standing", "as_finding", "range_words", "survey"]

SURE = 0.9
"""Confidence in a version that stands beside its package's name."""

LOWEST_ALLOWED = 0.7
"""Confidence where a requirement was compared by the lowest version it allows: a newer one may be installed."""

BACKPORTED = 0.5
"""Confidence in the upstream number of a build that its distribution updated: it mends under the old number."""


@dataclass(frozen=True)
class Standing:
    """How a version stands to one vulnerability: the range it lies in, if any, and the first version after it."""

    vulnerability: Vulnerability
    exposure: Exposure
    hit: Affected | None = None
    fixed_in: str = ""


@dataclass(frozen=True)
class _Catalogue:
    index: NameIndex
    by_name: dict[str, tuple[tuple[Vulnerability, tuple[Affected, ...]], ...]]


@cache
def _catalogue() -> _Catalogue:
    """All names of the shelf's vulnerabilities, with the ranges that each name has in each of them."""
    by_name: dict[str, dict[str, list[Affected]]] = {}
    for vulnerability in vulnerabilities():
        for affected in vulnerability.affected:
            for name in {plain_name(name) for name in affected.packages}:
                by_name.setdefault(name, {}).setdefault(vulnerability.id, []).append(affected)
    known = {vulnerability.id: vulnerability for vulnerability in vulnerabilities()}
    return _Catalogue(
        NameIndex(by_name),
        {name: tuple((known[cve], tuple(ranges)) for cve, ranges in found.items()) for name, found in by_name.items()},
    )


def survey(units: Sequence[CodeUnit], known: Sequence[Vulnerability] = ()) -> list[Place]:
    """Everything attached compared with the whole shelf, in the order of files and lines.

    Told are the vulnerabilities `known` to matter, with all their places, and of the others those that affect some
    place whose version stands beside the name. A version that nothing known affects is told once, without one.
    """
    asked = {vulnerability.id for vulnerability in known}
    found = mentions(units, _catalogue().index)
    beside = {(mention.names, mention.version) for mention in found}
    compared = {key: _standings(*key) for key in beside | {(m.names, m.version or m.loose) for m in found}}
    told = asked | {
        standing.vulnerability.id
        for key in beside
        for standing in compared[key]
        if standing.exposure in {Exposure.AFFECTED, Exposure.PERHAPS}
    }
    places = [place for mention in found for place in _places(mention, compared, asked, told)]
    return list(dict.fromkeys(places))


def _standings(names: Sequence[str], version: str | None) -> list[Standing]:
    """How a version of a package stands to each vulnerability that knows one of its names."""
    ranges: dict[str, tuple[Vulnerability, list[Affected]]] = {}
    for name in names:
        for vulnerability, affected in _catalogue().by_name[name]:
            ranges.setdefault(vulnerability.id, (vulnerability, []))[1].extend(affected)
    return [_standing(version, vulnerability, affected) for vulnerability, affected in ranges.values()]


def _standing(version: str | None, vulnerability: Vulnerability, ranges: Sequence[Affected]) -> Standing:
    """A product with several branches has a range for each: a version in any of them is affected."""
    if version is None:
        return Standing(vulnerability, Exposure.UNKNOWN)
    hits = [affected for affected in ranges if is_affected(version, affected)]
    if not hits:
        return Standing(vulnerability, Exposure.NOT_AFFECTED)
    sure = [hit for hit in hits if not _may_be_mended(version, hit)]
    hit = (sure or hits)[0]
    return Standing(vulnerability, Exposure.AFFECTED if sure else Exposure.PERHAPS, hit, _first_fixed(hit, ranges))


def _may_be_mended(version: str, hit: Affected) -> bool:
    """Whether a distribution may have mended this build; a range that counts its revisions says it surely."""
    return has_security_revision(version) and not has_security_revision(hit.fixed or hit.last or "")


def _first_fixed(hit: Affected, ranges: Sequence[Affected]) -> str:
    """The first version after the range; where the next branch is affected from there on, the one after that."""
    for _ in ranges:
        following = next((other for other in ranges if hit.fixed and is_affected(hit.fixed, other)), None)
        if following is None:
            break
        hit = following
    return hit.fixed or ""


def _places(
    mention: Mention,
    compared: dict[tuple[tuple[str, ...], str | None], list[Standing]],
    asked: set[str],
    told: set[str],
) -> Iterator[Place]:
    exact = {standing.vulnerability.id: standing for standing in compared[mention.names, mention.version]}
    any_ = compared[mention.names, mention.version or mention.loose]
    found = False
    for loose in any_:
        cve = loose.vulnerability.id
        if cve in asked:
            found = True
            yield _place(mention, mention.version or mention.loose, loose)
        elif cve in told and (mention.version or mention.is_whole):
            found = True
            yield _place(mention, mention.version, exact[cve])
    if not found and mention.version:
        yield _place(mention, mention.version, None)


def _place(mention: Mention, version: str | None, standing: Standing | None) -> Place:
    hit = standing.hit if standing else None
    return Place(
        file=mention.file,
        line=mention.line,
        text=mention.text,
        told=mention.told,
        package=mention.shown,
        version=version,
        standing=standing.exposure if standing else Exposure.NOT_AFFECTED,
        vulnerability=standing.vulnerability.id if standing else "",
        affected_range=range_words(hit) if hit else "",
        fixed_in=standing.fixed_in if standing else "",
        exploited=standing is not None and standing.vulnerability.kev_added is not None,
        is_lowest_allowed=mention.is_lowest_allowed and version is not None,
    )


def range_words(affected: Affected) -> str:
    """A range without its packages: `from 2.13.0 before 2.16.0`."""
    start = f"from {affected.introduced}" if affected.introduced else ""
    end = f"before {affected.fixed}" if affected.fixed else f"up to and including {affected.last}"
    if not affected.fixed and not affected.last:
        end = "" if start else "all versions"
    return f"{start} {end}".strip()


def as_finding(place: Place) -> Finding:
    """An affected place as a finding; its weakness is the vulnerability's first."""
    vulnerability = load_vulnerability(place.vulnerability)
    assert vulnerability is not None  # places are made from the shelf's vulnerabilities
    perhaps = place.standing is Exposure.PERHAPS
    lowest = " The lowest version that the requirement allows was compared." if place.is_lowest_allowed else ""
    exploited = " It is known to be exploited." if place.exploited else ""
    lies = (
        f"{vulnerability.name}. {place.version} lies in the affected range {place.affected_range}.{lowest}{exploited}"
    )
    return Finding(
        rule=f"exposure:{place.vulnerability}",
        cwe=vulnerability.weaknesses[0],
        title=f"{place.package} {place.version} {'may be' if perhaps else 'is'} affected by {place.vulnerability}",
        severity=Severity.MEDIUM if perhaps else Severity.HIGH,
        confidence=BACKPORTED if perhaps else LOWEST_ALLOWED if place.is_lowest_allowed else SURE,
        file=place.file,
        line_start=place.line,
        line_end=place.line,
        excerpt=place.text,
        explanation=f"{lies} {_BACKPORT}" if perhaps else lies,
        fix=_fix(place),
        witnesses=("exposure check",),
    )


_BACKPORT = (
    "That is only its upstream number: the build carries its distribution's mark of an update, and the distribution "
    "may have fixed it under the old number, so this is not sure."
)


def _fix(place: Place) -> str:
    fixed = f"upstream fixed it in {place.fixed_in}" if place.fixed_in else "the affected range names no fixed version"
    if place.standing is Exposure.PERHAPS:
        return f"Look in the distribution's security tracker which build fixes {place.vulnerability}; {fixed}."
    outside = f"Move to a version outside the affected range ({place.affected_range}), which names no fixed one"
    move = f"Move to {place.fixed_in} or later" if place.fixed_in else outside
    return f"{move}. What else to do stands in the entry of {place.vulnerability}."
