"""Typed records of the library: what has an identifier, and how one of them bears on another. Light to import."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from workbench.core.evidence import PassageKind, Severity
from workbench.core.values import Value

RECORD_KINDS = frozenset(PassageKind) - {PassageKind.DOCUMENT, PassageKind.CODE, PassageKind.ROW}
"""Kinds of documents that describe one record each, named by the document's first identifier."""


NAMES_HEADING = "Names"
"""Heading of the lines in a record's document that are its names: each is searched for by itself."""


class RelationKind(StrEnum):
    """What a record is to another, read from the first to the second."""

    CHILD_OF = "child of"
    """A weakness of a broader one, a sub-technique of its technique."""
    WEAKNESS = "has weakness"
    """A vulnerability or a pattern, and the CWE that it rests on."""
    PATTERN = "attacked by"
    """A weakness, and the CAPEC pattern that takes advantage of it."""
    TECHNIQUE = "used as"
    """A CAPEC pattern, and the ATT&CK technique that it is seen as."""
    ALIAS = "also known as"
    """Two identifiers of one thing: a GitHub advisory and its CVE."""
    AFFECTS = "affects"
    """A vulnerability, and the package that it affects, as a package URL without its version."""
    PREVENTS = "prevents"
    """A recipe, and the weakness that it prevents."""
    CONTAINS = "contains"
    """An inventory, and the package that it lists, as a package URL."""
    USES = "uses"
    """A group, campaign or software, and the technique or software that it uses."""
    MITIGATES = "mitigates"
    """A mitigation, and the technique that it makes harder."""
    SERVES = "serves"
    """A technique, and the tactic that it serves."""
    ATTRIBUTED = "attributed to"
    """A campaign, and the group behind it."""


class Relation(Value):
    """That the record `source` bears on `target`; the library need not have the target."""

    source: str
    kind: RelationKind
    target: str


class Record(Value):
    """A weakness, technique, pattern, vulnerability or recipe, by its identifier (CWE-79, T1059, CVE-2021-44228)."""

    id: str
    kind: PassageKind
    title: str
    data: dict[str, Any] = Field(default_factory=dict)
    document_id: str = ""
    severity: Severity | None = None
    """How bad it is by its source; `critical` counts as high. None where the source does not say."""
