"""The collections of the library as a table."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from workbench.core.engine import CollectionInfo
from workbench.ui.models.knowledge_facade import OWN, STARTER, title_of
from workbench.ui.models.roles import KEY_ROLE, SORT_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import bytes_in_words, local_time, plural
from workbench.visible_text import visible

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """Columns of the collections."""

    NAME = 0
    DOCUMENTS = 1
    FAILED = 2
    CHUNKS = 3
    SIZE = 4
    NEWEST = 5


HEADERS = {
    Column.NAME: "Collection",
    Column.DOCUMENTS: "Documents",
    Column.FAILED: "Failed",
    Column.CHUNKS: "Passages",
    Column.SIZE: "Size",
    Column.NEWEST: "Newest",
}


class CollectionsModel(RowsModel):
    """Rows are collections: the starter knowledge, the analyst's own, then the others by name. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)

    def set_collections(self, collections: Sequence[CollectionInfo]) -> None:
        """Show these, and the analyst's own also while nothing is in it."""
        if not any(each.name == OWN for each in collections):
            nothing = CollectionInfo(name=OWN, documents=0, failed=0, chunks=0, size=0, newest=None)
            collections = [nothing, *collections]
        order = {OWN: 0, STARTER: 1}
        self.set_rows(sorted(collections, key=lambda each: (order.get(each.name, 2), each.name.casefold())))

    def row(self, number: int) -> CollectionInfo:
        """The collection of that row."""
        found: CollectionInfo = super().row(number)
        return found

    @property
    def names(self) -> list[str]:
        """The names of all collections, in the order shown."""
        return [each.name for each in self._rows]


def _text(row: CollectionInfo, column: Column) -> str:
    texts = {
        Column.NAME: title_of(row.name),
        Column.DOCUMENTS: f"{row.documents:,}",
        Column.FAILED: f"{row.failed:,}" if row.failed else "",
        Column.CHUNKS: f"{row.chunks:,}",
        Column.SIZE: bytes_in_words(row.size) if row.size else "",
        Column.NEWEST: local_time(row.newest)[:10] if row.newest else "",
    }
    return visible(texts[column]).replace("\n", " ")


def _tip(row: CollectionInfo, _column: Column) -> str:
    lines = [title_of(row.name), f"Searched as “{row.source}”"]
    if row.newest:
        lines.append(f"The newest came in {local_time(row.newest)}")
    if row.failed:
        lines.append(f"{plural(row.failed, 'file')} could not be taken in; the list says why")
    return plain_tooltip("\n".join(lines))


def _sort_key(row: CollectionInfo, column: Column) -> Any:
    keys = {
        Column.NAME: title_of(row.name).casefold(),
        Column.DOCUMENTS: row.documents,
        Column.FAILED: row.failed,
        Column.CHUNKS: row.chunks,
        Column.SIZE: row.size,
        Column.NEWEST: row.newest.isoformat() if row.newest else "",
    }
    return keys[column]


_READERS: dict[int, Callable[[CollectionInfo, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.DecorationRole: lambda row, column: (
        icon("failed") if column is Column.FAILED and row.failed else None
    ),
    Qt.ItemDataRole.TextAlignmentRole: lambda _row, column: (
        _RIGHT if column in (Column.DOCUMENTS, Column.FAILED, Column.CHUNKS, Column.SIZE) else None
    ),
    SORT_ROLE: _sort_key,
    KEY_ROLE: lambda row, _column: row.name,
}
"""What each role of a cell is read with."""
