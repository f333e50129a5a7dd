"""MITRE ATT&CK's STIX bundles (enterprise, mobile, ICS): techniques, groups, software, campaigns, mitigations, tactics.

A procedure sentence ("APT29 has used ...") stands in full with the one who did it; of the technique it is a line to be
found by. Entries that were revoked live on as second identifiers of their successors; deprecated ones are left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.attack_catalogue import Catalogue, Entry, Link
from workbench.core.knowledge.importers.base import Imported, foreign
from workbench.core.knowledge.importers.sections import Sections, listed
from workbench.core.knowledge.importers.stix import paragraphs, plain, read_bundle, references, text, texts
from workbench.core.knowledge.records import NAMES_HEADING, Record, Relation, RelationKind

EXAMPLES_HEADING = "Procedure examples"
"""Heading of the sentences that tell how somebody used a technique."""

MOST_USERS = 40
"""Groups that a technique's page names; of more it gives the number. Each group's own page names all it uses."""

_USED_HEADINGS = {PassageKind.TECHNIQUE: "Techniques used", PassageKind.SOFTWARE: "Software used"}


class AttackImporter:
    """Reads a bundle such as enterprise-attack.json."""

    name = "attack"
    title = "MITRE ATT&CK"
    files = ("*attack*.json", "*.json")
    address = "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/enterprise-attack/enterprise-attack.json"
    licence = (
        "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation "
        "(https://attack.mitre.org/resources/legal-and-branding/terms-of-use/)."
    )

    def recognises(self, head: bytes) -> bool:
        """Whether it begins like a STIX bundle with MITRE's marks of ATT&CK."""
        return b'"bundle"' in head and (b'"mitre-' in head or b'"x_mitre_' in head) and b'"x_capec_' not in head

    def read(self, data: bytes) -> Imported:
        """A document for each entry that is in force. Raises LoadError for anything but an ATT&CK bundle."""
        catalogue = Catalogue(read_bundle(data, self.title))
        if not any(entry.kind is PassageKind.TECHNIQUE for entry in catalogue.entries.values()):
            raise foreign(self.title, "the bundle has no technique with an id, a name and a description")
        pages = (_document(entry, catalogue) for entry in catalogue.entries.values())
        documents = sorted(pages, key=lambda document: document.path)
        return Imported(catalogue.version, documents, catalogue.notices, catalogue.domain)


def _document(entry: Entry, catalogue: Catalogue) -> LoadedDocument:
    page = Sections()
    page.add("At a glance", "\n".join(_facts(entry, catalogue)))
    page.add("Description", *paragraphs(text(entry.stix, "description")))
    links_out, links_in = catalogue.links_from[entry.ref], catalogue.links_to[entry.ref]
    if entry.kind is PassageKind.TECHNIQUE:
        page.add("Mitigations", *_told(links_in, "mitigates", by_source=True))
        page.add("Detection", *catalogue.detections[entry.ref])
        page.add("Used by", _users(links_in))
    for kind, heading in _USED_HEADINGS.items():
        uses = [link for link in links_out if link.kind == "uses" and link.target.kind is kind]
        page.add(heading, *_told(uses, "uses", by_source=False))
    if entry.kind is PassageKind.SOFTWARE:
        page.add("Used by", _users(links_in))
    page.add("Techniques it makes harder", "\n".join(_names(links_out, "mitigates")))
    page.add("Campaigns", "\n".join(link.source.title for link in links_in if link.kind == "attributed-to"))
    if entry.kind is PassageKind.TACTIC:
        page.add("Techniques", "\n".join(technique.title for technique in catalogue.serving(entry)))
    page.add_sought(NAMES_HEADING, entry.names)
    if entry.kind is PassageKind.TECHNIQUE:
        page.add_sought(EXAMPLES_HEADING, (plain(link.told) for link in links_in if link.kind == "uses"))
    own = Record(id=entry.id, kind=entry.kind, title=entry.title, data=_data(entry))
    former = tuple(Record(id=old, kind=entry.kind, title=entry.title) for old in entry.former)
    return LoadedDocument(
        path=f"{catalogue.folder}/{entry.id}",
        title=entry.title,
        media_type="application/stix+json",
        kind=entry.kind,
        blocks=page.blocks,
        identifiers=(entry.id, *entry.former),
        dated=text(entry.stix, "modified"),
        records=(own, *former),
        relations=tuple(dict.fromkeys(_relations(entry, catalogue))),
    )


def _facts(entry: Entry, catalogue: Catalogue) -> Iterator[str]:
    parent = catalogue.parent(entry)
    yield f"{entry.title}, an ATT&CK {entry.kind}." + (f" A sub-technique of {parent.title}." if parent else "")
    if others := [name for name in entry.names if name not in entry.title]:
        yield f"Also known as {listed(others)}."
    if entry.former:
        yield f"Replaces {listed(entry.former)}, which ATT&CK has revoked."
    if tactics := catalogue.tactics(entry):
        yield f"Tactics: {listed(tactic.title for tactic in tactics)}."
    if platforms := texts(entry.stix, "x_mitre_platforms"):
        yield f"Platforms: {listed(platforms)}."
    first, last = text(entry.stix, "first_seen")[:10], text(entry.stix, "last_seen")[:10]
    if first and last:
        yield f"Seen from {first} to {last}."
    for link in catalogue.links_from[entry.ref]:
        if link.kind == "attributed-to":
            yield f"Attributed to {link.target.title}."


def _data(entry: Entry) -> dict[str, list[str]]:
    found = {
        "platforms": texts(entry.stix, "x_mitre_platforms"),
        "tactics": entry.tactics,
        "aliases": entry.names[1:],
    }
    return {name: values for name, values in found.items() if values}


def _told(links: Iterable[Link], kind: str, *, by_source: bool) -> Iterator[str]:
    """What is said of each relationship, after the title of its other end."""
    for link in links:
        if link.kind == kind:
            other = link.source if by_source else link.target
            told = " ".join(plain(link.told).split())
            yield f"{other.title}: {told}" if told else other.title


def _names(links: Iterable[Link], kind: str) -> Iterator[str]:
    return (link.target.title for link in links if link.kind == kind)


def _users(links: Iterable[Link]) -> str:
    """Groups, then campaigns, by name, and how much software."""
    users = [link.source for link in links if link.kind == "uses"]
    found = sorted(users, key=lambda user: user.kind is not PassageKind.GROUP)
    actors = list(dict.fromkeys(user.title for user in found if user.kind is not PassageKind.SOFTWARE))
    counts = Counter(user.kind for user in users)
    software = f"{counts[PassageKind.SOFTWARE]} software" if counts[PassageKind.SOFTWARE] else ""
    more = f"{len(actors) - MOST_USERS} other groups and campaigns" if len(actors) > MOST_USERS else ""
    return listed(part for part in (*actors[:MOST_USERS], more, software) if part)


_KINDS = {
    "uses": RelationKind.USES,
    "mitigates": RelationKind.MITIGATES,
    "attributed-to": RelationKind.ATTRIBUTED,
    "subtechnique-of": RelationKind.CHILD_OF,
}


def _relations(entry: Entry, catalogue: Catalogue) -> Iterator[Relation]:
    for link in catalogue.links_from[entry.ref]:
        if link.kind in _KINDS:
            yield Relation(source=entry.id, kind=_KINDS[link.kind], target=link.target.id)
    for tactic in catalogue.tactics(entry):
        yield Relation(source=entry.id, kind=RelationKind.SERVES, target=tactic.id)
    for old in entry.former:
        yield Relation(source=old, kind=RelationKind.ALIAS, target=entry.id)
    for pattern in references(entry.stix, "capec"):
        yield Relation(source=pattern, kind=RelationKind.TECHNIQUE, target=entry.id)
