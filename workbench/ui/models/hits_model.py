"""What a search found, as a list of hits with the piece of text that answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.core.events import Passage
from workbench.ui.models.highlighting import snippet
from workbench.ui.models.roles import KEY_ROLE
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import plural
from workbench.visible_text import visible
from workbench.wording import percent

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

HIT_ROLE = Qt.ItemDataRole.UserRole + 20
"""The Hit of a row, for the one that draws it."""

SNIPPET_LETTERS = 230


@dataclass(frozen=True)
class Hit:
    """A passage that was found, in words. `wanted` are the stems to mark in it."""

    passage: Passage
    title: str
    origin: str
    """Kind, identifiers, source and place."""
    relevance: str
    """In words; of passages that no question found, something else that tells them apart, or nothing."""
    text: str
    """The piece that is shown."""
    wanted: frozenset[str]
    measure: str = "relevance"
    """What `relevance` tells."""


def hit(passage: Passage, wanted: frozenset[str]) -> Hit:
    """A passage as a hit on the question with these stems."""
    origin = [passage.kind.value, *passage.identifiers[:3], passage.source, str(passage.location)]
    if passage.also_in:
        origin.append(f"also in {plural(len(passage.also_in), 'other place')}")
    return Hit(
        passage=passage,
        title=_line(passage.title),
        origin=_line("  ·  ".join(part for part in origin if part)),
        relevance=percent(passage.score),
        text=_line(snippet(passage.text, wanted, SNIPPET_LETTERS)),
        wanted=wanted,
    )


class HitsModel(QAbstractListModel):
    """Rows are Hit values, the best first. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: list[Hit] = []

    def show(self, passages: Sequence[Passage], wanted: frozenset[str]) -> None:
        """Show these passages as hits on the question with these stems."""
        self.show_hits([hit(passage, wanted) for passage in passages])

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Show these hits as they are."""
        self.beginResetModel()
        self._hits = list(hits)
        self.endResetModel()

    def row(self, number: int) -> Hit:
        """The hit of that row."""
        return self._hits[number]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a hit."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The hit in one line for screen readers, in full as tool tip, and itself for the one that draws it."""
        found = self._hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            measured = f", {found.measure} {found.relevance}" if found.relevance else ""
            return f"{found.title}{measured}, {found.origin}: {found.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            measured = f"\n{found.measure.capitalize()} {found.relevance}" if found.relevance else ""
            return plain_tooltip(f"{found.title}\n{found.origin}{measured}")
        if role == HIT_ROLE:
            return found
        return found.passage.id if role == KEY_ROLE else None


def _line(text: str) -> str:
    return " ".join(visible(text).split())
