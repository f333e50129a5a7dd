"""GitHub's advisories: its advisory database, which is OSV with GHSA ids, and the form of its REST API.

Sources: https://github.com/github/advisory-database and
https://docs.github.com/rest/security-advisories/global-advisories.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.base import Imported, foreign, parse_json, version_order
from workbench.core.knowledge.importers.osv import read_osv, vulnerabilities_in
from workbench.core.knowledge.importers.packages import purl_of
from workbench.core.knowledge.importers.vulnerability import (
    KEPT_REFERENCES,
    AffectedVersions,
    Cvss,
    Lenient,
    VulnerabilityData,
    as_document,
    newest_first,
)

_OSV_ID = re.compile(rb'"id"\s*:\s*"GHSA-')
_REST_ID = re.compile(rb'"ghsa_id"\s*:\s*"GHSA-')
_EXPORTED = b'"source": "https://github.com/github/advisory-database/'
"""OSV.dev adds this to what it takes over from GitHub; an archive of its holds other databases as well."""

_COMPARISON = re.compile(r"^\s*(>=|<=|>|<|=)\s*(\S+)\s*$")


class _Package(Lenient):
    ecosystem: str = ""
    name: str = ""


class _Vulnerable(Lenient):
    package: _Package = _Package()
    range: str = Field("", alias="vulnerable_version_range")
    fixed: Any = Field(None, alias="first_patched_version")


class _Cwe(Lenient):
    id: str = Field(alias="cwe_id")


class _Rated(Lenient):
    vector: str | None = Field(None, alias="vector_string")
    score: float | None = None


class _Ratings(Lenient):
    v4: _Rated | None = Field(None, alias="cvss_v4")
    v3: _Rated | None = Field(None, alias="cvss_v3")


class _Advisory(Lenient):
    id: str = Field(alias="ghsa_id", pattern=r"^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$")
    cve: str | None = Field(None, alias="cve_id")
    summary: str = ""
    description: str | None = ""
    severity: str = ""
    published: str = Field("", alias="published_at")
    modified: str = Field("", alias="updated_at")
    withdrawn: str | None = Field(None, alias="withdrawn_at")
    vulnerable: tuple[_Vulnerable, ...] | None = Field((), alias="vulnerabilities")
    cwes: tuple[_Cwe, ...] | None = ()
    cvss: _Rated | None = None
    cvss_severities: _Ratings | None = None
    references: tuple[str, ...] | None = ()


class GhsaImporter:
    """Security advisories that GitHub reviewed or took over."""

    name = "ghsa"
    title = "GitHub advisories"
    files = ("*.json", "*.zip")
    address = ""
    licence = "GitHub Advisory Database, CC-BY 4.0."

    def recognises(self, head: bytes) -> bool:
        """Whether an advisory of GitHub begins it, in one of its two forms."""
        if _REST_ID.search(head):
            return True
        return bool(_OSV_ID.search(head)) and b'"modified"' in head and _EXPORTED not in head

    def read(self, data: bytes) -> Imported:
        """All advisories; one of an unknown shape is left out and told."""
        items = vulnerabilities_in(parse_json(data, self.title))
        if any(isinstance(item, dict) and "ghsa_id" in item for item in items):
            return self._read_rest(items)
        return read_osv(self.name, self.title, [item for item in items if _has_ghsa_id(item)])

    def _read_rest(self, items: list[Any]) -> Imported:
        known, odd = [], []
        for item in items:
            try:
                known.append(_Advisory.model_validate(item))
            except ValidationError as error:
                odd.append(".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"])))
        if not known:
            raise foreign(self.title, f"{odd[0] or 'its type'} is missing or malformed")
        notices = [f"{len(odd)} advisories were left out, because they are malformed, first at {odd[0]}"] if odd else []
        version = max((each.modified for each in known), key=version_order)
        return Imported(version, map(_document, known), notices)


def _has_ghsa_id(item: Any) -> bool:
    return isinstance(item, dict) and str(item.get("id", "")).startswith("GHSA-")


def _document(advisory: _Advisory) -> LoadedDocument:
    ratings = advisory.cvss_severities or _Ratings(cvss_v3=advisory.cvss)
    data = VulnerabilityData(
        source="ghsa",
        aliases=(advisory.cve,) if advisory.cve else (),
        weaknesses=tuple(dict.fromkeys(cwe.id for cwe in advisory.cwes or ())),
        cvss=newest_first(list(_ratings(ratings))),
        rating=advisory.severity,
        published=advisory.published,
        modified=advisory.modified,
        withdrawn=advisory.withdrawn or "",
        affected=tuple(dict.fromkeys(map(_affected, advisory.vulnerable or ()))),
        references=tuple(advisory.references or ())[:KEPT_REFERENCES],
    )
    return as_document(advisory.id, advisory.summary[:300], advisory.description or advisory.summary, data)


def _ratings(ratings: _Ratings) -> Iterator[Cvss]:
    for rated in (ratings.v4, ratings.v3):
        if rated is not None and rated.vector:
            own = Cvss.of_vector(rated.vector)
            yield own if rated.score is None or own.score is not None else own.model_copy(update={"score": rated.score})


def _affected(vulnerable: _Vulnerable) -> AffectedVersions:
    """`>= 2.0, < 2.15` and `= 1.4` as one range."""
    package = vulnerable.package
    bounds: dict[str, Any] = {}
    for part in vulnerable.range.split(","):
        if found := _COMPARISON.match(part):
            sign, version = found.groups()
            field = {">=": "introduced", ">": "after", "<": "fixed", "<=": "last", "=": "versions"}[sign]
            bounds[field] = (version,) if field == "versions" else version
    short = package.name.rpartition(":")[2].lower()
    return AffectedVersions(
        packages=tuple(dict.fromkeys((package.name.lower(), short))),
        package=purl_of(package.ecosystem, package.name),
        ecosystem=package.ecosystem,
        **bounds,
    )
