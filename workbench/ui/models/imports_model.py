"""What was imported into the library, and what each import changed, as a table."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from workbench.core.engine import ImportInfo, ImportKind
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import local_time, plural
from workbench.visible_text import visible

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """Columns of the imports."""

    KIND = 0
    NAME = 1
    VERSION = 2
    AT = 3
    ADDED = 4
    CHANGED = 5
    REMOVED = 6


HEADERS = {
    Column.KIND: "Kind",
    Column.NAME: "From",
    Column.VERSION: "Version",
    Column.AT: "Imported",
    Column.ADDED: "Added",
    Column.CHANGED: "Changed",
    Column.REMOVED: "Removed",
}


class ImportsModel(RowsModel):
    """Rows are imports, the latest first. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)
        self.kinds: tuple[ImportKind, ...] = ()
        """The formats that can be imported."""

    def set_imports(self, imports: Sequence[ImportInfo]) -> None:
        """Show these."""
        self.set_rows(sorted(imports, key=lambda each: each.at, reverse=True))

    def row(self, number: int) -> ImportInfo:
        """The import of that row."""
        found: ImportInfo = super().row(number)
        return found


def counts_in_words(added: int, changed: int, removed: int) -> str:
    """What an import changed: `3 added, 1 changed`, or that nothing did."""
    told = [
        f"{count:,} {word}" for count, word in ((added, "added"), (changed, "changed"), (removed, "removed")) if count
    ]
    return ", ".join(told) or "nothing changed"


def _text(row: ImportInfo, column: Column) -> str:
    texts = {
        Column.KIND: row.kind,
        Column.NAME: row.file if row.name in ("", row.kind) else row.name,
        Column.VERSION: row.version,
        Column.AT: local_time(row.at),
        Column.ADDED: f"{row.added:,}",
        Column.CHANGED: f"{row.changed:,}",
        Column.REMOVED: f"{row.removed:,}",
    }
    return visible(texts[column]).replace("\n", " ")


def _tip(row: ImportInfo, _column: Column) -> str:
    told = counts_in_words(row.added, row.changed, row.removed)
    total = plural(row.added + row.changed + row.removed, "document")
    return plain_tooltip(f"{row.file}\n{total} touched: {told}")


_NUMBERS = {Column.ADDED: "added", Column.CHANGED: "changed", Column.REMOVED: "removed"}


def _sort_key(row: ImportInfo, column: Column) -> Any:
    if column in _NUMBERS:
        return getattr(row, _NUMBERS[column])
    return row.at.isoformat() if column is Column.AT else _text(row, column).casefold()


_READERS: dict[int, Callable[[ImportInfo, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: _tip,
    Qt.ItemDataRole.TextAlignmentRole: lambda _row, column: _RIGHT if column in _NUMBERS else None,
    SORT_ROLE: _sort_key,
    FILTER_ROLE: lambda row, _column: " ".join(_text(row, each) for each in Column),
    KEY_ROLE: lambda row, _column: row.id,
}
"""What each role of a cell is read with."""
