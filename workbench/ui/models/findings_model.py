"""The findings of a run as a table."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from workbench.core.events import Finding, Severity
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE
from workbench.ui.theme import shades
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import percent
from workbench.visible_text import visible

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    """Columns of the findings."""

    SEVERITY = 0
    CWE = 1
    TITLE = 2
    PLACE = 3
    CONFIDENCE = 4
    WITNESSES = 5


HEADERS = {
    Column.SEVERITY: "Severity",
    Column.CWE: "CWE",
    Column.TITLE: "Finding",
    Column.PLACE: "Place",
    Column.CONFIDENCE: "Confidence",
    Column.WITNESSES: "Seen by",
}


class FindingsModel(QAbstractTableModel):
    """Rows are Finding values in the order given. Read-only. A row's key is the finding's fingerprint."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._findings: list[Finding] = []

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings; nothing happens when they are the ones already shown."""
        if list(findings) != self._findings:
            self.beginResetModel()
            self._findings = list(findings)
            self.endResetModel()

    def finding(self, row: int) -> Finding:
        """The finding of that row."""
        return self._findings[row]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a finding."""
        return 0 if parent.isValid() else len(self._findings)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """As many as Column names."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, colour, keys to sort and filter by."""
        read = _READERS.get(role)
        return read(self._findings[index.row()], Column(index.column())) if read else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[Column(section)]
        return None


def place_of(finding: Finding) -> str:
    """`app.py:3` or `app.py:3-5`."""
    lines = f"{finding.line_start}"
    if finding.line_end > finding.line_start:
        lines += f"-{finding.line_end}"
    return f"{visible(finding.file)}:{lines}".replace("\n", " ")


def _text(finding: Finding, column: Column) -> str:
    match column:
        case Column.SEVERITY:
            return finding.severity.value
        case Column.CWE:
            return visible(finding.cwe or "-")
        case Column.TITLE:
            return visible(finding.title).replace("\n", " ")
        case Column.PLACE:
            return place_of(finding)
        case Column.CONFIDENCE:
            return percent(finding.confidence)
        case Column.WITNESSES:
            return visible(", ".join(finding.witnesses) or "-")


def _sort_key(finding: Finding, column: Column) -> Any:
    match column:
        case Column.SEVERITY:
            return finding.severity.rank
        case Column.CWE:
            digits = "".join(letter for letter in finding.cwe or "" if letter.isdigit())
            return int(digits[:9] or 0)
        case Column.PLACE:
            return f"{finding.file.casefold()}:{finding.line_start:09d}"
        case Column.CONFIDENCE:
            return finding.confidence
    return _text(finding, column).casefold()


def _colour(finding: Finding, column: Column) -> QColor | None:
    if column is not Column.SEVERITY:
        return None
    colours = shades(QApplication.palette())
    return {Severity.HIGH: colours.bad, Severity.MEDIUM: colours.warn, Severity.LOW: colours.accent}[finding.severity]


def _haystack(finding: Finding, _column: Column) -> str:
    return " ".join([*(_text(finding, each) for each in Column), finding.rule, finding.explanation])


_READERS: dict[int, Callable[[Finding, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: lambda finding, _column: plain_tooltip(f"{finding.title}\n{place_of(finding)}"),
    Qt.ItemDataRole.ForegroundRole: _colour,
    SORT_ROLE: _sort_key,
    FILTER_ROLE: _haystack,
    KEY_ROLE: lambda finding, _column: finding.fingerprint,
}
"""What each role of a cell is read with."""
