"""A table with a filter box, copying as rows of a spreadsheet, and a sentence where there is nothing to show."""

from typing import Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QIdentityProxyModel,
    QModelIndex,
    QObject,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.models.roles import COPY_ROLE, FILTER_ROLE, KEY_ROLE, SORT_ROLE

_TYPING_MS = 200
LEAST_FITTED = 150
"""Pixels that a fitted column has at least; what stands beside it is scrolled to then."""

_FORMULA_STARTS = ("=", "+", "-", "@")


class WordFilter(QSortFilterProxyModel):
    """Keeps the rows that hold every word of the filter, in any column and in any order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self.setSortRole(SORT_ROLE)

    def filter_by(self, text: str) -> None:
        """Show only rows with all words of `text`; all rows when it is empty."""
        self._words = tuple(text.casefold().split())
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:  # type: ignore[override]
        """Whether the row holds every word."""
        if not self._words:
            return True
        text = str(self.sourceModel().index(row, 0, parent).data(FILTER_ROLE)).casefold()
        return all(word in text for word in self._words)


class SelfArranged(Protocol):
    """What a model offers that filters and sorts itself, for tables too long for a proxy."""

    @property
    def held(self) -> int:
        """How many rows it has, shown or not."""
        ...

    def filter_by(self, text: str) -> None:
        """Show only rows with all words of `text`."""
        ...

    def place_of(self, key: object) -> int | None:
        """The row of that KEY_ROLE, None when it is not shown."""
        ...


class PassingOn(QIdentityProxyModel):
    """Leaves filtering and sorting to its source, which is SelfArranged."""

    @property
    def source(self) -> SelfArranged:
        """The model that arranges itself."""
        return self.sourceModel()  # type: ignore[return-value]

    def filter_by(self, text: str) -> None:
        """Have the source show only rows with all words of `text`."""
        self.source.filter_by(text)


class FilteredTable(QWidget):
    """Shows `model`, whose cells give SORT_ROLE, FILTER_ROLE and KEY_ROLE, or which is SelfArranged."""

    chosen = Signal(int)
    """Row of the model that the analyst stands on, -1 when on none."""

    opened = Signal(int)
    """Row of the model that was double-clicked, or on which Return was pressed."""

    def __init__(self, model: QAbstractItemModel, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proxy: WordFilter | PassingOn = PassingOn(self) if hasattr(model, "place_of") else WordFilter(self)
        self._proxy.setSourceModel(model)
        self.filter = QLineEdit(placeholderText=hint, clearButtonEnabled=True)
        self.filter.setAccessibleName(f"Filter the {name}")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.apply_filter)
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.table = self._make_table(name)
        self._empty = ""
        self._message = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._message.setMargin(24)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.filter)
        layout.addWidget(self._stack, 1)
        self._key: object = None
        self._fitted: int | None = None
        self._beside: tuple[int, ...] = ()
        self._fitting = False
        model.modelReset.connect(self._settle_anew)
        self.table.selectionModel().currentRowChanged.connect(self._announce)
        self._settle()

    def _make_table(self, name: str) -> QTableView:
        table = QTableView(showGrid=False, wordWrap=False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(name.capitalize())
        table.setModel(self._proxy)
        table.setSortingEnabled(True)
        table.horizontalHeader().setSortIndicatorClearable(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 10)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.activated.connect(lambda index: self.opened.emit(self._proxy.mapToSource(index).row()))
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.copy)
        return table

    def set_widths(self, *widths: int) -> None:
        """Pixels of the columns, from the first."""
        for column, width in enumerate(widths):
            self.table.setColumnWidth(column, width)

    def fit(self, column: int, *beside: int) -> None:
        """Let `column` take the room that the columns `beside` it leave, until the analyst sets a width by hand.

        Columns that are neither come into view by scrolling, or when there is room for them.
        """
        self._fitted, self._beside = column, beside
        self.table.horizontalHeader().sectionResized.connect(self._keep_width)
        self.table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit the column again whenever there is another width to fit it to."""
        if event.type() == QEvent.Type.Resize and self._fitted is not None:
            self._fit_column(self._fitted)
        return super().eventFilter(watched, event)

    def _fit_column(self, column: int) -> None:
        header = self.table.horizontalHeader()
        others = sum(map(header.sectionSize, self._beside))
        self._fitting = True
        header.resizeSection(column, max(LEAST_FITTED, self.table.viewport().width() - others))
        self._fitting = False

    def _keep_width(self) -> None:
        if not self._fitting:
            self._fitted = None

    def say_when_empty(self, text: str) -> None:
        """The sentence to show while the model has no rows."""
        self._empty = text
        self._settle()

    def apply_filter(self) -> None:
        """Filter by what stands in the box, at once."""
        self._typing.stop()
        self._proxy.filter_by(self.filter.text())
        self._settle()

    @property
    def message(self) -> str:
        """The sentence shown instead of the table, empty while the table shows rows."""
        return "" if self._stack.currentWidget() is self.table else self._message.text()

    @property
    def shown(self) -> int:
        """How many rows pass the filter."""
        return self._proxy.rowCount()

    @property
    def row(self) -> int:
        """Row of the model that the analyst stands on, -1 when on none."""
        return self._proxy.mapToSource(self.table.currentIndex()).row()

    @property
    def rows(self) -> list[int]:
        """Rows of the model that are selected, in the order on screen."""
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._proxy.mapToSource(self._at(place)).row() for place in places]

    def choose(self, row: int) -> None:
        """Stand on this row of the model."""
        index = self._proxy.mapFromSource(self._proxy.sourceModel().index(row, 0))
        self.table.setCurrentIndex(index)
        self.table.scrollTo(index)

    def copy(self) -> None:
        """Put the selected rows on the clipboard as tab-separated lines, in the order on screen."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        header = self.table.horizontalHeader()
        columns = [header.logicalIndex(place) for place in range(header.count())]
        lines = ["\t".join(_copied(self._proxy.index(row, column)) for column in columns) for row in rows]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _announce(self, current: QModelIndex) -> None:
        self._key = current.data(KEY_ROLE) if current.isValid() else self._key
        self.chosen.emit(self._proxy.mapToSource(current).row())

    def _settle_anew(self) -> None:
        kept = self._place_of(self._key)
        if kept is None:
            self.chosen.emit(-1)
        else:
            self.table.setCurrentIndex(self._at(kept))
        self._settle()

    def _place_of(self, key: object) -> int | None:
        """Row on screen of that key."""
        if isinstance(self._proxy, PassingOn):
            return self._proxy.source.place_of(key)
        return next((row for row in range(self.shown) if self._at(row).data(KEY_ROLE) == key), None)

    def _at(self, row: int) -> QModelIndex:
        return self._proxy.index(row, 0)

    def _settle(self) -> None:
        proxy = self._proxy
        held = proxy.source.held if isinstance(proxy, PassingOn) else proxy.sourceModel().rowCount()
        self._message.setText(f"None of the {held:,} rows holds all these words." if held else self._empty)
        self._stack.setCurrentWidget(self.table if self.shown else self._message)
        self.filter.setEnabled(held > 0)


def _copied(index: QModelIndex) -> str:
    whole = index.data(COPY_ROLE)
    return _cell(index.data() if whole is None else whole)


def _cell(value: object) -> str:
    # A spreadsheet would compute a cell that begins like a formula (CWE-1236)
    text = " ".join(str(value or "").split())
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
