"""The objects of an ATT&CK bundle as entries in force and the links between them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.importers.stix import StixObject, plain, references, text, texts
from workbench.wording import counted

KINDS = {
    "attack-pattern": PassageKind.TECHNIQUE,
    "intrusion-set": PassageKind.GROUP,
    "campaign": PassageKind.CAMPAIGN,
    "malware": PassageKind.SOFTWARE,
    "tool": PassageKind.SOFTWARE,
    "course-of-action": PassageKind.MITIGATION,
    "x-mitre-tactic": PassageKind.TACTIC,
}
"""What becomes a record, by its type in STIX."""

ENTERPRISE = "enterprise-attack"
"""The domain whose documents stand directly under attack/; the others have a folder each, as they share entries."""

OWN_IDS = ("mitre-attack", "mitre-mobile-attack", "mitre-ics-attack")
"""Sources under which ATT&CK has given its own ids over time."""

LONGEST_SUCCESSION = 20
"""Revocations followed from an entry to the one in force; the real ones take three at most."""


@dataclass
class Entry:
    """An entry in force."""

    ref: str
    id: str
    kind: PassageKind
    stix: StixObject
    title: str
    """Id and name; of a sub-technique the name of its technique first."""
    names: list[str]
    """What it is called, its own name first."""
    tactics: list[str]
    """Short names of the tactics that it serves."""
    former: list[str] = field(default_factory=list)
    """Ids of revoked entries that it replaces."""


@dataclass(frozen=True)
class Link:
    """A relationship between two entries in force, with what is said of it."""

    kind: str
    source: Entry
    target: Entry
    told: str


class Catalogue:
    """What an ATT&CK bundle says, put in order."""

    def __init__(self, objects: Sequence[StixObject]) -> None:
        self._objects = objects
        self.domain = _domain(objects)
        self.folder = "attack" if self.domain == ENTERPRISE else f"attack/{self.domain}"
        self.version = _version(objects)
        self.entries: dict[str, Entry] = {}
        """The entries in force by their STIX id."""
        self.links_from: dict[str, list[Link]] = defaultdict(list)
        self.links_to: dict[str, list[Link]] = defaultdict(list)
        self.detections: dict[str, list[str]] = defaultdict(list)
        """By technique how to detect it, a text for each platform."""
        self._left_out: Counter[str] = Counter()
        self._read_entries()
        self._read_links()
        self._read_detections()
        self._tactics = {text(e.stix, "x_mitre_shortname"): e for e in self._of(PassageKind.TACTIC)}

    @property
    def notices(self) -> list[str]:
        """What was left out and why, one sentence each."""
        why = {
            "deprecated": "deprecated by MITRE without a successor",
            "incomplete": "without an id or a name",
            "data": "data components and data sources, which only detection strategies refer to",
            "dangling": "relationships with an entry that is not in force",
        }
        return [
            f"{counted(self._left_out[key], 'object')} left out: {reason}."
            for key, reason in why.items()
            if self._left_out[key]
        ]

    def parent(self, entry: Entry) -> Entry | None:
        """The technique of a sub-technique."""
        return next((link.target for link in self.links_from[entry.ref] if link.kind == "subtechnique-of"), None)

    def tactics(self, entry: Entry) -> list[Entry]:
        """The tactics that a technique serves."""
        return [self._tactics[name] for name in entry.tactics if name in self._tactics]

    def serving(self, tactic: Entry) -> list[Entry]:
        """The techniques, without sub-techniques, that serve a tactic."""
        name = text(tactic.stix, "x_mitre_shortname")
        found = (e for e in self._of(PassageKind.TECHNIQUE) if name in e.tactics and self.parent(e) is None)
        return sorted(found, key=lambda technique: technique.id)

    def _of(self, kind: PassageKind) -> Iterator[Entry]:
        return (entry for entry in self.entries.values() if entry.kind is kind)

    def _read_entries(self) -> None:
        revoked: dict[str, str] = {}
        for member in self._objects:
            ref, identifier, name = text(member, "id"), _own_id(member), text(member, "name")
            if member["type"] in {"x-mitre-data-component", "x-mitre-data-source"}:
                self._left_out["data"] += 1
            if member["type"] not in KINDS:
                continue
            if not (ref and identifier and name):
                self._left_out["incomplete"] += 1
            elif member.get("revoked") is True:
                revoked[ref] = identifier
            elif member.get("x_mitre_deprecated") is True:
                self._left_out["deprecated"] += 1
            else:
                self.entries[ref] = _entry(member, ref, identifier, name)
        self._add_former(revoked)

    def _add_former(self, revoked: dict[str, str]) -> None:
        successors = {
            text(member, "source_ref"): text(member, "target_ref") for member in self._relationships("revoked-by")
        }
        ids = {entry.id for entry in self.entries.values()}
        for ref, identifier in revoked.items():
            now = ref
            for _ in range(LONGEST_SUCCESSION):
                now = successors.get(now, "")
                if now in self.entries or not now:
                    break
            successor = self.entries.get(now)
            if successor is None:
                self._left_out["deprecated"] += 1
            elif identifier not in ids and identifier not in successor.former:
                successor.former.append(identifier)
        for entry in self.entries.values():
            entry.former.sort()

    def _relationships(self, kind: str = "") -> Iterator[StixObject]:
        for member in self._objects:
            if member["type"] == "relationship" and (not kind or member.get("relationship_type") == kind):
                yield member

    def _read_links(self) -> None:
        for member in self._relationships():
            kind = text(member, "relationship_type")
            source, target = (self.entries.get(text(member, end)) for end in ("source_ref", "target_ref"))
            if kind in {"revoked-by", "detects"}:
                continue
            if source is None or target is None or member.get("x_mitre_deprecated") is True:
                self._left_out["dangling"] += 1
                continue
            link = Link(kind, source, target, text(member, "description"))
            self.links_from[source.ref].append(link)
            self.links_to[target.ref].append(link)
        for links in self.links_from.values():
            links.sort(key=lambda link: (link.target.id, link.told))
        for links in self.links_to.values():
            links.sort(key=lambda link: (link.source.id, link.told))
        for entry in self._of(PassageKind.TECHNIQUE):
            if parent := self.parent(entry):
                full = f"{parent.names[0]}: {entry.names[0]}"
                entry.title = f"{entry.id} {full}"
                entry.names.append(full)

    def _read_detections(self) -> None:
        """Since ATT&CK 18 a strategy with an analytic for each platform; before that a text of the technique."""
        analytics = {text(m, "id"): m for m in self._objects if m["type"] == "x-mitre-analytic"}
        strategies = {text(m, "id"): m for m in self._objects if m["type"] == "x-mitre-detection-strategy"}
        for ref, entry in self.entries.items():
            if told := plain(text(entry.stix, "x_mitre_detection")):
                self.detections[ref].append(told)
        for member in self._relationships("detects"):
            strategy = strategies.get(text(member, "source_ref"), {})
            for reference in texts(strategy, "x_mitre_analytic_refs"):
                analytic = analytics.get(reference, {})
                platforms = ", ".join(texts(analytic, "x_mitre_platforms"))
                told = " ".join(plain(text(analytic, "description")).split())
                if told:
                    self.detections[text(member, "target_ref")].append(f"{platforms}: {told}" if platforms else told)
        for told_of_one in self.detections.values():
            told_of_one.sort()


def _own_id(member: StixObject) -> str:
    return next((found for source in OWN_IDS for found in references(member, source) if found), "")


def _entry(member: StixObject, ref: str, identifier: str, name: str) -> Entry:
    phases = member.get("kill_chain_phases")
    told = phases if isinstance(phases, list) else []
    tactics = [text(phase, "phase_name") for phase in told if isinstance(phase, dict)]
    others = [*texts(member, "aliases"), *texts(member, "x_mitre_aliases")]
    return Entry(
        ref=ref,
        id=identifier,
        kind=KINDS[member["type"]],
        stix=member,
        title=identifier if name == identifier else f"{identifier} {name}",
        names=list(dict.fromkeys([name, *others])),
        tactics=[tactic for tactic in tactics if tactic],
    )


def _domain(objects: Sequence[StixObject]) -> str:
    found = Counter(domain for member in objects for domain in texts(member, "x_mitre_domains"))
    return min(found, key=lambda domain: (-found[domain], domain)) if found else ENTERPRISE


def _version(objects: Sequence[StixObject]) -> str:
    """The day of the last change: unlike the number of a release every bundle has it, and it orders them all."""
    return max((text(member, "modified")[:10] for member in objects), default="")
