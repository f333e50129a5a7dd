"""The collections of the library, and the documents of one of them with what can be done with them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import DocumentInfo
from workbench.ui.models.collections_model import CollectionsModel
from workbench.ui.models.collections_model import Column as OfCollection
from workbench.ui.models.documents_model import Column, DocumentRow, DocumentsModel
from workbench.ui.models.knowledge_facade import OWN, STARTER, title_of
from workbench.ui.widgets.details_view import DetailsView, Part
from workbench.ui.widgets.filtered_table import FilteredTable
from workbench.ui.widgets.flow_layout import FlowLayout
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import local_time, plural

EMPTY_OWN = (
    "Nothing of yours is in the library yet.\n\nDrop files or folders here, or choose Library > Read files into the "
    "library. Markdown, HTML, PDF, Office documents, mail, notebooks, source code and archives can be read; they stay "
    "on this machine."
)
COLLECTIONS_HEIGHT = 112
"""Pixels of the list of collections at first: four of them, and its header."""

DETAILS_HEIGHT = 130
"""Pixels that reading out a document takes at most, so that the list stays in sight."""

EMPTY_OTHER = "This collection holds no document."


class KnowledgeDocuments(QWidget):
    """Shows a CollectionsModel and a DocumentsModel, and announces what is to be done with whom."""

    collection_chosen = Signal(str)
    open_asked = Signal(str)
    """Id of a document to read."""

    reingest_asked = Signal(list)
    """DocumentInfo values to read again."""

    remove_asked = Signal(list)
    """DocumentInfo values to forget."""

    remove_collection_asked = Signal(str)
    reveal_asked = Signal(str)
    """Path whose folder is to be shown."""

    def __init__(self, collections: CollectionsModel, documents: DocumentsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.collections_model, self.documents_model = collections, documents
        self.busy = False
        """Whether something is being read in, so that nothing can be read again now."""
        self.collections = self._make_collections()
        self.documents = FilteredTable(documents, "documents", "Filter by words, path, kind, state or reason")
        self.documents.set_widths(200, 84, 90, 76, 72, 124, 88, 300)
        self.documents.fit(Column.TITLE, Column.STATE, Column.KIND)
        self.documents.say_when_empty(EMPTY_OWN)
        self.details = DetailsView("The document in full")
        self._make_buttons()
        self._lay_out()
        self.collections.selectionModel().currentRowChanged.connect(lambda now, _before: self._choose(now.row()))
        collections.modelReset.connect(self._keep_collection)
        documents.modelReset.connect(self._settle)
        self.documents.chosen.connect(self._show)
        self.documents.table.selectionModel().selectionChanged.connect(lambda _in, _out: self._settle())
        self.documents.opened.connect(lambda row: self.open_asked.emit(self.documents_model.row(row).info.id))
        self.collection = OWN
        """Name of the collection whose documents are listed."""
        self._settle()

    def _make_collections(self) -> QTableView:
        table = QTableView(showGrid=False, wordWrap=False)
        table.setModel(self.collections_model)
        table.setAccessibleName("Collections")
        table.setMinimumHeight(56)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in zip(OfCollection, (122, 76, 50, 66, 60, 78), strict=True):
            table.setColumnWidth(column, width)
        return table

    def _make_buttons(self) -> None:
        self.open = self._button("Open", "open", "Read the document in the source viewer")
        self.again = self._button("Read again", "again", "Read the file again, also if it did not change")
        self.remove = self._button("Remove ...", "trash", "Forget the chosen documents; their files stay")
        self.more = QToolButton()
        self.more.setText("More")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setToolTip("What else can be done with these documents and their collection")
        menu = QMenu(self.more)
        self.reveal = menu.addAction(icon("folder"), "Show the folder of the file")
        self.copy = menu.addAction("Copy the path")
        menu.addSeparator()
        self.drop = menu.addAction(icon("trash"), "Remove the whole collection ...")
        self.more.setMenu(menu)
        self.open.clicked.connect(self._open)
        self.again.clicked.connect(lambda: self.reingest_asked.emit(self._infos()))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(self._infos()))
        self.reveal.triggered.connect(lambda: self.reveal_asked.emit(self._infos()[0].path))
        self.copy.triggered.connect(self._copy)
        self.drop.triggered.connect(lambda: self.remove_collection_asked.emit(self.collection))
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.documents.table)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.remove.click)

    def _button(self, caption: str, picture: str, tip: str) -> QPushButton:
        button = QPushButton(icon(picture), caption)
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        buttons = FlowLayout()
        for button in (self.open, self.again, self.remove, self.more):
            buttons.addWidget(button)
        below = QWidget()
        inside = QVBoxLayout(below)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.documents, 1)
        inside.addWidget(self.details)
        inside.addLayout(buttons)
        splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        splitter.addWidget(self.collections)
        splitter.addWidget(below)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([COLLECTIONS_HEIGHT, 3 * COLLECTIONS_HEIGHT])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(splitter)

    # Which collection

    def choose_collection(self, name: str) -> None:
        """List the documents of this collection, if it is there."""
        if name in self.collections_model.names:
            self.collections.selectRow(self.collections_model.names.index(name))

    def _choose(self, row: int) -> None:
        if row < 0:
            return
        name = self.collections_model.row(row).name
        if name != self.collection:
            self.collection = name
            self.collection_chosen.emit(name)
        self._settle()

    def _keep_collection(self) -> None:
        """Stand on the same collection as before the list was filled anew; else on the first."""
        names = self.collections_model.names
        if self.collection in names:
            self.choose_collection(self.collection)
        elif names:
            self.collections.selectRow(0)

    # Which documents

    @property
    def chosen(self) -> list[DocumentRow]:
        """The selected documents, in the order on screen."""
        return [self.documents_model.row(row) for row in self.documents.rows]

    def _infos(self) -> list[DocumentInfo]:
        return [row.info for row in self.chosen]

    def _open(self) -> None:
        self.open_asked.emit(self._infos()[0].id)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(info.path for info in self._infos()))

    def set_busy(self, busy: bool) -> None:
        """Something is being read in, or no longer."""
        if busy != self.busy:
            self.busy = busy
            self._settle()

    def _settle(self) -> None:
        rows = self.chosen
        ours = self.collection != STARTER
        files = bool(rows) and all(row.is_file for row in rows)
        self.open.setEnabled(len(rows) == 1 and rows[0].info.chunks > 0)
        self.again.setEnabled(files and ours and not self.busy)
        self.remove.setEnabled(bool(rows) and ours and not self.busy)
        self.reveal.setEnabled(files and len(rows) == 1)
        self.copy.setEnabled(bool(rows))
        self.drop.setEnabled(ours and self.documents_model.held > 0 and not self.busy)
        self.documents.say_when_empty(EMPTY_OWN if self.collection == OWN else EMPTY_OTHER)

    def _show(self, row: int) -> None:
        self.details.show_parts(document_parts(self.documents_model.row(row)) if row >= 0 else [])
        self.details.setFixedHeight(min(DETAILS_HEIGHT, round(self.details.document().size().height()) + 2))
        self._settle()


def document_parts(row: DocumentRow) -> list[Part]:
    """A document with all that is known of it; why it is not in stands first."""
    info = row.info
    state = row.texts[Column.STATE]
    told = [info.kind.value]
    if info.chunks:
        told.append(plural(info.chunks, "passage"))
    told.append(f"{'tried' if info.reason else 'taken in'} {local_time(info.ingested_at)}")
    if info.dated:
        told.append(f"dated {info.dated[:10]}")
    parts: list[Part] = [("title", info.title or info.path)]
    if info.reason:
        parts.append(("alarm" if state == "failed" else "caption", f"Not taken in ({state})"))
        parts.append(("prose", info.reason))
    return [*parts, ("note", ", ".join(told)), ("note", f"{title_of(info.collection)}: {info.path}")]


def sentence_of_removal(documents: Sequence[DocumentInfo]) -> str:
    """What removing these asks: by name where there is one."""
    if len(documents) == 1:
        return f"Remove “{documents[0].title or documents[0].path}” from the library?"
    return f"Remove {plural(len(documents), 'document')} from the library?"
