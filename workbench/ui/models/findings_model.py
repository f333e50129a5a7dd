"""The findings of a run as a table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from workbench.core.events import Finding, Severity
from workbench.ui.models.roles import COPY_ROLE, FILTER_ROLE, KEY_ROLE, SORT_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.theme import shades
from workbench.ui.tooltips import plain_tooltip
from workbench.visible_text import visible
from workbench.wording import percent


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


@dataclass(frozen=True)
class FindingRow:
    """A finding, and whether only the repaired code has it: then its lines count in the repaired file."""

    finding: Finding
    repaired: bool = False
    name: str = ""
    """The file as it is called in the table; its whole name where this is empty."""

    @property
    def place(self) -> str:
        """`app.py:3`, or `app.py:3, repaired`."""
        return place_of(self.finding) + (", repaired" if self.repaired else "")

    @property
    def short_place(self) -> str:
        """The place with the file under its name in the table, which has no room for more."""
        return place_of(self.finding, self.name)


class FindingsModel(RowsModel):
    """Rows are findings in the order given. Read-only. A row's key is the finding's fingerprint and whose it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)

    def set_findings(self, findings: Sequence[Finding], of_repair: Sequence[Finding] = ()) -> None:
        """Show these findings, and after them those of the repaired code; nothing happens when they are shown."""
        names = short_names({finding.file for finding in (*findings, *of_repair)})
        rows = [FindingRow(finding, name=names[finding.file]) for finding in findings]
        rows += [FindingRow(finding, repaired=True, name=names[finding.file]) for finding in of_repair]
        self.set_rows(rows)

    def row(self, number: int) -> FindingRow:
        """The finding of that row and where it stands."""
        found: FindingRow = super().row(number)
        return found


def short_names(files: Iterable[str]) -> dict[str, str]:
    """For each path the shortest end of it that no other of these paths has: `views.py`, or `shop/views.py`."""
    parts = {file: [part for part in file.replace("\\", "/").split("/") if part] for file in files}
    tails = Counter("/".join(path[-length:]) for path in parts.values() for length in range(1, len(path) + 1))
    return {
        file: next((tail for length in range(1, len(path) + 1) if tails[tail := "/".join(path[-length:])] == 1), file)
        for file, path in parts.items()
    }


def place_of(finding: Finding, name: str = "") -> str:
    """`app.py:3` or `app.py:3-5`, the file under another name if there is one."""
    lines = f"{finding.line_start}"
    if finding.line_end > finding.line_start:
        lines += f"-{finding.line_end}"
    return f"{visible(name or finding.file)}:{lines}".replace("\n", " ")


def _text(row: FindingRow, column: Column) -> str:
    finding = row.finding
    match column:
        case Column.SEVERITY:
            return finding.severity.value
        case Column.CWE:
            return visible(finding.cwe or "-")
        case Column.TITLE:
            title = visible(finding.title).replace("\n", " ")
            return f"Repaired code: {title}" if row.repaired else title
        case Column.PLACE:
            return row.short_place
        case Column.CONFIDENCE:
            return percent(finding.confidence)
        case Column.WITNESSES:
            return visible(", ".join(finding.witnesses) or "-")


def _sort_key(row: FindingRow, column: Column) -> Any:
    finding = row.finding
    match column:
        case Column.SEVERITY:
            return finding.severity.rank
        case Column.CWE:
            digits = "".join(letter for letter in finding.cwe or "" if letter.isdigit())
            return int(digits[:9] or 0)
        case Column.PLACE:
            return f"{finding.file.casefold()}:{row.repaired:d}:{finding.line_start:09d}"
        case Column.CONFIDENCE:
            return finding.confidence
    return _text(row, column).casefold()


def _colour(row: FindingRow, column: Column) -> QColor | None:
    if column is not Column.SEVERITY:
        return None
    colours = shades(QApplication.palette())
    by_severity = {Severity.HIGH: colours.bad, Severity.MEDIUM: colours.warn, Severity.LOW: colours.accent}
    return by_severity[row.finding.severity]


def _haystack(row: FindingRow, _column: Column) -> str:
    return " ".join([*(_text(row, each) for each in Column), row.place, row.finding.rule, row.finding.explanation])


_READERS: dict[int, Callable[[FindingRow, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: lambda row, _column: plain_tooltip(f"{row.finding.title}\n{row.place}"),
    Qt.ItemDataRole.ForegroundRole: _colour,
    COPY_ROLE: lambda row, column: row.place if column is Column.PLACE else None,
    SORT_ROLE: _sort_key,
    FILTER_ROLE: _haystack,
    KEY_ROLE: lambda row, _column: f"{row.finding.fingerprint}{row.repaired:d}",
}
"""What each role of a cell is read with."""
