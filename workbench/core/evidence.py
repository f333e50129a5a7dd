"""What is found: passages in sources, weaknesses in code, and the citations that tie claims to passages."""

import hashlib
from enum import StrEnum

from pydantic import Field

from workbench.core.values import Value


class Severity(StrEnum):
    """How bad a finding is if it is real."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for low to 2 for high, to compare and sort by."""
        return ("low", "medium", "high").index(self.value)


class PassageKind(StrEnum):
    """What a passage is about; the kinds other than `document`, `code` and `row` are typed records."""

    WEAKNESS = "weakness"
    TECHNIQUE = "technique"
    PATTERN = "pattern"
    VULNERABILITY = "vulnerability"
    RECIPE = "recipe"
    GROUP = "group"
    CAMPAIGN = "campaign"
    SOFTWARE = "software"
    MITIGATION = "mitigation"
    TACTIC = "tactic"
    DOCUMENT = "document"
    CODE = "code"
    ROW = "row"


class Location(Value):
    """Where in a source a passage stands, precise enough to open it there."""

    path: str = ""
    page: int | None = None
    line_start: int | None = None
    line_end: int | None = None
    heading: str = ""
    row_key: str = ""

    def __str__(self) -> str:
        parts = [self.path, self.heading, f"page {self.page}" if self.page else "", self.row_key]
        if self.line_start:
            parts.append(f"lines {self.line_start}-{self.line_end or self.line_start}")
        return ", ".join(part for part in parts if part)


class Passage(Value):
    """A piece of text found in a source. `id` is stable: the same text at the same place has the same id."""

    id: str
    source: str
    document_id: str
    title: str
    text: str
    kind: PassageKind = PassageKind.DOCUMENT
    location: Location = Location()
    identifiers: tuple[str, ...] = ()
    score: float = 0.0
    """Relevance to the question that found it, 0 to 1; comparable within one answer only."""
    also_in: tuple[str, ...] = ()
    """Where else nearly the same text stands."""

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text, to verify a citation later."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Citation(Value):
    """A claim's pointer to a passage. `holds` is what core.citations found: the quoted span is in the passage."""

    claim: str
    passage_id: str
    quote: str
    holds: bool = False


class SourceState(StrEnum):
    """How a source answered."""

    OK = "ok"
    PARTIAL = "partial"
    TIMEOUT = "timeout"
    ERROR = "error"
    SKIPPED = "skipped"


class SourceStatus(Value):
    """What one source answered to one question, also when it failed. `relevance` is its best passage's, 0 to 1."""

    source: str
    state: SourceState
    found: int = 0
    relevance: float = 0.0
    seconds: float = 0.0
    detail: str = ""


class Finding(Value):
    """A weakness at a place in code. Lines count from 1 in the unit named `file`."""

    rule: str
    cwe: str | None
    title: str
    severity: Severity
    confidence: float = Field(ge=0, le=1)
    file: str
    line_start: int = Field(ge=1)
    line_end: int = Field(ge=1)
    excerpt: str
    explanation: str
    fix: str = ""
    witnesses: tuple[str, ...] = ()
    """The analysers that saw it, each once."""

    @property
    def fingerprint(self) -> str:
        """Identity over runs: rule, file and the code itself, but not the line, which moves."""
        code = " ".join(self.excerpt.split())
        return hashlib.sha256(f"{self.rule}\0{self.file}\0{code}".encode()).hexdigest()[:16]


class Exposure(StrEnum):
    """How a place stands to a vulnerability, the worst first."""

    AFFECTED = "affected"
    PERHAPS = "perhaps affected"
    """Its upstream number lies in the range, and a distribution may have fixed it under that number."""
    UNKNOWN = "version unknown"
    NOT_AFFECTED = "not affected"

    @property
    def rank(self) -> int:
        """0 for affected to 3 for not affected, to sort by."""
        return list(Exposure).index(self)


class Place(Value):
    """One mention of a package in what a task brought, compared with one vulnerability."""

    file: str
    line: int
    text: str
    """The line as it stands there."""
    told: str
    """What else the line says: of a table its other columns by name, of other text the line itself, quoted."""
    package: str
    version: str | None
    standing: Exposure
    vulnerability: str = ""
    """Empty: none of the known vulnerabilities of the package affects this version."""
    affected_range: str = ""
    """The range that the version lies in, such as `from 2.13.0 before 2.15.0`; empty when it lies in none."""
    fixed_in: str = ""
    """The first version of its branch without the vulnerability; empty when none is known or none is needed."""
    exploited: bool = False
    """Whether the vulnerability is known to be exploited (CISA's KEV)."""
    is_lowest_allowed: bool = False
    """A requirement (`>=`, `~=`) stands there, and the lowest version that it allows was compared."""


class Briefing(Value):
    """What the library says of one record, in its own words: each point quotes a section, its claim is the heading."""

    title: str
    reached: str
    """Why it is told, in a few words."""
    points: tuple[Citation, ...]


class CodeDraft(Value):
    """Code that the workbench wrote or changed: a draft, or the repair of a unit of the task."""

    name: str
    language: str
    text: str
    basis: str
    """Where it comes from: the recipe, the user's own passage, or the rules that changed it."""
    changes: tuple[str, ...] = ()
    """What was changed, one sentence each."""
    diff: str = ""
    """Unified diff against the original, empty for a new draft."""
