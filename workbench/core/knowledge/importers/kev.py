"""CISA's catalogue of known exploited vulnerabilities (JSON)."""

from collections.abc import Iterator
from typing import Any

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import LoadedDocument, find_identifiers
from workbench.core.knowledge.importers.base import Imported, foreign, parse_json
from workbench.core.knowledge.importers.sections import Sections, listed
from workbench.core.knowledge.importers.stix import text, texts
from workbench.core.knowledge.records import Record, Relation, RelationKind
from workbench.wording import counted


class KevImporter:
    """Reads known_exploited_vulnerabilities.json."""

    name = "kev"
    title = "CISA KEV"
    files = ("known_exploited_vulnerabilities*.json", "*.json")
    address = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
    licence = "Creative Commons Zero 1.0: CISA's Known Exploited Vulnerabilities Catalog, in the public domain."

    def recognises(self, head: bytes) -> bool:
        """Whether it begins like CISA's catalogue."""
        return b'"catalogVersion"' in head or (b'"cveID"' in head and b'"vulnerabilityName"' in head)

    def read(self, data: bytes) -> Imported:
        """A document for each vulnerability. Raises LoadError for anything but the catalogue."""
        catalogue = parse_json(data, self.title)
        rows = catalogue.get("vulnerabilities") if isinstance(catalogue, dict) else None
        if not isinstance(rows, list):
            raise foreign(self.title, "it has no list of vulnerabilities")
        by_id = {_id(row): row for row in rows if isinstance(row, dict) and _id(row)}
        if rows and not by_id:
            raise foreign(self.title, "none of its vulnerabilities has a CVE id")
        lost = sum(not (isinstance(row, dict) and _id(row)) for row in rows)
        notices = [f"{counted(lost, 'entry')} left out: without a CVE id."] if lost else []
        documents = [_document(identifier, by_id[identifier]) for identifier in sorted(by_id)]
        return Imported(text(catalogue, "catalogVersion") or text(catalogue, "dateReleased"), documents, notices)


def _id(row: dict[str, Any]) -> str:
    """The CVE id of a row, empty where it has none."""
    told = text(row, "cveID")
    return told.upper() if told.upper().startswith("CVE-") and find_identifiers(told) == (told.upper(),) else ""


def _document(identifier: str, row: dict[str, Any]) -> LoadedDocument:
    name = text(row, "vulnerabilityName")
    title = f"{identifier} {name}".strip()
    weaknesses = [found for told in texts(row, "cwes") for found in find_identifiers(told)]
    page = Sections()
    page.add("At a glance", "\n".join(_facts(title, row, weaknesses)))
    page.add("Description", text(row, "shortDescription"))
    page.add("What to do", text(row, "requiredAction"))
    page.add("Notes", text(row, "notes").replace(" ; ", "\n"))
    ransomware = text(row, "knownRansomwareCampaignUse")
    data = {"exploited": True, "due": text(row, "dueDate"), "ransomware": ransomware == "Known"}
    return LoadedDocument(
        path=f"kev/{identifier}",
        title=title,
        media_type="application/json",
        kind=PassageKind.VULNERABILITY,
        blocks=page.blocks,
        identifiers=(identifier,),
        dated=text(row, "dateAdded"),
        records=(Record(id=identifier, kind=PassageKind.VULNERABILITY, title=title, data=data),),
        relations=tuple(
            Relation(source=identifier, kind=RelationKind.WEAKNESS, target=weakness)
            for weakness in dict.fromkeys(weaknesses)
        ),
    )


def _facts(title: str, row: dict[str, Any], weaknesses: list[str]) -> Iterator[str]:
    yield f"{title}, known to be exploited."
    if product := " ".join(filter(None, (text(row, "vendorProject"), text(row, "product")))):
        yield f"Product: {product}."
    if added := text(row, "dateAdded"):
        due = text(row, "dueDate")
        yield f"Added to CISA's catalogue on {added}" + (f"; to be remedied by {due}." if due else ".")
    if text(row, "knownRansomwareCampaignUse") == "Known":
        yield "Known to be used in ransomware campaigns."
    if weaknesses:
        yield f"Weaknesses: {listed(weaknesses)}."
