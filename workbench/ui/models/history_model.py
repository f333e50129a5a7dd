"""The runs of the library as a table."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.core.engine import RunSummary
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import local_time
from workbench.visible_text import visible

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
SORT_ROLE = Qt.ItemDataRole.UserRole
RUN_ROLE = Qt.ItemDataRole.UserRole + 1

_ICONS = {
    "running": "running",
    "completed": "done",
    "cancelled": "cancelled",
    "failed": "failed",
    "interrupted": "warning",
}


class Column(IntEnum):
    """Columns of the history."""

    TITLE = 0
    KIND = 1
    STARTED = 2
    STATE = 3
    VERDICT = 4
    STANDING = 5


HEADERS = {
    Column.TITLE: "Task",
    Column.KIND: "Kind",
    Column.STARTED: "Started",
    Column.STATE: "State",
    Column.VERDICT: "Verdict",
    Column.STANDING: "Standing",
}


class HistoryModel(QAbstractTableModel):
    """Rows are RunSummary values, the latest run first. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunSummary] = []

    def set_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show these runs; the selection survives where the runs stay the same."""
        if [run.run_id for run in runs] == [run.run_id for run in self._runs]:
            self._runs = list(runs)
            if runs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, len(Column) - 1))
            return
        self.beginResetModel()
        self._runs = list(runs)
        self.endResetModel()

    def run(self, row: int) -> RunSummary:
        """The run of that row."""
        return self._runs[row]

    @property
    def runs(self) -> list[RunSummary]:
        """All runs shown, in model order."""
        return list(self._runs)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a run."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """As many as Column names."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, icon and sort key of a cell."""
        run, column = self._runs[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(run, column)
        if role == SORT_ROLE:
            return run.started.isoformat() if column is Column.STARTED else _text(run, column).casefold()
        if role == RUN_ROLE:
            return run.run_id
        if role == Qt.ItemDataRole.DecorationRole and column is Column.STATE:
            return icon(_ICONS[run.state])
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"{run.title}\nAttempt {run.attempt}, last event {local_time(run.ended)}")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[Column(section)]
        return None


def _text(run: RunSummary, column: Column) -> str:
    texts: dict[Column, str] = {
        Column.TITLE: visible(run.title).replace("\n", " "),
        Column.KIND: run.kind,
        Column.STARTED: local_time(run.started),
        Column.STATE: run.state,
        Column.VERDICT: visible(run.verdict),
        Column.STANDING: run.standing,
    }
    return texts[column]
