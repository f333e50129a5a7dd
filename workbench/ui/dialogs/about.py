"""What this program is, which parts of it are here, and the keys it knows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench import __version__
from workbench.ui.commands import CommandRegistry
from workbench.ui.tooltips import plain_tooltip

if TYPE_CHECKING:
    from workbench.core.engine import ComponentStatus

_ABOUT = (
    "Says whether code is safe to use, what threatens it and how sure that is, without letting the material leave "
    "the machine. Apache License 2.0."
)


class AboutDialog(QDialog):
    """Name, version, and the state of the installation, part by part, with how to mend what is missing."""

    def __init__(self, statuses: Sequence["ComponentStatus"], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Analyst Workbench")
        self.resize(720, 460)
        heading = QLabel(f"Analyst Workbench {__version__}")
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        heading.setFont(font)
        self.table = table(("Part", "State", "What was found", "How to mend it"))
        for status in statuses:
            add_row(self.table, (status.name, str(status.state), status.detail, status.mend))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(heading)
        layout.addWidget(QLabel(_ABOUT, wordWrap=True))
        layout.addWidget(self.table, 1)
        layout.addWidget(close)
        self.table.setVisible(bool(statuses))


class ShortcutsDialog(QDialog):
    """Every command that has keys, with its keys."""

    def __init__(self, registry: CommandRegistry, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(820, 520)
        self.table = table(("Command", "Keys", "What it does"))
        for command in registry:
            keys = [
                key.toString(QKeySequence.SequenceFormat.NativeText) for key in registry.action(command.id).shortcuts()
            ]
            if keys:
                add_row(self.table, (command.caption.removesuffix(" ..."), ", ".join(keys), command.tip))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(close)


def table(headers: tuple[str, ...]) -> QTableWidget:
    """An empty read-only table whose last column takes the room that is left."""
    made = QTableWidget(0, len(headers))
    made.setHorizontalHeaderLabels(headers)
    made.setAccessibleName(", ".join(headers))
    made.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    made.setAlternatingRowColors(True)
    made.setShowGrid(False)
    made.setWordWrap(False)
    made.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    made.verticalHeader().hide()
    made.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    made.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    made.horizontalHeader().setStretchLastSection(True)
    return made


def add_row(made: QTableWidget, texts: tuple[str, ...]) -> None:
    """Append one row."""
    row = made.rowCount()
    made.insertRow(row)
    for column, text in enumerate(texts):
        item = QTableWidgetItem(text)
        item.setToolTip(plain_tooltip(text))
        made.setItem(row, column, item)
