"""The folders that were read into the library as a table."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from workbench.core.engine import Folder
from workbench.ui.models.knowledge_facade import title_of
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import local_time
from workbench.visible_text import visible


class Column(IntEnum):
    """Columns of the folders."""

    PATH = 0
    STATE = 1
    LAST_PASS = 2
    COLLECTION = 3


HEADERS = {
    Column.PATH: "Folder",
    Column.STATE: "State",
    Column.LAST_PASS: "Last read",
    Column.COLLECTION: "Collection",
}


class FoldersModel(RowsModel):
    """Rows are folders by path. Read-only. A row's key is the folder's path."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)

    def set_folders(self, folders: Sequence[Folder]) -> None:
        """Show these."""
        self.set_rows(sorted(folders, key=lambda each: each.path))

    def row(self, number: int) -> Folder:
        """The folder of that row."""
        found: Folder = super().row(number)
        return found

    @property
    def unfinished(self) -> list[Folder]:
        """The folders whose reading was broken off."""
        return [folder for folder in self._rows if folder.unfinished]


def state_of(folder: Folder) -> tuple[str, str]:
    """The word and the icon that show how a folder stands."""
    if folder.missing:
        return "not there", "warning"
    if folder.unfinished:
        return "not finished", "warning"
    return ("watched", "running") if folder.watched else ("read once", "done")


def _tip(row: Folder) -> str:
    if row.missing:
        return f"{row.path}\nIt is not there now, or is empty; what came from it stays in the library"
    return row.path


def _text(row: Folder, column: Column) -> str:
    texts = {
        Column.PATH: row.path,
        Column.STATE: state_of(row)[0],
        Column.LAST_PASS: local_time(row.last_pass) if row.last_pass else "",
        Column.COLLECTION: title_of(row.collection),
    }
    return visible(texts[column]).replace("\n", " ")


_READERS: dict[int, Callable[[Folder, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: lambda row, _column: plain_tooltip(_tip(row)),
    Qt.ItemDataRole.DecorationRole: lambda row, column: icon(state_of(row)[1]) if column is Column.STATE else None,
    SORT_ROLE: lambda row, column: _text(row, column).casefold(),
    FILTER_ROLE: lambda row, _column: " ".join(_text(row, each) for each in Column),
    KEY_ROLE: lambda row, _column: row.path,
}
"""What each role of a cell is read with."""
