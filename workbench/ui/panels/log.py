"""The log panel: what the program did, to read, filter and copy."""

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.models.log_model import ENTRY_ROLE, LEVELS, LogModel, in_full
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import plural

_TYPING_MS = 200


class LogPanel(QWidget):
    """Shows a LogModel; follows new lines only for a reader who is at the end."""

    def __init__(self, model: LogModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._at_end = True
        self._make_filter()
        self._make_views()
        self._lay_out()
        model.about_to_grow.connect(self._look_where_it_is)
        model.grew.connect(self._follow)
        model.modelReset.connect(self._show_end)
        self._show_end()

    def _make_filter(self) -> None:
        self.level = QComboBox()
        self.level.setAccessibleName("Level")
        for caption, severity in LEVELS.items():
            self.level.addItem(caption, severity)
        self.words = QLineEdit(placeholderText="Filter by words", clearButtonEnabled=True)
        self.words.setAccessibleName("Filter the log")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.level.currentIndexChanged.connect(self._filter)
        self.held_back = QLabel()
        self.copy = QPushButton(icon("export"), "Copy")
        self.copy.setToolTip("Copy the selected lines, or all that are shown (Ctrl+C)")
        self.copy.clicked.connect(self._copy)
        self.clear = QPushButton(icon("trash"), "Clear")
        self.clear.setToolTip("Empty this view; the file keeps everything")
        self.clear.clicked.connect(self.model.clear)

    def _make_views(self) -> None:
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.list = QListView()
        self.list.setAccessibleName("Log")
        self.list.setFont(fixed)
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setAlternatingRowColors(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.selectionModel().currentChanged.connect(self._show_detail)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.list)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self._copy)
        self.detail = QPlainTextEdit(readOnly=True, placeholderText="Choose a line to read all of it")
        self.detail.setAccessibleName("The chosen line in full")
        self.detail.setFont(fixed)
        self.detail.setTabChangesFocus(True)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.level)
        bar.addWidget(self.words, 1)
        for widget in (self.held_back, self.copy, self.clear):
            bar.addWidget(widget)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 4)
        split.setStretchFactor(1, 1)
        self.detail.setMinimumHeight(self.detail.fontMetrics().height() * 2 + 14)
        split.setSizes([400, 60])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addLayout(bar)
        layout.addWidget(split, 1)

    def _filter(self) -> None:
        self.model.filter(self.level.currentData(), self.words.text())

    def _look_where_it_is(self) -> None:
        bar = self.list.verticalScrollBar()
        self._at_end = bar.value() >= bar.maximum() - 1

    def _follow(self) -> None:
        if self._at_end:
            self._show_end()

    def _show_end(self) -> None:
        self.list.scrollToBottom()
        hidden = self.model.hidden
        self.held_back.setText(f"{plural(hidden, 'line')} held back" if hidden else "")

    def _show_detail(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        self.detail.setPlainText(in_full(entry) if entry is not None else "")

    def _copy(self) -> None:
        rows = [index.row() for index in self.list.selectionModel().selectedRows()]
        QGuiApplication.clipboard().setText(self.model.text_of(rows or list(range(self.model.rowCount()))))
