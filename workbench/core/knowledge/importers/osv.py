"""OSV JSON: one vulnerability, a list of them, an answer of the API, or all of an ecosystem packed.

Source: https://ossf.github.io/osv-schema/ (1.7). GitHub's advisory database is in the same form; see ghsa.py.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.base import Imported, foreign, parse_json, version_order
from workbench.core.knowledge.importers.packages import purl_of, without_version
from workbench.core.knowledge.importers.vulnerability import (
    KEPT_REFERENCES,
    KEPT_VERSIONS,
    AffectedVersions,
    Cvss,
    Lenient,
    VulnerabilityData,
    as_document,
    newest_first,
)

_CWE = re.compile(r"^CWE-\d{1,5}$")
_ID = r"^[A-Za-z0-9][A-Za-z0-9._:\-]{1,79}$"
_VERSIONED = frozenset({"SEMVER", "ECOSYSTEM"})


class _Event(Lenient):
    introduced: str | None = None
    fixed: str | None = None
    last: str | None = Field(None, alias="last_affected")


class _Range(Lenient):
    type: str = ""
    events: tuple[_Event, ...] = ()


class _Package(Lenient):
    ecosystem: str = ""
    name: str = ""
    purl: str = ""


class _Severity(Lenient):
    type: str = ""
    score: str = ""


class _Affected(Lenient):
    package: _Package = _Package()
    ranges: tuple[_Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[_Severity, ...] = ()


class _Reference(Lenient):
    url: str = ""


class _Specific(Lenient):
    severity: Any = ""
    cwe_ids: Any = ()


class OsvVulnerability(Lenient):
    """What is read of one vulnerability in OSV's form."""

    id: str = Field(pattern=_ID)
    modified: str
    published: str = ""
    withdrawn: str = ""
    aliases: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severity: tuple[_Severity, ...] = ()
    affected: tuple[_Affected, ...] = ()
    references: tuple[_Reference, ...] = ()
    specific: _Specific = Field(_Specific(), alias="database_specific")


class OsvImporter:
    """Vulnerabilities of open source packages, from OSV.dev or a database in its form."""

    name = "osv"
    title = "OSV"
    files = ("*.json", "*.zip")
    address = "https://osv-vulnerabilities.storage.googleapis.com/{part}/all.zip"
    licence = (
        "Each database of OSV.dev has its own terms, see https://google.github.io/osv.dev/data/; most are CC-BY 4.0."
    )

    def recognises(self, head: bytes) -> bool:
        """Whether it has the fields that every vulnerability has, and no bundle of STIX or inventory does."""
        fields = (b'"id"', b'"modified"', b'"affected"')
        return all(field in head for field in fields) and b'"bundle"' not in head and b'"vulnStatus"' not in head

    def read(self, data: bytes) -> Imported:
        """All vulnerabilities; one of an unknown shape is left out and told."""
        return read_osv(self.name, self.title, vulnerabilities_in(parse_json(data, self.title)))


def vulnerabilities_in(value: Any) -> list[Any]:
    """The vulnerabilities of a JSON value: itself, the items of a list, or the `vulns` of an answer."""
    if isinstance(value, dict) and isinstance(value.get("vulns"), list):
        return list(value["vulns"])
    return value if isinstance(value, list) else [value]


def read_osv(source: str, title: str, items: Sequence[Any]) -> Imported:
    """Vulnerabilities in OSV's form as documents of `source`. Raises LoadError when none of them is one."""
    known, odd = [], []
    for item in items:
        try:
            known.append(OsvVulnerability.model_validate(item))
        except ValidationError as error:
            odd.append(".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"])) or "its type")
    if not known:
        raise foreign(title, f"{odd[0]} is missing or malformed" if odd else "it is empty")
    notices = [f"{len(odd)} entries were left out, because they are malformed, first at {odd[0]}"] if odd else []
    version = max((each.modified for each in known), key=version_order)
    return Imported(version, (_document(source, each) for each in known), notices)


def _document(source: str, osv: OsvVulnerability) -> LoadedDocument:
    cwes = osv.specific.cwe_ids if isinstance(osv.specific.cwe_ids, list) else []
    vectors = [*osv.severity, *(each for affected in osv.affected for each in affected.severity)]
    data = VulnerabilityData(
        source=source,
        aliases=tuple(dict.fromkeys(alias for alias in (*osv.aliases, *osv.upstream) if alias != osv.id)),
        weaknesses=tuple(dict.fromkeys(cwe for cwe in cwes if isinstance(cwe, str) and _CWE.match(cwe))),
        cvss=newest_first([Cvss.of_vector(each.score) for each in vectors if each.type.startswith("CVSS")]),
        rating=osv.specific.severity.lower() if isinstance(osv.specific.severity, str) else "",
        published=osv.published or osv.modified,
        modified=osv.modified,
        withdrawn=osv.withdrawn,
        affected=tuple(dict.fromkeys(each for affected in osv.affected for each in _ranges(affected))),
        references=tuple(dict.fromkeys(each.url for each in osv.references if each.url))[:KEPT_REFERENCES],
    )
    title = osv.summary or ", ".join(dict.fromkeys(each.package.name for each in osv.affected if each.package.name))
    return as_document(osv.id, title[:300], osv.details or osv.summary, data)


def _ranges(affected: _Affected) -> Iterator[AffectedVersions]:
    """One value for each stretch between two events; commits of git are no versions and are left out."""
    package = affected.package
    purl = without_version(package.purl) or purl_of(package.ecosystem, package.name)
    names = tuple(dict.fromkeys(name for name in (package.name.lower(), _short(package.name)) if name))
    common: dict[str, Any] = {"packages": names, "package": purl, "ecosystem": package.ecosystem}
    found = False
    for each in affected.ranges:
        for bounds in _stretches(each):
            found = True
            yield AffectedVersions(**common, **bounds)
    kept = affected.versions[:KEPT_VERSIONS] if found else affected.versions
    if kept and not found:
        yield AffectedVersions(**common, versions=kept)
    elif not found and names and not affected.ranges:
        yield AffectedVersions(**common)


def _short(name: str) -> str:
    """Maven's artifact without its group."""
    return name.rpartition(":")[2].lower()


def _stretches(versions: _Range) -> Iterator[dict[str, str | None]]:
    """From each `introduced` to the event that ends it."""
    if versions.type not in _VERSIONED:
        return
    start: str | None = None
    for event in versions.events:
        if event.introduced is not None:
            if start is not None:
                yield {"introduced": _from(start)}
            start = event.introduced
        elif start is not None and (event.fixed or event.last):
            yield {"introduced": _from(start), "fixed": event.fixed, "last": None if event.fixed else event.last}
            start = None
    if start is not None:
        yield {"introduced": _from(start)}


def _from(introduced: str) -> str | None:
    """OSV writes 0 for the first version."""
    return None if introduced == "0" else introduced
