"""The log on screen: the latest lines, filtered by level and words."""

import threading
from collections import deque
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from workbench import logs
from workbench.ui.theme import shades

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

ENTRY_ROLE = Qt.ItemDataRole.UserRole
SHOWN_CHARACTERS = 500
"""Characters of a line that the list shows; the detail below it shows all."""

BATCH_MS = 100
"""How often at most the list grows, so that a flood of lines leaves the window responsive."""

LEVELS = {"All": 0, "Info and above": 20, "Warnings and errors": 30, "Errors": 40}


class LogModel(QAbstractListModel):
    """Rows are the log entries that pass the filter, oldest first, from the last RECENT_LINES of them."""

    _arrived = Signal()

    about_to_grow = Signal()
    """Before lines are added or dropped; whoever follows the end can look where it is."""

    grew = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._severity, self._words = 0, ""
        self._waiting: deque[logs.LogEntry] = deque()
        self._lock = threading.Lock()
        self._timer = QTimer(self, singleShot=True, interval=BATCH_MS)
        self._timer.timeout.connect(self._take_in)
        # Lines come from any thread; a queued signal brings the news to this one.
        self._arrived.connect(self._plan_to_take_in, Qt.ConnectionType.QueuedConnection)
        unfollow = logs.follow(self._on_entry)
        self.destroyed.connect(unfollow)
        self._all: deque[logs.LogEntry] = deque(logs.recent(), maxlen=logs.RECENT_LINES)
        self._rows = list(self._all)
        self._drop_what_came_twice()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row an entry."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Time, level and text on one line; the colour of its level; and the entry itself."""
        if not index.isValid():
            return None
        entry = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{entry.at:%H:%M:%S}  {entry.level:<8}  {_on_one_line(entry.text)}"
        if role == Qt.ItemDataRole.ForegroundRole and entry.severity >= LEVELS["Warnings and errors"]:
            colours = shades(QGuiApplication.palette())
            return colours.bad if entry.severity >= LEVELS["Errors"] else colours.warn
        return entry if role == ENTRY_ROLE else None

    def filter(self, severity: int, words: str) -> None:
        """Show entries of at least `severity` whose text or origin holds `words`, in any case."""
        self._severity, self._words = severity, words.strip().casefold()
        self.beginResetModel()
        self._rows = [entry for entry in self._all if self._passes(entry)]
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing that was logged before now; the file keeps it."""
        self.beginResetModel()
        self._all.clear()
        self._rows = []
        self.endResetModel()

    def text_of(self, rows: list[int]) -> str:
        """These entries in full, one below the other, for the clipboard."""
        return "\n".join(in_full(self._rows[row]) for row in sorted(rows))

    @property
    def hidden(self) -> int:
        """How many entries the filter holds back."""
        return len(self._all) - len(self._rows)

    def _passes(self, entry: logs.LogEntry) -> bool:
        return entry.severity >= self._severity and (
            not self._words or self._words in entry.text.casefold() or self._words in entry.name.casefold()
        )

    def _on_entry(self, entry: logs.LogEntry) -> None:
        """Called in the thread that logs."""
        with self._lock:
            first = not self._waiting
            self._waiting.append(entry)
        if first:
            self._arrived.emit()

    def _drop_what_came_twice(self) -> None:
        """A line logged while this model was made may be both among the recent and among the new ones."""
        known = set(map(id, self._all))
        with self._lock:
            self._waiting = deque(entry for entry in self._waiting if id(entry) not in known)

    def _plan_to_take_in(self) -> None:
        self._timer.start()

    def _take_in(self) -> None:
        with self._lock:
            entries, self._waiting = list(self._waiting), deque()
        entries = entries[-logs.RECENT_LINES :]
        self.about_to_grow.emit()
        self._all.extend(entries)
        passing = [entry for entry in entries if self._passes(entry)]
        if passing:
            self.beginInsertRows(_ROOT, len(self._rows), len(self._rows) + len(passing) - 1)
            self._rows += passing
            self.endInsertRows()
        surplus = len(self._rows) - logs.RECENT_LINES
        if surplus > 0:
            self.beginRemoveRows(_ROOT, 0, surplus - 1)
            del self._rows[:surplus]
            self.endRemoveRows()
        self.grew.emit()


def in_full(entry: logs.LogEntry) -> str:
    """All of an entry."""
    return f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.level} {entry.name}: {entry.text}"


def _on_one_line(text: str) -> str:
    line = text[: SHOWN_CHARACTERS + 1].replace("\n", " ⏎ ")
    return line if len(text) <= SHOWN_CHARACTERS else line[:SHOWN_CHARACTERS] + " …"
