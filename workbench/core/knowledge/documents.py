"""A document on its way into the library: what a loader reads from it and what the chunker makes of that."""

import hashlib
import re

from pydantic import Field

from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.records import Record, Relation
from workbench.core.values import Value, WorkbenchError

IDENTIFIER = re.compile(
    r"(?<![A-Za-z0-9-])(?:"
    r"CVE-\d{4}-\d{4,19}"
    r"|CWE-\d{1,5}"
    r"|CAPEC-\d{1,4}"
    r"|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}"
    r"|T\d{4}(?:\.\d{3})?"
    r")(?![A-Za-z0-9]|-\d)",
    re.IGNORECASE | re.ASCII,
)
"""Names of records: CVE (4 to 19 digits, CVE record format 5.1), CWE, CAPEC, GitHub advisories (alphabet as documented
at https://docs.github.com/code-security/security-advisories), ATT&CK techniques and sub-techniques."""

ATTACK_ENTRY = re.compile(r"(?<![A-Za-z0-9-])(?:[GSCM]\d{4}|TA\d{4})(?![A-Za-z0-9]|[-.]\d)", re.ASCII)
"""ATT&CK's groups, software, campaigns, mitigations and tactics. They look like much else, so they count as names of
records only where somebody asks the library, in upper case."""

MAX_IDENTIFIERS = 200
"""Most identifiers kept for one text; a longer list is a catalogue, and its chunks carry their own."""


class LoadError(WorkbenchError):
    """A file that cannot be read as a document: which file, why, and what to do, in one sentence."""


class UnknownKindError(LoadError):
    """A file of a kind that no loader reads; it is skipped rather than failed."""


class Block(Value):
    """A piece of a document that belongs together: a paragraph, a function, a row group, a list item.

    Lines count from 1 in the decoded text of the file; `page` counts from 1. Both are None where they mean nothing.
    """

    text: str
    heading: str = ""
    """Path of headings it stands under, outermost first, joined by " > "."""
    page: int | None = Field(default=None, ge=1)
    line_start: int | None = Field(default=None, ge=1)
    line_end: int | None = Field(default=None, ge=1)
    is_heading: bool = False
    """Whether it is the heading itself, as it stands in the document; `heading` then ends with it."""
    row_key: str = ""
    """Which row or element it is, in a table or a JSON document."""
    asks: bool = False
    """Whether each of its lines is a question that the document answers: looked for, but no passage to be shown."""


class LoadedDocument(Value):
    """A document read completely: its text in blocks, in reading order."""

    path: str
    """The file it was read from, or the stable id of a document that is no file."""
    title: str
    media_type: str
    kind: PassageKind = PassageKind.DOCUMENT
    blocks: tuple[Block, ...]
    identifiers: tuple[str, ...] = ()
    """What the document as a whole is about, such as the record it describes; chunks add those in their own text."""
    notices: tuple[str, ...] = ()
    """What could not be read of it, one sentence each; empty when nothing was left out."""
    dated: str = ""
    """When it was written or published, in ISO format (2026-11-23, or with a time); empty where nothing says."""
    records: tuple[Record, ...] = ()
    """The records that it describes; where it has none, a document of a record kind describes its first identifier."""
    relations: tuple[Relation, ...] = ()
    """How its records bear on others."""

    @property
    def text(self) -> str:
        """All of its text, blocks separated by an empty line."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def content_hash(self) -> str:
        """SHA-256 of all that it holds, for documents that are no file; the path is not part of it."""
        return hashlib.sha256(self.model_dump_json(exclude={"path"}).encode("utf-8", "surrogatepass")).hexdigest()


class Chunk(Value):
    """A piece of a document small enough for the embedder. `text` is raw: exactly what stands in the document."""

    ordinal: int = Field(ge=0)
    text: str
    header: str = ""
    """Title and heading path, embedded and indexed in front of the text but not part of what can be quoted."""
    kind: PassageKind = PassageKind.DOCUMENT
    location: Location = Location()
    identifiers: tuple[str, ...] = ()
    asks: bool = False
    """Whether it is a question that the document answers, and nothing that could be shown or cited."""
    tokens: int = Field(default=0, ge=0)
    """What the embedder counts for `embedded_text`; 0 when nobody has counted."""

    @property
    def embedded_text(self) -> str:
        """What the embedder reads: header, then text."""
        return f"{self.header}\n{self.text}" if self.header else self.text


def find_identifiers(text: str) -> tuple[str, ...]:
    """The identifiers of records named in `text` in the canonical spelling, each once, in order of appearance."""
    found: dict[str, None] = {}
    for match in IDENTIFIER.finditer(text):
        found[_canonical(match.group())] = None
        if len(found) == MAX_IDENTIFIERS:
            break
    return tuple(found)


def find_asked_identifiers(question: str) -> tuple[str, ...]:
    """The identifiers in what somebody asks the library: those of `find_identifiers`, then ATT&CK's other entries."""
    return tuple(dict.fromkeys((*find_identifiers(question), *ATTACK_ENTRY.findall(question))))


def _canonical(identifier: str) -> str:
    """Upper case, but GHSA's groups in lower case, as GitHub writes them."""
    upper = identifier.upper()
    return f"GHSA{upper[4:].lower()}" if upper.startswith("GHSA") else upper
