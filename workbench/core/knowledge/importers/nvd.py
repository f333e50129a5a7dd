"""NVD in its 2.0 JSON: pages of the CVE API and the yearly feeds, which have the same form.

Source: https://nvd.nist.gov/developers/vulnerabilities and https://csrc.nist.gov/schema/nvd/api/2.0. Entries are read
one after the other, since a year of them takes gigabytes as objects.
"""

import re
from collections.abc import Iterator

from pydantic import Field, ValidationError

from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.base import HEAD_BYTES, Imported, fields_of, foreign
from workbench.core.knowledge.importers.vulnerability import (
    KEPT_REFERENCES,
    AffectedVersions,
    Cvss,
    Lenient,
    VulnerabilityData,
    as_document,
    newest_first,
)

_CWE = re.compile(r"^CWE-\d{1,5}$")
_CVE = r"^CVE-\d{4}-\d{4,19}$"
_UNESCAPED = re.compile(r"\\(.)")
_CPE_FIELDS = re.compile(r"(?<!\\):")


class _Text(Lenient):
    lang: str = ""
    value: str = ""


class _Weakness(Lenient):
    description: tuple[_Text, ...] = ()


class _CvssData(Lenient):
    version: str = ""
    vector: str = Field("", alias="vectorString")
    score: float | None = Field(None, alias="baseScore")
    rating: str = Field("", alias="baseSeverity")


class _Metric(Lenient):
    type: str = ""
    data: _CvssData = Field(alias="cvssData")
    rating: str = Field("", alias="baseSeverity")
    """Version 2 has its rating here."""


class _Metrics(Lenient):
    v40: tuple[_Metric, ...] = Field((), alias="cvssMetricV40")
    v31: tuple[_Metric, ...] = Field((), alias="cvssMetricV31")
    v30: tuple[_Metric, ...] = Field((), alias="cvssMetricV30")
    v2: tuple[_Metric, ...] = Field((), alias="cvssMetricV2")


class _Match(Lenient):
    vulnerable: bool = False
    criteria: str = ""
    introduced: str | None = Field(None, alias="versionStartIncluding")
    after: str | None = Field(None, alias="versionStartExcluding")
    fixed: str | None = Field(None, alias="versionEndExcluding")
    last: str | None = Field(None, alias="versionEndIncluding")


class _Node(Lenient):
    negate: bool = False
    matches: tuple[_Match, ...] = Field((), alias="cpeMatch")


class _Configuration(Lenient):
    nodes: tuple[_Node, ...] = ()


class _Reference(Lenient):
    url: str = ""


class _Cve(Lenient):
    id: str = Field(pattern=_CVE)
    published: str = ""
    modified: str = Field("", alias="lastModified")
    status: str = Field("", alias="vulnStatus")
    exploited: str = Field("", alias="cisaExploitAdd")
    name: str = Field("", alias="cisaVulnerabilityName")
    descriptions: tuple[_Text, ...] = ()
    metrics: _Metrics = _Metrics()
    weaknesses: tuple[_Weakness, ...] = ()
    configurations: tuple[_Configuration, ...] = ()
    references: tuple[_Reference, ...] = ()


class _Item(Lenient):
    cve: _Cve


class NvdImporter:
    """CVE entries of the National Vulnerability Database."""

    name = "nvd"
    title = "NVD"
    files = ("*.json", "*.json.gz", "*.zip")
    address = "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{part}.json.gz"
    licence = "Public domain; this product uses data from the NVD API but is not endorsed or certified by the NVD."

    def recognises(self, head: bytes) -> bool:
        """Whether it names its format, or has an entry of it."""
        return b'"NVD_CVE"' in head or (b'"sourceIdentifier"' in head and b'"vulnStatus"' in head)

    def read(self, data: bytes) -> Imported:
        """All CVE entries but those that were rejected; one of an unknown shape is left out and told."""
        if b'"NVD_CVE"' not in data:
            old = "it is of the form 1.1, which NVD gave up in 2023" if b'"CVE_Items"' in data[:HEAD_BYTES] else ""
            raise foreign(self.title, old or "it does not call itself NVD_CVE")
        imported = Imported(version="", documents=())
        imported.documents = self._documents(data, imported)
        return imported

    def _documents(self, data: bytes, imported: Imported) -> Iterator[LoadedDocument]:
        rejected, odd = 0, []
        for name, value in fields_of(data, self.title, "vulnerabilities"):
            if name == "timestamp" and isinstance(value, str):
                imported.version = value
            if name != "vulnerabilities":
                continue
            try:
                cve = _Item.model_validate(value).cve
            except ValidationError as error:
                odd.append(".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"])))
                continue
            if cve.status == "Rejected":
                rejected += 1
            else:
                yield _document(cve)
        if rejected:
            imported.notices.append(f"{rejected} CVE entries were left out, because NVD rejected them")
        if odd:
            imported.notices.append(
                f"{len(odd)} CVE entries were left out, because they are malformed, first at {odd[0]}"
            )


def _document(cve: _Cve) -> LoadedDocument:
    affected = tuple(dict.fromkeys(_affected(cve)))
    data = VulnerabilityData(
        source="nvd",
        weaknesses=tuple(
            dict.fromkeys(
                text.value for weakness in cve.weaknesses for text in weakness.description if _CWE.match(text.value)
            )
        ),
        cvss=newest_first(_ratings(cve.metrics)),
        published=cve.published,
        modified=cve.modified,
        exploited=cve.exploited,
        affected=affected,
        references=tuple(dict.fromkeys(each.url for each in cve.references if each.url))[:KEPT_REFERENCES],
    )
    text = next((each.value for each in cve.descriptions if each.lang == "en"), "")
    text = text or next((each.value for each in cve.descriptions), "")
    products = list(dict.fromkeys(each.packages[-1] for each in affected))
    title = cve.name or ", ".join(products[:3]) + (" and others" if len(products) > 3 else "")
    return as_document(cve.id, title, text, data)


def _ratings(metrics: _Metrics) -> Iterator[Cvss]:
    """NVD's own (Primary) goes before that of whoever assigned the CVE."""
    for version, group in (("4.0", metrics.v40), ("3.1", metrics.v31), ("3.0", metrics.v30), ("2.0", metrics.v2)):
        for metric in sorted(group, key=lambda metric: metric.type != "Primary"):
            rated = metric.data
            told = (rated.rating or metric.rating).lower()
            yield Cvss(version=version, vector=rated.vector, score=rated.score, rating=told)


def _affected(cve: _Cve) -> Iterator[AffectedVersions]:
    """What is vulnerable; what it only runs on has `vulnerable` false."""
    for configuration in cve.configurations:
        for node in configuration.nodes:
            for match in node.matches:
                if match.vulnerable and not node.negate and (affected := _of_match(match)):
                    yield affected


def _of_match(match: _Match) -> AffectedVersions | None:
    """A CPE name (2.3 formatted string: part, vendor, product, version, update) with its range."""
    fields = [_UNESCAPED.sub(r"\1", field) for field in _CPE_FIELDS.split(match.criteria)]
    if len(fields) < 6 or fields[:2] != ["cpe", "2.3"]:
        return None
    _, _, part, vendor, product, version = fields[:6]
    update = fields[6] if len(fields) > 6 and fields[6] not in {"*", "-"} else ""
    bounds = {"introduced": match.introduced, "after": match.after, "fixed": match.fixed, "last": match.last}
    single = version not in {"*", "-"} and not any(bounds.values())
    return AffectedVersions(
        packages=(product.lower(), f"{vendor} {product}".replace("_", " ").lower()),
        package=f"cpe:2.3:{part}:{vendor}:{product}",
        versions=(f"{version} {update}".strip(),) if single else (),
        **bounds,
    )
