"""The documents of a collection as a table that filters and sorts itself in a thread, since there may be many."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from workbench.core.engine import DocumentInfo
from workbench.ui import aio
from workbench.ui.models.roles import COPY_ROLE, KEY_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import bytes_in_words, local_time
from workbench.visible_text import visible

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
STATES = {"ingested": ("in", "done"), "skipped": ("skipped", "skipped"), "failed": ("failed", "failed")}
"""By the engine's state: the word and the icon that show it."""

FEW = 500
"""Rows that are arranged at once; more are in a thread."""


class Column(IntEnum):
    """Columns of the documents."""

    TITLE = 0
    STATE = 1
    KIND = 2
    CHUNKS = 3
    SIZE = 4
    TAKEN_IN = 5
    DATED = 6
    REASON = 7


HEADERS = {
    Column.TITLE: "Document",
    Column.STATE: "State",
    Column.KIND: "Kind",
    Column.CHUNKS: "Passages",
    Column.SIZE: "Size",
    Column.TAKEN_IN: "Taken in",
    Column.DATED: "Dated",
    Column.REASON: "Reason",
}


@dataclass(frozen=True)
class DocumentRow:
    """A document with what its cells show and what it is sorted and filtered by."""

    info: DocumentInfo
    texts: tuple[str, ...]
    keys: tuple[Any, ...]
    haystack: str

    @property
    def is_file(self) -> bool:
        """Whether it was read from a file of this machine, which can be read again and shown in its folder."""
        return Path(self.info.path).is_absolute()


def document_row(info: DocumentInfo) -> DocumentRow:
    """The row of that document."""
    word = STATES.get(str(info.state), (str(info.state), ""))[0]
    texts = (
        info.title or Path(info.path).name,
        word,
        info.kind.value,
        f"{info.chunks:,}" if info.chunks else "",
        bytes_in_words(info.size) if info.size else "",
        local_time(info.ingested_at),
        info.dated[:10],
        info.reason,
    )
    shown = tuple(visible(text).replace("\n", " ") for text in texts)
    keys = (shown[0].casefold(), word, shown[2], info.chunks, info.size, info.ingested_at, info.dated, shown[7])
    return DocumentRow(info, shown, keys, " ".join([*shown, info.path]).casefold())


class DocumentsModel(RowsModel):
    """Rows are DocumentRow values. What is shown follows the latest wish; older ones still at work are dropped."""

    arranged = Signal()
    """What was wished for last is on screen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)
        self._all: tuple[DocumentRow, ...] = ()
        self._words: tuple[str, ...] = ()
        self._order: tuple[int, bool] | None = None
        self._wish = 0

    @property
    def held(self) -> int:
        """How many documents there are, shown or not."""
        return len(self._all)

    async def set_documents(self, documents: Sequence[DocumentInfo]) -> None:
        """Show these documents, filtered and sorted as before."""
        self._all = await asyncio.to_thread(lambda: tuple(map(document_row, documents)))
        await self._arrange()

    def row(self, number: int) -> DocumentRow:
        """The document of that row."""
        found: DocumentRow = super().row(number)
        return found

    def place_of(self, key: object) -> int | None:
        """The row of the document of that id, None when it is not shown."""
        return next((place for place, row in enumerate(self._rows) if row.info.id == key), None)

    def filter_by(self, text: str) -> None:
        """Show only documents that hold all words of `text`."""
        words = tuple(text.casefold().split())
        if words != self._words:
            self._words = words
            self._wish_for()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by that column; -1 is the library's own order."""
        self._order = (column, order is Qt.SortOrder.DescendingOrder) if column >= 0 else None
        if self._all:
            self._wish_for()

    def _wish_for(self) -> None:
        if len(self._all) <= FEW:
            self._wish += 1
            self._show(arranged(self._all, self._words, self._order))
        else:
            aio.spawn(self._arrange(), "arranging the documents")

    async def _arrange(self) -> None:
        self._wish += 1
        wish = self._wish
        rows = await asyncio.to_thread(arranged, self._all, self._words, self._order)
        if wish == self._wish:
            self._show(rows)

    def _show(self, rows: list[DocumentRow]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        self.arranged.emit()


def arranged(rows: Sequence[DocumentRow], words: Sequence[str], order: tuple[int, bool] | None) -> list[DocumentRow]:
    """The rows that hold all words, sorted by column and whether descending, as they come when None."""
    kept = [row for row in rows if all(word in row.haystack for word in words)]
    if order is not None:
        column, descending = order
        kept.sort(key=lambda row: row.keys[column], reverse=descending)
    return kept


def _tip(row: DocumentRow, _column: Column) -> str:
    return plain_tooltip("\n".join(part for part in (row.info.title, row.info.path, row.info.reason) if part))


def _sign(row: DocumentRow, column: Column) -> Any:
    name = STATES.get(str(row.info.state), ("", ""))[1]
    return icon(name) if column is Column.STATE and name else None


_READERS: dict[int, Callable[[DocumentRow, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: lambda row, column: row.texts[column],
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.DecorationRole: _sign,
    Qt.ItemDataRole.TextAlignmentRole: lambda _row, column: _RIGHT if column in (Column.CHUNKS, Column.SIZE) else None,
    COPY_ROLE: lambda row, column: row.info.path if column is Column.TITLE else None,
    KEY_ROLE: lambda row, _column: row.info.id,
}
"""What each role of a cell is read with."""
