"""Which importers there are, by name and by what a file begins with. Their modules are imported when they are asked."""

import importlib
from dataclasses import dataclass

from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.importers.base import Importer


@dataclass(frozen=True)
class Entry:
    """One importer, and where its documents go."""

    name: str
    importer: str
    """`module:class` under workbench.core.knowledge.importers."""
    named_by_file: bool = False
    """Whether a file without a name of its own counts as a version of what its file name says: of one kind the
    library then holds several, such as the years of NVD."""
    room: str = ""
    """`sbom` when every import has a collection of its own, sbom/NAME; empty when all go into that of the kind."""

    def collection(self, name: str) -> str:
        """The collection that a file called `name` goes into."""
        return f"{self.room}/{name}" if self.room else self.name


ENTRIES = (
    Entry("attack", "attack:AttackImporter"),
    Entry("capec", "capec:CapecImporter"),
    Entry("cwe", "cwe:CweImporter"),
    Entry("kev", "kev:KevImporter"),
    Entry("nvd", "nvd:NvdImporter", named_by_file=True),
    Entry("ghsa", "ghsa:GhsaImporter", named_by_file=True),
    Entry("osv", "osv:OsvImporter", named_by_file=True),
    Entry("sarif", "sarif:SarifImporter", named_by_file=True, room="sarif"),
    Entry("cyclonedx", "cyclonedx:CycloneDxImporter", named_by_file=True, room="sbom"),
    Entry("spdx", "spdx:SpdxImporter", named_by_file=True, room="sbom"),
)
"""All importers. The first that recognises a file reads it: a GitHub advisory is OSV as well."""

NAMES = tuple(entry.name for entry in ENTRIES)


def entry_of(name: str) -> Entry:
    """The entry of an importer's name. Raises LoadError when there is none."""
    for entry in ENTRIES:
        if entry.name == name:
            return entry
    raise LoadError(f"There is no importer named {name}; use one of {', '.join(NAMES)}")


def importer_of(name: str) -> Importer:
    """The importer of that name. Raises LoadError when there is none."""
    module, _, kind = entry_of(name).importer.partition(":")
    importer: Importer = getattr(importlib.import_module(f"workbench.core.knowledge.importers.{module}"), kind)()
    return importer


def recognise(head: bytes) -> str | None:
    """The name of the importer for a file that begins with `head`; None when no importer knows it."""
    return next((entry.name for entry in ENTRIES if importer_of(entry.name).recognises(head)), None)
