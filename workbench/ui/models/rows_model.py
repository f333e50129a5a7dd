"""A read-only table of rows: what differs between tables is their columns and how a cell is read."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
Readers = Mapping[int, Callable[[Any, Any], Any]]
"""What each role of a cell is read with, from its row and its column."""

_ROOT = QModelIndex()


class RowsModel(QAbstractTableModel):
    """Rows in the order given, one column a name in `headers`, each role of a cell by its reader."""

    def __init__(self, headers: Mapping[Any, str], readers: Readers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headers, self._readers = headers, readers
        self._columns: tuple[IntEnum, ...] = tuple(headers)
        self._rows: list[Any] = []

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show these rows; nothing happens when they are the ones already shown."""
        if list(rows) != self._rows:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()

    def row(self, number: int) -> Any:
        """The row of that number, from 0."""
        return self._rows[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """As many as rows were given."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """As many as there are headers."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the reader of that role says, None where there is none."""
        read = self._readers.get(role)
        return read(self._rows[index.row()], self._columns[index.column()]) if read else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headers[self._columns[section]]
        return None
