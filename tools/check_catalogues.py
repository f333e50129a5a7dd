"""Compare the shelf with MITRE's and CISA's catalogues as published.

usage: python tools/check_catalogues.py FOLDER [ID ...]

FOLDER holds cwe_details.csv, capec.json and enterprise-attack.json (STIX) and known_exploited_vulnerabilities.json.
Without ids every entry is checked. Prints a line for each mistake; the exit status is 1 when there is one.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.core.knowledge.shelf import read_entries
from workbench.core.knowledge.shelf_entries import Entry, Pattern, Recipe, Technique, Vulnerability, Weakness

CHILD_OF = re.compile(r"NATURE:ChildOf:CWE ID:(\d+):VIEW ID:1000")


class Catalogues:
    """What was published: weaknesses, patterns, techniques, mitigations and exploited vulnerabilities by id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def weaknesses(self) -> dict[str, dict[str, str]]:
        """Rows of MITRE's list by CWE id."""
        with (self._folder / "cwe_details.csv").open(encoding="utf-8", newline="") as file:
            return {f"CWE-{row['CWE-ID']}": row for row in csv.DictReader(file)}

    @cached_property
    def patterns(self) -> dict[str, dict[str, Any]]:
        """Attack patterns by CAPEC id, without those that were withdrawn."""
        return _stix(self._folder / "capec.json", "attack-pattern", "capec")

    @cached_property
    def techniques(self) -> dict[str, dict[str, Any]]:
        """Techniques by ATT&CK id, without those that were withdrawn."""
        return _stix(self._folder / "enterprise-attack.json", "attack-pattern", "mitre-attack")

    @cached_property
    def mitigations(self) -> dict[str, set[str]]:
        """Ids of the mitigations of each technique id."""
        path = self._folder / "enterprise-attack.json"
        names = {item["id"]: key for key, item in _stix(path, "course-of-action", "mitre-attack").items()}
        names |= {item["id"]: key for key, item in self.techniques.items()}
        found: dict[str, set[str]] = {key: set() for key in self.techniques}
        for item in _objects(path):
            if item.get("relationship_type") == "mitigates" and not _withdrawn(item):
                source, target = names.get(item["source_ref"]), names.get(item["target_ref"])
                if source and target in found:
                    found[target].add(source)
        return found

    @cached_property
    def exploited(self) -> dict[str, dict[str, str]]:
        """Rows of CISA's catalogue by CVE id."""
        text = (self._folder / "known_exploited_vulnerabilities.json").read_text(encoding="utf-8")
        return {row["cveID"]: row for row in json.loads(text)["vulnerabilities"]}

    def technique_name(self, identifier: str) -> str:
        """A technique's name, a part's with that of its whole before it, as ATT&CK's pages print it."""
        name = str(self.techniques[identifier]["name"])
        whole, _, part = identifier.partition(".")
        return f"{self.techniques[whole]['name']}: {name}" if part else name


def mistakes(entry: Entry, known: Catalogues) -> Iterator[str]:
    """What an entry says otherwise than the catalogues, a phrase each."""
    match entry:
        case Weakness():
            yield from _weakness(entry, known)
        case Technique():
            yield from _technique(entry, known)
        case Pattern():
            yield from _pattern(entry, known)
        case Vulnerability():
            yield from _vulnerability(entry, known)
        case Recipe():
            yield from _unknown("CWE", entry.prevents, known.weaknesses)


def _weakness(entry: Weakness, known: Catalogues) -> Iterator[str]:
    row = known.weaknesses.get(entry.id)
    if row is None or row["Status"] in {"Deprecated", "Obsolete"}:
        yield "is not in the catalogue"
        return
    yield from _differs("name", entry.name, row["Name"])
    yield from _differs("abstraction", entry.abstraction, row["Weakness Abstraction"].lower())
    parents = {f"CWE-{number}" for number in CHILD_OF.findall(row["Related Weaknesses"])}
    yield from _differs("parents", sorted(entry.parents), sorted(parents))
    yield from _unknown("CAPEC", entry.patterns, known.patterns)
    yield from _unknown("technique", entry.techniques, known.techniques)


def _technique(entry: Technique, known: Catalogues) -> Iterator[str]:
    item = known.techniques.get(entry.id)
    if item is None:
        yield "is not in the catalogue, or was withdrawn"
        return
    tactics = sorted(phase["phase_name"].replace("-", " ") for phase in item["kill_chain_phases"])
    yield from _differs("name", entry.name, known.technique_name(entry.id))
    yield from _differs("tactics", sorted(entry.tactics), tactics)
    yield from _differs("platforms", sorted(entry.platforms), sorted(item["x_mitre_platforms"]))
    yield from _unknown("mitigation", entry.mitigations, known.mitigations[entry.id])
    yield from _unknown("CWE", entry.weaknesses, known.weaknesses)


def _pattern(entry: Pattern, known: Catalogues) -> Iterator[str]:
    item = known.patterns.get(entry.id)
    if item is None:
        yield "is not in the catalogue, or was withdrawn"
        return
    listed = {ref["external_id"] for ref in item["external_references"] if ref["source_name"] == "cwe"}
    yield from _differs("name", entry.name, item["name"])
    yield from _differs("abstraction", entry.abstraction, item["x_capec_abstraction"].lower())
    yield from _unknown("related CWE", entry.weaknesses, listed)
    yield from _unknown("technique", entry.techniques, known.techniques)


def _vulnerability(entry: Vulnerability, known: Catalogues) -> Iterator[str]:
    row = known.exploited.get(entry.id)
    added = row["dateAdded"] if row else None
    yield from _differs("kev_added", entry.kev_added.isoformat() if entry.kev_added else None, added)
    yield from _differs("ransomware", entry.ransomware, bool(row and row["knownRansomwareCampaignUse"] == "Known"))
    yield from _unknown("CWE", entry.weaknesses, known.weaknesses)
    yield from _unknown("technique", entry.techniques, known.techniques)


def _differs(field: str, said: object, published: object) -> Iterator[str]:
    if said != published:
        yield f"says {field} {said!r}, and the catalogue {published!r}"


def _unknown(kind: str, identifiers: tuple[str, ...], known: object) -> Iterator[str]:
    missing = [identifier for identifier in identifiers if identifier not in known]  # type: ignore[operator]
    if missing:
        yield f"names {kind} {', '.join(missing)}, which the catalogue does not have"


def _stix(path: Path, kind: str, source: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for item in _objects(path):
        if item["type"] == kind and not _withdrawn(item):
            ids = [ref["external_id"] for ref in item["external_references"] if ref["source_name"] == source]
            found |= dict.fromkeys(ids, item)
    return found


def _objects(path: Path) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["objects"]
    return objects


def _withdrawn(item: dict[str, Any]) -> bool:
    status = item.get("x_capec_status", "")
    return bool(item.get("revoked") or item.get("x_mitre_deprecated") or status in {"Deprecated", "Obsolete"})


def main() -> int:
    """Check the entries that the command line names, or all."""
    folder, *wanted = sys.argv[1:]
    known = Catalogues(Path(folder))
    entries = [shelved.entry for shelved in read_entries()]
    chosen = [entry for entry in entries if not wanted or entry.id in wanted]
    told = [f"{entry.id} {mistake}" for entry in chosen for mistake in mistakes(entry, known)]
    print("\n".join(told) or f"{len(chosen)} entries agree with the catalogues")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
