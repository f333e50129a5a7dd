"""Software bills of materials, whichever format they come in: the inventory and its components as documents."""

import re
from collections.abc import Iterable, Iterator

from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.importers.packages import parsed_purl, without_version
from workbench.core.knowledge.records import Record, Relation, RelationKind
from workbench.core.values import Value
from workbench.wording import counted

_SLASHES = re.compile(r"/{2,}|/\.+(?=/|$)")


class Component(Value):
    """One piece of software that an inventory lists; empty is what the inventory does not say."""

    name: str
    version: str = ""
    group: str = ""
    purl: str = ""
    """Its package URL, as it stands in the inventory."""
    cpe: str = ""
    kind: str = ""
    """What it is in the inventory's own word: library, application, operating-system."""
    licences: tuple[str, ...] = ()
    supplier: str = ""
    description: str = ""

    @property
    def package(self) -> str:
        """Its package URL without the version; empty where there is none."""
        return without_version(self.purl)

    @property
    def key(self) -> str:
        """What it is, whatever its version: the same in the next version of the inventory."""
        return self.package or f"{self.kind or 'component'}/{self.group}/{self.name}"

    @property
    def full_name(self) -> str:
        """Name with its group, where the group is part of it."""
        return f"{self.group}/{self.name}" if self.group else self.name


class Inventory(Value):
    """What an inventory says of itself."""

    name: str
    """What it is an inventory of."""
    version: str = ""
    created: str = ""
    format: str
    """The standard with its version: CycloneDX 1.6, SPDX 2.3."""
    media_type: str
    tools: tuple[str, ...] = ()


def as_documents(inventory: Inventory, components: Iterable[Component]) -> Iterator[LoadedDocument]:
    """The inventory, then each component once, by what it is; with its version where there are several.

    Components carry no date, so that an inventory which was only made anew changes none of them.
    """
    known = sorted(set(components), key=lambda each: (each.key, each.version, each.model_dump_json()))
    yield _head(inventory, known)
    versions: dict[str, set[str]] = {}
    for component in known:
        versions.setdefault(component.key, set()).add(component.version)
    for component in known:
        several = len(versions[component.key]) > 1
        yield _row(inventory, component, f"@{component.version}" if several else "")


def _head(inventory: Inventory, components: list[Component]) -> LoadedDocument:
    of = " ".join(part for part in (inventory.name, inventory.version) if part)
    made = f" Made by {', '.join(inventory.tools)}." if inventory.tools else ""
    dated = f" Created {inventory.created[:10]}." if inventory.created else ""
    return LoadedDocument(
        path="sbom/inventory",
        title=f"Inventory of {of}",
        media_type=inventory.media_type,
        blocks=(
            Block(text=f"{inventory.format} inventory of {of}: {counted(len(components), 'component')}.{made}{dated}"),
        ),
        dated=inventory.created,
        records=(
            Record(
                id=f"sbom:{inventory.name}",
                kind=PassageKind.DOCUMENT,
                title=f"Inventory of {of}",
                data=inventory.model_dump(mode="json", exclude_defaults=True),
            ),
        ),
    )


def _row(inventory: Inventory, component: Component, suffix: str) -> LoadedDocument:
    said = f"{component.full_name} {component.version}".strip()
    purl = component.purl if parsed_purl(component.purl) else ""
    target = component.package or component.full_name
    return LoadedDocument(
        path=_SLASHES.sub("/", f"sbom/{component.key}{suffix}").rstrip("/"),
        title=f"{said} in {inventory.name}",
        media_type=inventory.media_type,
        kind=PassageKind.ROW,
        blocks=(Block(text="\n".join(_lines(component)), row_key=purl or said),),
        records=(
            Record(
                id=purl or f"component:{said}",
                kind=PassageKind.ROW,
                title=said,
                data=component.model_dump(mode="json", exclude_defaults=True),
            ),
        ),
        relations=(Relation(source=f"sbom:{inventory.name}", kind=RelationKind.CONTAINS, target=target),),
    )


def _lines(component: Component) -> Iterator[str]:
    version = f" version {component.version}" if component.version else ", version not told"
    yield f"{component.full_name}{version}" + (f" ({component.kind})" if component.kind else "")
    facts = [component.purl, component.cpe]
    facts.append(f"licence {', '.join(component.licences)}" if component.licences else "licence not told")
    facts.append(f"supplier {component.supplier}" if component.supplier else "")
    yield "; ".join(fact for fact in facts if fact)
    if component.description:
        yield component.description
