"""MITRE CAPEC's STIX bundle: attack patterns with the weaknesses they rest on and the techniques they are seen as."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.core.evidence import PassageKind, Severity
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.base import Imported, foreign
from workbench.core.knowledge.importers.sections import Sections, listed
from workbench.core.knowledge.importers.stix import StixObject, from_html, read_bundle, references, text, texts
from workbench.core.knowledge.records import NAMES_HEADING, Record, Relation, RelationKind
from workbench.wording import counted

OUT_OF_FORCE = frozenset({"Deprecated", "Obsolete"})

SEVERITIES = {
    "Very High": Severity.HIGH,
    "High": Severity.HIGH,
    "Medium": Severity.MEDIUM,
    "Low": Severity.LOW,
    "Very Low": Severity.LOW,
}
"""CAPEC's typical severities on our scale."""


class CapecImporter:
    """Reads stix-capec.json."""

    name = "capec"
    title = "MITRE CAPEC"
    files = ("*capec*.json", "*.json")
    address = "https://raw.githubusercontent.com/mitre/cti/master/capec/2.1/stix-capec.json"
    licence = (
        "© The MITRE Corporation. CAPEC is free to use by any organization or individual for any research, "
        "development, and/or commercial purposes, per its terms of use (https://capec.mitre.org/about/termsofuse.html)."
    )

    def recognises(self, head: bytes) -> bool:
        """Whether it begins like a STIX bundle with marks of CAPEC."""
        return b'"bundle"' in head and b'"x_capec_' in head

    def read(self, data: bytes) -> Imported:
        """A document for each pattern that is in force. Raises LoadError for anything but a CAPEC bundle."""
        patterns, notices = _patterns(read_bundle(data, self.title))
        if not patterns.by_ref:
            raise foreign(self.title, "the bundle has no attack pattern with a CAPEC id and a name")
        pages = (_document(pattern, patterns) for pattern in patterns.by_ref.values())
        return Imported(patterns.version, sorted(pages, key=lambda page: page.path), notices)


@dataclass(frozen=True)
class _Pattern:
    ref: str
    id: str
    name: str
    stix: StixObject

    @property
    def title(self) -> str:
        return f"{self.id} {self.name}"


@dataclass(frozen=True)
class _Patterns:
    by_ref: dict[str, _Pattern]
    mitigations: dict[str, list[str]]
    version: str

    def titles(self, refs: Iterable[str]) -> list[str]:
        return sorted(self.by_ref[ref].title for ref in refs if ref in self.by_ref)


def _patterns(objects: Sequence[StixObject]) -> tuple[_Patterns, list[str]]:
    """The patterns in force with their mitigations, and what was left out."""
    by_ref: dict[str, _Pattern] = {}
    incomplete = old = 0
    members = [member for member in objects if member["type"] == "attack-pattern"]
    for member in members:
        identifier = next((found for found in references(member, "capec") if found.startswith("CAPEC-")), "")
        pattern = _Pattern(text(member, "id"), identifier, text(member, "name"), member)
        if not (pattern.ref and pattern.id and pattern.name):
            incomplete += 1
        elif text(member, "x_capec_status") in OUT_OF_FORCE or member.get("revoked") is True:
            old += 1
        else:
            by_ref[pattern.ref] = pattern
    reasons = ((old, "deprecated by MITRE, which keeps no text of them"), (incomplete, "without an id or a name"))
    notices = [f"{counted(count, 'attack pattern')} left out: {why}." for count, why in reasons if count]
    version = max((text(member, "x_capec_version") for member in members), default="", key=_number)
    return _Patterns(by_ref, _mitigations(objects), version), notices


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _mitigations(objects: Sequence[StixObject]) -> dict[str, list[str]]:
    """By pattern what makes it harder."""
    told = {text(m, "id"): from_html(text(m, "description")) for m in objects if m["type"] == "course-of-action"}
    found: dict[str, list[str]] = defaultdict(list)
    for member in objects:
        if member["type"] == "relationship" and member.get("relationship_type") == "mitigates":
            found[text(member, "target_ref")].append(told.get(text(member, "source_ref"), ""))
    return {ref: sorted(filter(None, dict.fromkeys(texts_of_one))) for ref, texts_of_one in found.items()}


def _document(pattern: _Pattern, patterns: _Patterns) -> LoadedDocument:
    stix = pattern.stix
    page = Sections()
    page.add("At a glance", "\n".join(_facts(pattern, patterns)))
    page.add("Description", from_html(text(stix, "description")), from_html(text(stix, "x_capec_extended_description")))
    page.add("Execution flow", from_html(text(stix, "x_capec_execution_flow")).removeprefix("Execution Flow\n"))
    page.add("Prerequisites", *map(from_html, texts(stix, "x_capec_prerequisites")))
    page.add("Skills required", *_by_level(stix, "x_capec_skills_required"))
    page.add("Resources required", *map(from_html, texts(stix, "x_capec_resources_required")))
    page.add("Consequences", *_by_level(stix, "x_capec_consequences"))
    page.add("Mitigations", *patterns.mitigations.get(pattern.ref, []))
    page.add("Examples", *map(from_html, texts(stix, "x_capec_example_instances")))
    page.add_sought(NAMES_HEADING, (pattern.name, *texts(stix, "x_capec_alternate_terms")))
    severity = SEVERITIES.get(text(stix, "x_capec_typical_severity"))
    return LoadedDocument(
        path=f"capec/{pattern.id}",
        title=pattern.title,
        media_type="application/stix+json",
        kind=PassageKind.PATTERN,
        blocks=page.blocks,
        identifiers=(pattern.id,),
        dated=text(stix, "modified"),
        records=(Record(id=pattern.id, kind=PassageKind.PATTERN, title=pattern.title, severity=severity),),
        relations=tuple(dict.fromkeys(_relations(pattern, patterns))),
    )


def _facts(pattern: _Pattern, patterns: _Patterns) -> Iterator[str]:
    stix = pattern.stix
    abstraction = text(stix, "x_capec_abstraction").lower()
    yield f"{pattern.title}, {'a ' + abstraction if abstraction else 'an'} attack pattern of CAPEC."
    if terms := texts(stix, "x_capec_alternate_terms"):
        yield f"Also known as {listed(terms)}."
    for key, words in (("x_capec_typical_severity", "Severity"), ("x_capec_likelihood_of_attack", "Likelihood")):
        if value := text(stix, key):
            yield f"{words}: {value.lower()}."
    kin = (
        ("x_capec_child_of_refs", "A kind of"),
        ("x_capec_can_precede_refs", "Can come before"),
        ("x_capec_can_follow_refs", "Can come after"),
    )
    for key, words in kin:
        if titles := patterns.titles(texts(stix, key)):
            yield f"{words} {listed(titles)}."
    if weaknesses := references(stix, "cwe"):
        yield f"Takes advantage of {listed(weaknesses)}."
    if techniques := references(stix, "ATTACK"):
        yield f"Seen as ATT&CK {listed(techniques)}."


def _by_level(stix: StixObject, key: str) -> Iterator[str]:
    """What a mapping tells, a line for each of its keys."""
    told = stix.get(key)
    levels = told if isinstance(told, dict) else {}
    for level in levels:
        if values := texts(levels, level):
            yield f"{str(level).replace('_', ' ')}: {listed(map(from_html, values))}"


def _relations(pattern: _Pattern, patterns: _Patterns) -> Iterator[Relation]:
    for weakness in references(pattern.stix, "cwe"):
        yield Relation(source=weakness, kind=RelationKind.PATTERN, target=pattern.id)
    for technique in references(pattern.stix, "ATTACK"):
        yield Relation(source=pattern.id, kind=RelationKind.TECHNIQUE, target=technique)
    for ref in texts(pattern.stix, "x_capec_child_of_refs"):
        if ref in patterns.by_ref:
            yield Relation(source=pattern.id, kind=RelationKind.CHILD_OF, target=patterns.by_ref[ref].id)
