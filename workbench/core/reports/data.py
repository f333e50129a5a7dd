"""What a report says, independent of how it looks: built once from a run, rendered by each format.

It is also the schema of run.json. A new field is additive; a changed or removed one raises SCHEMA_VERSION.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from workbench.core.decisions import Decision, QualityCheck
from workbench.core.evidence import CodeDraft, Finding, Passage, Place, SourceStatus
from workbench.core.plan import StepState
from workbench.core.reports.affected import AffectedRow, affected_rows, notes
from workbench.core.tasks import Limits, TaskKind, Tlp
from workbench.core.values import Value
from workbench.wording import counted

SCHEMA = "analyst-workbench/run"
SCHEMA_VERSION = 1

UNCITED_TOLD = 10
"""Documents found but not cited that a report lists; run.json has all passages."""

GATES_TOLD = 5
"""Gates that a report lists above what they are about; run.json has all."""

RunEnd = Literal["completed", "cancelled", "failed", "unfinished"]


class ReportOptions(Value):
    """What the analyst chooses about a report. Recorded with the run, so that the same report can be made again."""

    organisation: str = Field(default="", max_length=200)
    author: str = Field(default="", max_length=200)
    paper: Literal["a4", "us-letter"] = "a4"


class CodeUnitData(Value):
    """Which code was looked at, so that the reader can tell his own file from another version of it."""

    name: str
    language: str
    lines: int
    sha256: str
    """Of the text in UTF-8."""


class CodeLine(Value):
    """One line of code with its number in the file; `marked` lines are the ones a finding is about."""

    number: int
    text: str
    marked: bool = False


class FindingData(Value):
    """A finding with what the reader needs beside it. `left_out` lines of a long excerpt are not repeated here."""

    number: int
    finding: Finding
    weakness: str
    """Name of its CWE, empty when it has none or the name is unknown."""
    place: str
    lines: tuple[CodeLine, ...]
    left_out: int = 0
    remark: str = ""
    """What is special about it: it is about an earlier draft, or its lines are not in the file."""


class CitationData(Value):
    """Who cited a passage for which claim, and whether the quote was found in it."""

    agent: str
    claim: str
    quote: str
    holds: bool
    in_briefing: bool = False
    """Whether the report shows the quote in a briefing already."""


class PointData(Value):
    """What a passage says under a heading; `number` is the passage's in this report, None when it is not there."""

    heading: str
    quote: str
    number: int | None
    holds: bool


class BriefingData(Value):
    """What the library says of one record that answers the task."""

    title: str
    reached: str
    points: tuple[PointData, ...]


class GateData(Value):
    """A gate of the decision, and the number of its finding in this report when it is there."""

    reason: str
    finding: int | None


class QuoteData(Value):
    """A span quoted from a passage, with everyone who rests a claim on it."""

    quote: str
    holds: bool
    claims: tuple[str, ...]
    """Each with its agent, `research: ...`."""
    in_briefing: bool = False
    """Whether the report shows it in a briefing already."""


class PassageData(Value):
    """A passage with its number in this report; cited ones come first."""

    number: int
    passage: Passage
    place: str
    content_hash: str
    citations: tuple[CitationData, ...] = ()

    @property
    def quotes(self) -> tuple[QuoteData, ...]:
        """The citations, each quote once, in the order in which they were first made."""
        claims: dict[tuple[str, bool], list[str]] = {}
        told: set[str] = set()
        for citation in self.citations:
            claims.setdefault((citation.quote, citation.holds), []).append(f"{citation.agent}: {citation.claim}")
            if citation.in_briefing:
                told.add(citation.quote)
        return tuple(
            QuoteData(quote=quote, holds=holds, claims=tuple(dict.fromkeys(said)), in_briefing=quote in told)
            for (quote, holds), said in claims.items()
        )


class UncitedData(Value):
    """Passages of one document that no claim points to; `relevance` is the best one's."""

    title: str
    kind: str
    source: str
    places: tuple[str, ...]
    relevance: float


class AgentData(Value):
    """One agent's proposal and what it added to the decision.

    `points` are ten times its log-odds for the leading verdict, None while nothing is decided.
    """

    agent: str
    verdict: str
    probability: float
    probabilities: dict[str, float]
    points: float | None = None
    parts: dict[str, float] = Field(default_factory=dict)
    record: str = ""
    independence: float = 1.0
    capped: bool = False
    would_flip: bool = False
    dissents: bool = False
    abstained: bool = False
    """It held all options for equally likely, so its verdict and probability say nothing."""
    rationale: str

    @property
    def says(self) -> str:
        """Its verdict, or that it has none."""
        return "no opinion" if self.abstained else self.verdict

    checks: tuple[QualityCheck, ...] = ()
    lineage: str = ""


class StepData(Value):
    """One step of the plan and how it went; `seconds` is None when it never ended."""

    id: str
    agent: str
    title: str
    goal: str
    inputs: tuple[str, ...]
    state: StepState
    attempt: int
    seconds: float | None
    summary: str = ""
    reason: str = ""


class EgressData(Value):
    """What went to one host for one purpose, all requests together."""

    host: str
    purpose: str
    requests: int
    bytes_sent: int


class NotesData(Value):
    """How many research notes were kept. Their titles and texts are secret and never here."""

    written: int = 0
    waiting: int = 0
    dropped: int = 0


class ReportData(Value):
    """A whole report. Times are UTC and come from the journal; nothing depends on when or where it is made."""

    schema_name: str = Field(default=SCHEMA, serialization_alias="schema")
    schema_version: int = SCHEMA_VERSION
    run_id: str
    title: str
    kind: TaskKind
    description: str
    language: str
    tlp: Tlp
    limits: Limits
    sources_asked: tuple[str, ...] | None
    code: tuple[CodeUnitData, ...]
    organisation: str
    author: str
    paper: str
    started: datetime | None
    ended: datetime | None
    attempt: int
    state: RunEnd
    state_note: str
    """Empty for a completed run; else one sentence that says what this report lacks and why."""
    headline: str
    """The decision in one sentence, or that there is none."""
    standing_note: str
    findings_line: str
    """How many findings there are, by severity."""
    decision: Decision | None
    gates: tuple[GateData, ...]
    gates_line: str = ""
    """What the gates forbid, empty without a gate."""
    verdicts: tuple[str, ...]
    briefings: tuple[BriefingData, ...] = ()
    """What a research task is answered with."""
    places: tuple[Place, ...] = ()
    """What was compared with known vulnerabilities."""
    agents: tuple[AgentData, ...]
    findings: tuple[FindingData, ...]
    """In the task's own code, or in the latest draft."""
    repair_findings: tuple[FindingData, ...] = ()
    """Only in the repaired code, in whose lines they count; numbered after `findings`."""
    drafts: tuple[CodeDraft, ...]
    evidence: tuple[PassageData, ...]
    statuses: tuple[SourceStatus, ...]
    plan_reason: str
    steps: tuple[StepData, ...]
    cautions: tuple[str, ...]
    """What was not looked at, what fell back, what failed: one line each."""
    remarks: tuple[str, ...]
    """Notices of no consequence for the result."""
    egress: tuple[EgressData, ...]
    notes: NotesData
    notes_line: str
    versions: dict[str, str]

    @property
    def more_gates(self) -> str:
        """How many gates more there are than a report lists; empty when it lists all."""
        more = len(self.gates) - GATES_TOLD
        return f"And {more} more, among the findings." if more > 0 else ""

    @property
    def affected(self) -> tuple[AffectedRow, ...]:
        """The compared places as rows, the affected first."""
        return affected_rows(self.places)

    @property
    def affected_notes(self) -> tuple[str, ...]:
        """What the reader of these rows must know."""
        return notes(self.affected)

    @property
    def cited(self) -> tuple[PassageData, ...]:
        """The passages that some claim points to."""
        return tuple(passage for passage in self.evidence if passage.citations)

    @property
    def uncited(self) -> tuple[UncitedData, ...]:
        """The passages found that no claim points to, by document, the most relevant first."""
        documents: dict[tuple[str, str, str], list[PassageData]] = {}
        for item in self.evidence:
            if not item.citations:
                passage = item.passage
                documents.setdefault((passage.source, passage.document_id, passage.title), []).append(item)
        found = [
            UncitedData(
                title=title,
                kind=items[0].passage.kind,
                source=source,
                places=tuple(dict.fromkeys(item.place for item in items if item.place)),
                relevance=max(item.passage.score for item in items),
            )
            for (source, _, title), items in documents.items()
        ]
        return tuple(sorted(found, key=lambda item: -item.relevance))

    @property
    def uncited_line(self) -> str:
        """How many more documents were found than a report lists; empty when it lists all."""
        more = len(self.uncited) - UNCITED_TOLD
        return f"And {counted(more, 'less relevant document')}; run.json has them all." if more > 0 else ""
