"""The topics of the library: found when the analyst asks, kept until the library changes, and read out one by one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from loguru import logger
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workbench.core.engine import CollectionInfo, Topic, Topics, WorkbenchError
from workbench.core.events import Passage
from workbench.ui import aio
from workbench.ui.models.roles import KEY_ROLE
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import plural
from workbench.visible_text import visible

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

TOPIC_ROLE = Qt.ItemDataRole.UserRole + 30
"""The TopicRow of a row, for the one that draws it."""

NAMING_WORDS = 3
"""Words that name a topic; the others stand beneath."""


class Overview(Protocol):
    """The part of the library facet that tells what it is about."""

    async def topics(self, collections: Sequence[str] = ...) -> Topics:
        """What those collections are about, all when there are none named."""
        ...

    async def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, None when it is gone."""
        ...


@dataclass(frozen=True)
class TopicRow:
    """A topic in words; without a topic the row of what is near to none."""

    topic: Topic | None
    name: str
    count: str
    note: str
    share: float
    """Of the largest topic, 0 to 1: how long its bar is."""


def row_of(topic: Topic, largest: int) -> TopicRow:
    """A topic as a row among topics of which the largest has so many chunks."""
    told = [
        ", ".join(topic.words[NAMING_WORDS:]),
        plural(topic.documents, "document"),
        f"newest {topic.newest[:10]}" if topic.newest else "",
    ]
    return TopicRow(
        topic=topic,
        name=_line(topic.name),
        count=plural(topic.chunks, "passage"),
        note=_line(" · ".join(part for part in told if part)),
        share=topic.chunks / max(1, largest),
    )


def _outlying(count: int) -> TopicRow:
    note = "misplaced, in another language, broken, or simply new"
    return TopicRow(None, "Near to no topic", plural(count, "passage"), note, 0.0)


class TopicRows(QAbstractListModel):
    """Rows are TopicRow values, the largest first and what is near to none last. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[TopicRow] = []

    def show(self, found: Topics | None) -> None:
        """Show these topics, or none."""
        self.beginResetModel()
        topics = found.topics if found else ()
        largest = max((topic.chunks for topic in topics), default=0)
        self._rows = [row_of(topic, largest) for topic in topics]
        if topics and found is not None and found.outliers:
            self._rows.append(_outlying(len(found.outliers)))
        self.endResetModel()

    def row(self, number: int) -> TopicRow:
        """The row of that number, from 0."""
        return self._rows[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a topic."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The topic in one line for screen readers, in full as tool tip, and itself for the one that draws it."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.name}: {row.count}, {row.note}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"{row.name}\n{row.count}\n{row.note}")
        if role == TOPIC_ROLE:
            return row
        return row.name if role == KEY_ROLE else None


class TopicsModel(QObject):
    """Asks `library` for topics when told to, and knows whether they are of the library as it is now."""

    changed = Signal()
    """Another state: asked, found, failed, outdated."""

    def __init__(self, library: Overview, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._task: asyncio.Task[None] | None = None
        self._now: object = None
        self._of: object = None
        self.rows = TopicRows(self)
        self.found: Topics | None = None
        self.collections: tuple[str, ...] = ()
        """What the topics are of; empty for everything."""
        self.problem = ""

    @property
    def busy(self) -> bool:
        """Whether topics are being found."""
        return self._task is not None

    @property
    def is_outdated(self) -> bool:
        """Whether the library has changed since its topics were found."""
        return self.found is not None and self._of != self._now

    def follow(self, collections: Sequence[CollectionInfo]) -> None:
        """Compare with what the library holds now."""
        now = [(each.name, each.documents, each.chunks, each.newest) for each in collections]
        if now != self._now:
            self._now = now
            self.changed.emit()

    def outdate(self) -> None:
        """The topics are of an earlier state, though the library holds the same as before."""
        if self.found is not None:
            self._of = None
            self.changed.emit()

    def find(self, collections: Sequence[str] = ()) -> None:
        """Find the topics of those collections (of all when there are none named); nothing while that goes on."""
        if not self.busy:
            self._task = aio.spawn(self._find(tuple(collections)), "finding topics")
            self.changed.emit()

    def stop(self) -> None:
        """Give up what is being found."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _find(self, collections: tuple[str, ...]) -> None:
        of, found, problem = self._now, None, ""
        try:
            found = await self._library.topics(collections)
        except WorkbenchError as error:
            problem = str(error)
        except Exception as error:
            logger.opt(exception=error).error("Topics could not be found")
            problem = f"Topics could not be found ({type(error).__name__}); try again, or look into the log"
        self._task, self._of, self.problem = None, of, problem
        self.found, self.collections = found, collections
        self.rows.show(found)
        self.changed.emit()

    async def passages(self, row: TopicRow) -> list[tuple[Passage, float | None]]:
        """The examples of a topic; of the row of outliers those, each with how near it is to the nearest topic."""
        wanted: list[tuple[str, float | None]]
        if row.topic is not None:
            wanted = [(example, None) for example in row.topic.examples]
        else:
            wanted = [(each.passage_id, each.nearness) for each in self.found.outliers] if self.found else []
        passages = [(await self._library.passage(identity), nearness) for identity, nearness in wanted]
        return [(passage, nearness) for passage, nearness in passages if passage is not None]

    @property
    def told(self) -> str:
        """What came of it, in a sentence or two."""
        if self.busy:
            return "Finding topics ..."
        if self.problem or self.found is None:
            return visible(self.problem)
        if not self.found.topics:
            few = plural(self.found.chunks, "passage") if self.found.chunks else "Nothing"
            return f"{few} to group: too few for topics."
        many = f"{plural(len(self.found.topics), 'topic')} of {plural(self.found.chunks, 'passage')}."
        return f"{many} The library has changed since; find them again." if self.is_outdated else many


def _line(text: str) -> str:
    return " ".join(visible(text).split())
