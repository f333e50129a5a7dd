"""The search of the knowledge panel: a question, its hits with the words marked, and the hit in its surroundings."""

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.core.events import Passage, PassageKind
from workbench.ui import aio
from workbench.ui.models.highlighting import spans
from workbench.ui.models.hits_model import Hit
from workbench.ui.models.search_model import Question, SearchModel
from workbench.ui.panels.search_filters import SearchFilters
from workbench.ui.widgets.details_view import DetailsView, Part
from workbench.ui.widgets.flow_layout import FlowLayout
from workbench.ui.widgets.hit_delegate import HitDelegate, mark_format, mark_of
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.words import Words

TYPING_MS = 350
"""How long the analyst stops typing before the question is asked."""

EMPTY = (
    "Ask in words, or by an identifier: CWE-79, T1059, CVE-2024-3094, the name of a function.\n\n"
    "The starter knowledge can be searched at once. For your own, drop files or folders on this panel."
)
_CODE = (PassageKind.CODE, PassageKind.RECIPE)


class KnowledgeSearch(QWidget):
    """Shows a SearchModel and asks it what is typed."""

    open_passage = Signal(object)
    """A Passage to open at its place."""

    def __init__(self, model: SearchModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.box = QLineEdit(placeholderText="Search the knowledge", clearButtonEnabled=True)
        self.box.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.box.setAccessibleName("Search the knowledge")
        self.box.setAcceptDrops(False)
        self.filters = SearchFilters()
        self.filters.setVisible(False)
        self.more = QPushButton(icon("filter"), "Filters")
        self.more.setCheckable(True)
        self.more.setToolTip("Narrow the search by collection, kind, weakness, severity or date")
        self.told = Words("What the search found")
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.hits = self._make_list()
        self.details = DetailsView("The passage in full")
        self.open = QPushButton(icon("open"), "Open")
        self.open.setToolTip("Open the document in the source viewer, with this passage marked (Return)")
        self.around = QPushButton("Neighbours")
        self.around.setCheckable(True)
        self.around.setToolTip("Show the passages before and after this one in its document")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._wanted: frozenset[str] = frozenset()
        self._lay_out()
        self._connect()
        self._settle()

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self.model.hits)
        view.setItemDelegate(HitDelegate(view))
        view.setUniformItemSizes(True)
        view.setAlternatingRowColors(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName("Hits")
        return view

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.box, 1)
        top.addWidget(self.more)
        top.addWidget(self.filters.reset)
        self.filters.reset.hide()
        self._sign = QLabel()
        said = QHBoxLayout()
        said.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.told, 1)
        empty = QLabel(EMPTY, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True, margin=24)
        empty.setTextFormat(Qt.TextFormat.PlainText)
        buttons = FlowLayout()
        for button in (self.open, self.around):
            buttons.addWidget(button)
        self._reading = QWidget()
        reading = QVBoxLayout(self._reading)
        reading.setContentsMargins(0, 0, 0, 0)
        reading.addWidget(self.details, 1)
        reading.addLayout(buttons)
        self._found = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._found.addWidget(self.hits)
        self._found.addWidget(self._reading)
        self._found.setStretchFactor(0, 1)
        self._found.setStretchFactor(1, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self._found)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.filters)
        layout.addLayout(said)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self.box)

    def _connect(self) -> None:
        self._typing.timeout.connect(self.ask)
        self.box.textChanged.connect(lambda _text: self._typing.start())
        self.box.returnPressed.connect(self._ask_or_go_down)
        self.filters.changed.connect(self._typing.start)
        self.more.toggled.connect(self.filters.setVisible)
        self.model.changed.connect(self._settle)
        self.hits.selectionModel().currentChanged.connect(lambda _now, _before: self._read())
        self.hits.activated.connect(lambda index: self.open_passage.emit(self.model.hits.row(index.row()).passage))
        self.open.clicked.connect(self._open_chosen)
        self.around.toggled.connect(lambda _on: self._read())

    def ask(self) -> None:
        """Search for what stands in the box, at once; nothing happens while that is what was asked last."""
        self._typing.stop()
        question = Question(self.box.text().strip(), self.filters.value)
        count = self.filters.count
        self.more.setText(f"Filters ({count})" if count else "Filters")
        self.filters.reset.setVisible(bool(count))
        if question != self.model.question:
            self.model.ask(question)
        else:
            self._settle()

    def _ask_or_go_down(self) -> None:
        """Return asks at once; pressed again it leads to the hits."""
        asked = self.model.question == Question(self.box.text().strip(), self.filters.value)
        self.ask()
        if asked and self.model.hits.rowCount():
            self.hits.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def chosen(self) -> Hit | None:
        """The hit that the analyst stands on."""
        index: QModelIndex = self.hits.currentIndex()
        return self.model.hits.row(index.row()) if index.isValid() else None

    def _open_chosen(self) -> None:
        if self.chosen is not None:
            self.open_passage.emit(self.chosen.passage)

    def _settle(self) -> None:
        told = self.filters.unreadable or self.model.told
        self.told.setText(told)
        poor = bool(self.filters.unreadable) or self.model.is_poor
        self._sign.setPixmap(icon("warning").pixmap(QSize(16, 16)))
        self._sign.setVisible(poor and bool(told))
        self.told.setVisible(bool(told))
        self._stack.setCurrentIndex(1 if self.model.hits.rowCount() else 0)
        self._stack.setVisible(bool(self.model.hits.rowCount()) or self.model.answer is None)
        if self.model.hits.rowCount() and not self.hits.currentIndex().isValid():
            self.hits.setCurrentIndex(self.model.hits.index(0))
        self._read()

    def _read(self) -> None:
        """Read out the hit on which the analyst stands."""
        found = self.chosen
        self._reading.setVisible(found is not None)
        if found is None:
            self.details.show_parts([])
            return
        self._show(found, [], [])
        if self.around.isChecked():
            aio.spawn(self._read_around(found), "reading what stands around a passage")

    async def _read_around(self, found: Hit) -> None:
        before, after = await self.model.around(found.passage)
        if found is self.chosen and self.around.isChecked():
            self._show(found, before, after, told_around=True)

    def _show(self, found: Hit, before: list[Passage], after: list[Passage], *, told_around: bool = False) -> None:
        passage = found.passage
        parts: list[Part] = [("title", passage.title), ("note", found.origin)]
        if passage.also_in:
            parts.append(("note", f"Nearly the same stands in {'; '.join(passage.also_in)}"))
        for each in before:
            parts += [("caption", "Before it"), ("prose", each.text)]
        if before:
            parts.append(("caption", "The hit"))
        parts.append(("code" if passage.kind in _CODE else "prose", passage.text))
        for each in after:
            parts += [("caption", "After it"), ("prose", each.text)]
        if told_around and not before and not after:
            parts.append(("note", "Nothing stands around it: this is all of its document."))
        self.details.show_parts(parts)
        self.details.verticalScrollBar().setValue(0)
        self._wanted = found.wanted
        self._mark()

    def _mark(self) -> None:
        """Mark the words that were asked for in the text that is read."""
        text = self.details.toPlainText()
        marked = []
        for start, end in spans(text, self._wanted):
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.details.document())
            cursor.setPosition(_units(text, start))
            cursor.setPosition(_units(text, end), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format = mark_format(mark_of(self.palette()))
            marked.append(selection)
        self.details.setExtraSelections(marked)

    def changeEvent(self, event: QEvent) -> None:
        """Mark anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_wanted"):
            self._mark()


def _units(text: str, place: int) -> int:
    """A place in `text` as Qt counts it, in UTF-16 units."""
    before = text[:place]
    return place if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2
