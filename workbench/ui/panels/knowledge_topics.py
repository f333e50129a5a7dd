"""The topics of the library: groups of passages near in meaning, to browse, and what is near to none."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import Topic
from workbench.ui import aio
from workbench.ui.models.hits_model import HitsModel, hit
from workbench.ui.models.knowledge_facade import title_of
from workbench.ui.models.topics_model import TopicRow, TopicsModel
from workbench.ui.widgets.flow_layout import FlowLayout
from workbench.ui.widgets.hit_delegate import HitDelegate
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.topic_delegate import TopicDelegate
from workbench.ui.widgets.words import Words
from workbench.visible_text import visible

EMPTY = (
    "What is the library about?\n\nPassages that are near in meaning make a topic, named by the words that set it "
    "apart. Finding topics takes some seconds for 100,000 passages, and nothing leaves this machine."
)
FEW = "Take more in, then there will be topics: drop files or folders on this panel, or import official knowledge."
EVERYTHING = "All collections"


class KnowledgeTopics(QWidget):
    """Shows a TopicsModel, asks it to find topics, and announces what is to be opened or searched for."""

    open_passage = Signal(object)
    """A Passage to open at its place."""

    search_asked = Signal(object, tuple)
    """A Topic whose words are to be searched for, and the collections that it is of."""

    def __init__(self, model: TopicsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.collection = QComboBox()
        self.collection.setAccessibleName("Collection whose topics to find")
        self.collection.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.collection.setMinimumContentsLength(8)
        self.collection.addItem(EVERYTHING, None)
        self.look = QPushButton(icon("filter"), "Find topics")
        self.look.setToolTip("Group the passages by what they are about; the same library gives the same topics")
        self.progress = QProgressBar(textVisible=False, maximum=0)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Finding topics")
        self.told = Words("What was found")
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.examples = HitsModel(self)
        self.topics = self._list("Topics", TopicDelegate(self))
        self.topics.setModel(model.rows)
        self.passages = self._list("Passages of the topic", HitDelegate(self))
        self.passages.setModel(self.examples)
        self.open = QPushButton(icon("open"), "Open")
        self.open.setToolTip("Open the document in the source viewer, with this passage marked (Return)")
        self.search = QPushButton(icon("search"), "Search in this topic")
        self.search.setToolTip("Put the words of this topic into the search")
        self._lay_out()
        self._connect()
        self._settle()

    def _list(self, name: str, delegate: QStyledItemDelegate) -> QListView:
        view = QListView()
        view.setItemDelegate(delegate)
        view.setUniformItemSizes(True)
        view.setAlternatingRowColors(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(name)
        return view

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.collection, 1)
        top.addWidget(self.look)
        self._sign = QLabel()
        said = QHBoxLayout()
        said.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.told, 1)
        self._empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True, margin=24)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        buttons = FlowLayout()
        for button in (self.open, self.search):
            buttons.addWidget(button)
        below = QWidget()
        reading = QVBoxLayout(below)
        reading.setContentsMargins(0, 0, 0, 0)
        reading.addWidget(self.passages, 1)
        reading.addLayout(buttons)
        found = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        found.addWidget(self.topics)
        found.addWidget(below)
        found.setStretchFactor(0, 1)
        found.setStretchFactor(1, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(found)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.progress)
        layout.addLayout(said)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.look.clicked.connect(self._find)
        self.model.changed.connect(self._settle)
        self.model.rows.modelReset.connect(self._choose_first)
        self.topics.selectionModel().currentChanged.connect(lambda _now, _before: self._show())
        self.passages.selectionModel().currentChanged.connect(lambda _now, _before: self._settle_buttons())
        self.examples.modelReset.connect(self._settle_buttons)
        self.passages.activated.connect(lambda _index: self._open())
        self.open.clicked.connect(self._open)
        self.search.clicked.connect(self._search)

    def set_collections(self, names: Sequence[str]) -> None:
        """Offer these collections; the one chosen stays so while it is there."""
        offered = [self.collection.itemData(row) for row in range(1, self.collection.count())]
        if list(names) == offered:
            return
        chosen = self.collection.currentData()
        self.collection.clear()
        self.collection.addItem(EVERYTHING, None)
        for name in names:
            self.collection.addItem(visible(title_of(name)), name)
        self.collection.setCurrentIndex(max(0, self.collection.findData(chosen)))

    @property
    def chosen(self) -> TopicRow | None:
        """The topic that the analyst stands on, or the row of what is near to none."""
        index = self.topics.currentIndex()
        return self.model.rows.row(index.row()) if index.isValid() else None

    def _find(self) -> None:
        name = self.collection.currentData()
        self.model.find(() if name is None else (name,))

    def _settle(self) -> None:
        model, found = self.model, self.model.found
        self.look.setEnabled(not model.busy)
        self.look.setText("Find topics" if found is None else "Find again")
        self.collection.setEnabled(not model.busy)
        self.progress.setVisible(model.busy)
        self.told.setText(model.told)
        self.told.setVisible(bool(model.told))
        self._sign.setPixmap(icon("warning").pixmap(QSize(16, 16)))
        self._sign.setVisible(bool(model.problem) or (model.is_outdated and not model.busy))
        self._empty.setText(EMPTY if found is None else FEW)
        self._stack.setCurrentIndex(1 if model.rows.rowCount() else 0)

    def _choose_first(self) -> None:
        if self.model.rows.rowCount():
            self.topics.setCurrentIndex(self.model.rows.index(0))
        else:
            self.examples.show_hits([])

    def _show(self) -> None:
        """Read the passages of the row on which the analyst stands."""
        row = self.chosen
        self.search.setEnabled(row is not None and row.topic is not None and bool(row.topic.words))
        if row is not None:
            aio.spawn(self._read(row), "reading passages of a topic")

    async def _read(self, row: TopicRow) -> None:
        passages = await self.model.passages(row)
        if row is not self.chosen:
            return
        hits = []
        for passage, nearness in passages:
            near = f"{nearness:.2f}" if nearness is not None else ""
            hits.append(replace(hit(passage, frozenset()), relevance=near, measure="nearness"))
        self.examples.show_hits(hits)
        if hits:
            self.passages.setCurrentIndex(self.examples.index(0))

    def _settle_buttons(self) -> None:
        self.open.setEnabled(self.passages.currentIndex().isValid())

    def _open(self) -> None:
        index = self.passages.currentIndex()
        if index.isValid():
            self.open_passage.emit(self.examples.row(index.row()).passage)

    def _search(self) -> None:
        row = self.chosen
        if row is not None and isinstance(row.topic, Topic):
            self.search_asked.emit(row.topic, self.model.collections)
