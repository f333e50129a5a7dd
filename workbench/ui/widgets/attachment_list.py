"""The files attached to a task: dropped or chosen, shown by name and size, taken away again with Delete."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from workbench.core.tasks import CodeUnit, TaskError, read_attachment
from workbench.ui import aio

_UNIT = Qt.ItemDataRole.UserRole
MAX_ROWS_SHOWN = 4


class AttachmentList(QListWidget):
    """Holds attached code units. It is hidden while it is empty."""

    changed = Signal()
    opened = Signal(object)
    """A CodeUnit the analyst wants to read."""

    refused = Signal(str)
    """The sentence that says why a file was not attached."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Attached files")
        self.setToolTip("Double-click to read a file, press Delete to take it away")
        self.itemActivated.connect(lambda item: self.opened.emit(item.data(_UNIT)))
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setAlternatingRowColors(True)
        self._settle()

    @property
    def units(self) -> tuple[CodeUnit, ...]:
        """What is attached, in the order it came."""
        return tuple(self.item(row).data(_UNIT) for row in range(self.count()))

    def set_units(self, units: tuple[CodeUnit, ...]) -> None:
        """Show these instead."""
        self.clear()
        for unit in units:
            self._add(unit)
        self._settle()
        self.changed.emit()

    def attach(self, paths: list[Path]) -> None:
        """Read these files in a thread and attach them; each that cannot be taken is refused by name."""
        aio.spawn(self._read(paths), "attaching files")

    async def _read(self, paths: list[Path]) -> None:
        for path in paths:
            try:
                unit = await asyncio.to_thread(read_attachment, path)
            except TaskError as error:
                self.refused.emit(str(error))
            else:
                self._replace(unit)
        self._settle()
        self.changed.emit()

    def _replace(self, unit: CodeUnit) -> None:
        for row in range(self.count()):
            if self.item(row).data(_UNIT) == unit:
                return
        self._add(unit)

    def _add(self, unit: CodeUnit) -> None:
        lines = len(unit.text.splitlines())
        item = QListWidgetItem(f"{unit.name}   {lines:,} line{'s' * (lines != 1)}, {unit.language}")
        item.setData(_UNIT, unit)
        self.addItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the selected files away."""
        if event.matches(QKeySequence.StandardKey.Delete):
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    def remove_selected(self) -> None:
        """Take the selected files away."""
        for item in self.selectedItems():
            self.takeItem(self.row(item))
        self._settle()
        self.changed.emit()

    def _settle(self) -> None:
        self.setVisible(self.count() > 0)
        row = max(self.sizeHintForRow(0), self.fontMetrics().height() + 4)
        self.setFixedHeight(row * min(self.count(), MAX_ROWS_SHOWN) + 2 * self.frameWidth())
