"""Findings and evidence of the run on screen: two tables to sort, filter and copy, with the full text beneath."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.core import events as ev
from workbench.core.engine import RunState
from workbench.core.events import RunEvent
from workbench.ui.models.evidence_model import Column as Passage
from workbench.ui.models.evidence_model import EvidenceModel, EvidenceRow, evidence_rows
from workbench.ui.models.findings_model import Column as Finding
from workbench.ui.models.findings_model import FindingRow, FindingsModel
from workbench.ui.models.run_model import RunModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.details_view import DetailsView, Part
from workbench.ui.widgets.filtered_table import FilteredTable
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import plural
from workbench.visible_text import visible
from workbench.wording import percent

_SHOWN_BY = (
    ev.SourceAnswered,
    ev.EvidenceFound,
    ev.PlanMade,
    ev.StepFinished,
    ev.StepFailed,
    ev.StepSkipped,
    ev.ProposalSealed,
    *ev.FINAL,
)
"""Events that can change what this panel shows."""


class EvidencePanel(QWidget):
    """Shows a RunModel and grows with it."""

    open_passage = Signal(str)
    """Id of the passage to open at its place."""

    open_code = Signal(str, int, int, bool)
    """Name of a code unit or draft, first and last line to mark, and whether they are lines of the repaired file."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.findings_model, self.evidence_model = FindingsModel(self), EvidenceModel(self)
        self.findings = FilteredTable(self.findings_model, "findings", "Filter by severity, CWE, place or words")
        self.findings.set_widths(66, 76, 210, 118, 84, 130)
        self.findings.table.horizontalHeader().moveSection(Finding.CWE, Finding.PLACE)
        self.findings.fit(Finding.TITLE, Finding.SEVERITY, Finding.PLACE)
        self.evidence = FilteredTable(self.evidence_model, "evidence", "Filter by kind, source, id or words")
        self.evidence.set_widths(76, 92, 210, 130, 190, 110, 90)
        self.evidence.fit(Passage.TITLE, Passage.RELEVANCE, Passage.KIND)
        self.finding_details = DetailsView("The finding in full")
        self.evidence_details = DetailsView("The passage in full")
        self.sources = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.sources.setAccessibleName("What the sources answered")
        self._lay_out()
        self.findings.chosen.connect(self._show_finding)
        self.evidence.chosen.connect(self._show_passage)
        self.findings.opened.connect(self._open_finding)
        self.evidence.opened.connect(lambda row: self.open_passage.emit(self.evidence_model.row(row).passage.id))
        run.replaced.connect(self._refresh)
        run.grew.connect(self._grow)
        self._refresh()

    def _lay_out(self) -> None:
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName("Findings and evidence")
        self.tabs.setIconSize(QSize(16, 16))
        self.tabs.addTab(_split(self.findings, self.finding_details), "Findings")
        evidence = QWidget()
        inside = QVBoxLayout(evidence)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.sources)
        inside.addWidget(_split(self.evidence, self.evidence_details), 1)
        self.tabs.addTab(evidence, "Evidence")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(self.tabs)

    def _grow(self, event: RunEvent) -> None:
        if isinstance(event.body, _SHOWN_BY):
            self._refresh()

    def _refresh(self) -> None:
        state = self._run.state
        self.findings.say_when_empty(_no_findings(state))
        self.evidence.say_when_empty(_no_evidence(state))
        self.findings_model.set_findings(state.findings, state.repair_findings)
        self.evidence_model.set_rows(evidence_rows(state))
        self.tabs.setTabText(0, _counted("Findings", len(state.findings)))
        self.tabs.setTabText(1, _counted("Evidence", self.evidence_model.rowCount()))
        self._tell_sources(list(state.statuses.values()))

    def _tell_sources(self, statuses: list[ev.SourceStatus]) -> None:
        failed = [status for status in statuses if status.state is not ev.SourceState.OK]
        words = [f"{len(statuses) - len(failed)} of {plural(len(statuses), 'source')} answered in full"]
        words += [f"{status.source}: {status.state}" for status in failed]
        self.sources.setText(visible("; ".join(words)).replace("\n", " "))
        self.sources.setToolTip(plain_tooltip("\n".join(f"{each.source}: {each.detail}" for each in failed)))
        self.sources.setVisible(bool(statuses))
        self.tabs.setTabIcon(1, icon("warning") if failed else QIcon())

    def _show_finding(self, row: int) -> None:
        self.finding_details.show_parts(finding_parts(self.findings_model.row(row)) if row >= 0 else [])

    def _show_passage(self, row: int) -> None:
        self.evidence_details.show_parts(passage_parts(self.evidence_model.row(row)) if row >= 0 else [])

    def _open_finding(self, row: int) -> None:
        chosen = self.findings_model.row(row)
        finding = chosen.finding
        self.open_code.emit(finding.file, finding.line_start, finding.line_end, chosen.repaired)


def finding_parts(row: FindingRow) -> list[Part]:
    """A finding in full, for reading."""
    finding = row.finding
    witnesses = f", seen by {', '.join(finding.witnesses)}" if finding.witnesses else ""
    return [
        ("title", finding.title),
        ("note", f"{finding.severity} severity, {finding.cwe or 'no CWE'}, {row.place}"),
        ("caption", "Only the repaired code has it" if row.repaired else ""),
        ("prose", finding.explanation),
        ("code", finding.excerpt),
        ("caption", "Fix" if finding.fix.strip() else ""),
        ("prose", finding.fix),
        ("note", f"Confidence {percent(finding.confidence)}, rule {finding.rule}{witnesses}"),
    ]


def passage_parts(row: EvidenceRow) -> list[Part]:
    """A passage in full with what was claimed on it, for reading."""
    passage = row.passage
    told = [passage.kind.value, *passage.identifiers, passage.source, str(passage.location)]
    parts: list[Part] = [
        ("title", passage.title),
        ("note", ", ".join(part for part in told if part)),
        ("code" if passage.kind in (ev.PassageKind.CODE, ev.PassageKind.RECIPE) else "prose", passage.text),
    ]
    for agent, citation in row.citations:
        held = "the quote stands in the passage" if citation.holds else "THE QUOTE IS NOT IN THE PASSAGE"
        parts.append(("caption" if citation.holds else "alarm", f"Cited by {agent.replace('_', ' ')}: {held}"))
        parts += [("prose", citation.claim), ("note", f"“{citation.quote}”")]
    return parts


def _split(table: FilteredTable, details: DetailsView) -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
    splitter.addWidget(table)
    splitter.addWidget(details)
    splitter.setStretchFactor(0, 3)
    splitter.setStretchFactor(1, 2)
    return splitter


def _counted(caption: str, count: int) -> str:
    return f"{caption} ({count:,})" if count else caption


def _no_findings(state: RunState) -> str:
    if not state.run_id:
        return "No run is shown. Start one, or open one from the history; its findings appear here as they are made."
    if state.final is None:
        return "No findings yet. They appear here as soon as a review finishes."
    if isinstance(state.final, ev.RunCompleted):
        return "No weakness was found. That is what was looked for and not found, not a proof that there is none."
    return "This run ended before a review finished, so it has no findings."


def _no_evidence(state: RunState) -> str:
    if not state.run_id:
        return "No run is shown. Start one, or open one from the history; what it finds appears here."
    if state.evidence_gathered:
        return "No passage was found. Ingest documents into the library, or connect a database that knows the subject."
    if state.final is None:
        return "The sources are being asked; what they find appears here."
    return "This run ended before its sources had answered."
