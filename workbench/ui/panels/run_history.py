"""The run history: every run of the library, to open as it was, go on with, run again, export or delete."""

from PySide6.QtCore import QSortFilterProxyModel, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import RunSummary
from workbench.ui.models.history_model import RUN_ROLE, SORT_ROLE, Column, HistoryModel
from workbench.ui.widgets.icons import icon

_UNFINISHED = ("interrupted", "cancelled", "failed")
_TYPING_MS = 200


class RunHistory(QWidget):
    """Shows a HistoryModel and announces what the analyst wants done with a run, by its id."""

    open_asked = Signal(str)
    resume_asked = Signal(str)
    again_asked = Signal(str)
    export_asked = Signal(str)
    delete_asked = Signal(str)

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(model)
        self._proxy.setSortRole(SORT_ROLE)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit(placeholderText="Filter by task, kind, state or verdict", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter the run history")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(lambda: self._proxy.setFilterFixedString(self.filter.text()))
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.table = self._make_table()
        self._make_buttons()
        self._lay_out()
        for signal in (model.modelReset, model.dataChanged, self._proxy.layoutChanged):
            signal.connect(self._settle)
        self.table.selectionModel().selectionChanged.connect(self._settle)
        self._settle()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Runs")
        table.setModel(self._proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(Column.STARTED, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(2 * table.fontMetrics().lineSpacing() + 10)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in zip(Column, (160, 76, 128, 100, 124, 116), strict=True):
            table.setColumnWidth(column, width)
        header.moveSection(header.visualIndex(Column.STATE), 1)
        header.moveSection(header.visualIndex(Column.VERDICT), 2)
        table.setTabKeyNavigation(False)
        table.activated.connect(lambda index: self.open_asked.emit(index.data(RUN_ROLE)))
        return table

    def _make_buttons(self) -> None:
        self.open = self._button("Open", "open", "Show this run as it was", self.open_asked)
        self.resume = self._button("Go on", "resume", "Finish what is missing; nothing is repeated", self.resume_asked)
        self.again = self._button("Run again", "again", "Run the same task anew", self.again_asked)
        self.export = self._button("Export ...", "export", "Write the report of this run", self.export_asked)
        self.delete = self._button("Delete ...", "trash", "Forget this run for good", self.delete_asked)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.delete.click)

    def _button(self, caption: str, name: str, tip: str, asked: SignalInstance) -> QPushButton:
        button = QPushButton(icon(name), caption)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self._ask(asked))
        return button

    def _ask(self, asked: SignalInstance) -> None:
        if self.chosen is not None:
            asked.emit(self.chosen.run_id)

    def _lay_out(self) -> None:
        empty = QLabel("No run yet. Each run is kept here from its first step, also when it is stopped.")
        empty.setWordWrap(True)
        empty.setMargin(24)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self.table)
        first, second = QHBoxLayout(), QHBoxLayout()
        for button in (self.open, self.resume, self.again):
            first.addWidget(button)
        for button in (self.export, self.delete):
            second.addWidget(button)
        second.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self.filter)
        layout.addWidget(self._stack, 1)
        layout.addLayout(first)
        layout.addLayout(second)

    @property
    def chosen(self) -> RunSummary | None:
        """The selected run."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.run(self._proxy.mapToSource(rows[0]).row()) if rows else None

    def choose(self, run_id: str) -> None:
        """Select this run, if it is listed."""
        for row in range(self._proxy.rowCount()):
            if self._proxy.index(row, 0).data(RUN_ROLE) == run_id:
                self.table.selectRow(row)

    def _settle(self) -> None:
        self._stack.setCurrentIndex(1 if self.model.rowCount() else 0)
        run = self.chosen
        self.open.setEnabled(run is not None)
        self.again.setEnabled(run is not None)
        self.export.setEnabled(run is not None and run.state != "running")
        self.delete.setEnabled(run is not None and run.state != "running")
        self.resume.setEnabled(run is not None and run.state in _UNFINISHED)
