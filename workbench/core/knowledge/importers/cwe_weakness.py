"""A weakness of MITRE's CWE as both of its formats tell it, and the document made of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.importers.sections import Sections, listed, short_names
from workbench.core.knowledge.records import NAMES_HEADING, Record, Relation, RelationKind

RESEARCH_VIEW = "1000"
"""The view whose parents count: it arranges all weaknesses by abstraction."""

MAPPING_VIEW = "1003"
"""The view of those weaknesses that published vulnerabilities are mapped to (Simplified Mapping)."""

OBSERVED_HEADING = "Observed examples"
"""Heading of the sentences that tell of real vulnerabilities with the weakness."""


@dataclass
class Weakness:
    """What the catalogue says of one weakness; a text for each paragraph or entry."""

    id: str
    name: str
    abstraction: str = ""
    status: str = ""
    description: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    """In the research view."""
    mapping_parents: list[str] = field(default_factory=list)
    """In the mapping view."""
    is_mapped: bool = False
    """Whether published vulnerabilities are mapped to it: it is in the mapping view, itself or as a parent."""
    mapped_kinds: int = 0
    """How many weaknesses of the mapping view are kinds of it."""
    other_names: list[str] = field(default_factory=list)
    platforms: list[str] = field(default_factory=list)
    background: list[str] = field(default_factory=list)
    introduction: list[str] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)
    detection: list[str] = field(default_factory=list)
    mitigations: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    observed: list[tuple[str, str]] = field(default_factory=list)
    """CVE id, and what is told of it."""
    patterns: list[str] = field(default_factory=list)
    mapping: list[str] = field(default_factory=list)
    """Whether and how vulnerabilities should be mapped to it."""
    notes: list[str] = field(default_factory=list)
    likelihood: str = ""
    dated: str = ""

    @property
    def title(self) -> str:
        """Id and name."""
        return f"{self.id} {self.name}"

    def document(self, media_type: str) -> LoadedDocument:
        """The weakness as a document: sections to read, its names and its real cases to be found by."""
        page = Sections()
        page.add("At a glance", "\n".join(self._facts()))
        page.add("Description", *self.description)
        page.add("Background", *self.background)
        page.add("Consequences", *self.consequences)
        page.add("How it comes in", *self.introduction)
        page.add("Detection", *self.detection)
        page.add("Mitigations", *self.mitigations)
        page.add("Examples", *self.examples)
        page.add("Mapping", *self.mapping)
        page.add("Notes", *self.notes)
        page.add_sought(NAMES_HEADING, self.names)
        page.add_sought(OBSERVED_HEADING, (f"{told} ({cve})" for cve, told in self.observed))
        record = Record(id=self.id, kind=PassageKind.WEAKNESS, title=self.title, data=self._data())
        return LoadedDocument(
            path=f"cwe/{self.id}",
            title=self.title,
            media_type=media_type,
            kind=PassageKind.WEAKNESS,
            blocks=page.blocks,
            identifiers=(self.id,),
            dated=self.dated,
            records=(record,),
            relations=tuple(dict.fromkeys(self._relations())),
        )

    @property
    def names(self) -> list[str]:
        """What it is called: without the nickname, the nickname, the alternate terms."""
        return list(dict.fromkeys([*short_names(self.name), *self.other_names]))

    def _facts(self) -> Iterator[str]:
        kind = f"{self.abstraction.lower()} weakness" if self.abstraction else "weakness"
        yield f"{self.title}, a {kind} of CWE."
        if self.other_names:
            yield f"Also known as {listed(self.other_names)}."
        if self.parents:
            yield f"A kind of {listed(self.parents)}."
        if self.likelihood:
            yield f"Likelihood of exploit: {self.likelihood.lower()}."
        if self.platforms:
            yield f"Platforms: {listed(self.platforms)}."
        if self.patterns:
            yield f"Attacked by {listed(self.patterns)}."

    def _data(self) -> dict[str, Any]:
        found = {
            "abstraction": self.abstraction.lower(),
            "status": self.status.lower(),
            "mapped": self.is_mapped,
            "mapped_kinds": self.mapped_kinds,
        }
        return {name: value for name, value in found.items() if value}

    def _relations(self) -> Iterator[Relation]:
        for parent in self.parents:
            yield Relation(source=self.id, kind=RelationKind.CHILD_OF, target=parent)
        for pattern in self.patterns:
            yield Relation(source=self.id, kind=RelationKind.PATTERN, target=pattern)
        for cve, _ in self.observed:
            if cve.startswith("CVE-"):
                yield Relation(source=cve, kind=RelationKind.WEAKNESS, target=self.id)
