"""The connections to outside databases: add, edit, test and remove them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import ConnectionSettings
from workbench.ui import aio
from workbench.ui.dialogs.connection import ConnectionDialog, in_words
from workbench.ui.models.connections_model import Column, ConnectionsModel
from workbench.ui.widgets.icons import icon
from workbench.visible_text import visible

_EMPTY = (
    "No connection yet. Add a PostgreSQL or MongoDB that holds incidents, assets or intelligence of your own. "
    "It is only ever read, and its password goes to your keyring."
)


class ConnectionsPanel(QWidget):
    """Shows a ConnectionsModel."""

    def __init__(self, model: ConnectionsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.table = self._make_table()
        self.add = self._button("Add ...", "new", "Add an outside database")
        self.edit = self._button("Edit ...", "edit", "Change the settings of this connection")
        self.test = self._button("Test", "run", "Connect, look what may be read, and disconnect")
        self.remove = self._button("Remove ...", "trash", "Forget this connection and its password")
        self.outcome = QLabel(wordWrap=True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.add.clicked.connect(lambda: self._show_dialog(None))
        self.edit.clicked.connect(lambda: self._show_dialog(self.chosen))
        self.test.clicked.connect(self._begin_test)
        self.remove.clicked.connect(lambda: aio.spawn(self._remove(), "removing a connection"))
        self.table.activated.connect(lambda _index: self._show_dialog(self.chosen))
        self.table.selectionModel().selectionChanged.connect(self._settle)
        model.modelReset.connect(self._settle)
        model.reported.connect(lambda _name: self._settle())
        model.failed.connect(lambda sentence: self.outcome.setText(visible(sentence)))
        self._settle()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Connections")
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in zip(Column, (170, 96, 260, 170, 80, 120), strict=True):
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(Column.ADDRESS, QHeaderView.ResizeMode.Stretch)
        return table

    def _button(self, caption: str, picture: str, tip: str) -> QPushButton:
        button = QPushButton(icon(picture), caption)
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        empty = QLabel(_EMPTY, wordWrap=True, margin=24)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.table)
        buttons = QHBoxLayout()
        for button in (self.add, self.edit, self.test, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addLayout(buttons)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.outcome)

    @property
    def chosen(self) -> ConnectionSettings | None:
        """The selected connection."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.at(rows[0].row()) if rows else None

    def choose(self, name: str) -> None:
        """Select the connection of that name, if there is one."""
        if name in self.model.names:
            self.table.selectRow(self.model.names.index(name))

    def _settle(self) -> None:
        chosen = self.chosen
        self._stack.setCurrentIndex(1 if self.model.rowCount() else 0)
        for button in (self.edit, self.remove):
            button.setEnabled(chosen is not None)
        self.test.setEnabled(chosen is not None and not self.model.is_tested(chosen.name))
        report = self.model.report(chosen.name) if chosen else None
        self.outcome.setText(visible(in_words(report)) if report else "")
        self.outcome.setVisible(bool(self.outcome.text()))

    def _begin_test(self) -> None:
        if self.chosen is not None:
            aio.spawn(self.model.test(self.chosen), f"testing {self.chosen.name}")

    def _show_dialog(self, settings: ConnectionSettings | None) -> None:
        aio.spawn(self._edit(settings), "editing a connection")

    async def _edit(self, settings: ConnectionSettings | None) -> None:
        dialog = ConnectionDialog(self.model, settings, self)
        if await aio.show_dialog(dialog):
            self.choose(dialog.name.text().strip())

    async def _remove(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove connection")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Remove the connection “{visible(chosen.name)}”?")
        box.setInformativeText("Its settings and its password are forgotten. The database itself is not touched.")
        yes = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        await aio.show_dialog(box)
        if box.clickedButton() is yes:
            await self.model.remove(chosen.name)
