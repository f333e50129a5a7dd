"""The passages of a run as a table, with who cited them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt

from workbench.core.engine import RunState
from workbench.core.events import Citation, Passage
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE
from workbench.ui.models.rows_model import RowsModel
from workbench.ui.tooltips import plain_tooltip
from workbench.visible_text import visible

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    """Columns of the evidence."""

    RELEVANCE = 0
    KIND = 1
    TITLE = 2
    SOURCE = 3
    PLACE = 4
    IDENTIFIERS = 5
    CITED = 6


HEADERS = {
    Column.RELEVANCE: "Relevance",
    Column.KIND: "Kind",
    Column.TITLE: "Passage",
    Column.SOURCE: "Source",
    Column.PLACE: "Place",
    Column.IDENTIFIERS: "Ids",
    Column.CITED: "Cited",
}


@dataclass(frozen=True)
class EvidenceRow:
    """A passage and the citations that point to it, each with the agent who made it."""

    passage: Passage
    citations: tuple[tuple[str, Citation], ...] = ()

    @property
    def broken(self) -> int:
        """How many quotes were not found in the passage."""
        return sum(not citation.holds for _, citation in self.citations)


def evidence_rows(state: RunState) -> list[EvidenceRow]:
    """The passages of a run in the order found, with their citations."""
    citations: dict[str, dict[tuple[str, Citation], None]] = {}
    for agent, citation in _citations(state):
        citations.setdefault(citation.passage_id, {})[agent, citation] = None
    return [EvidenceRow(passage, tuple(citations.get(passage.id, ()))) for passage in state.passages.values()]


def _citations(state: RunState) -> list[tuple[str, Citation]]:
    of_steps = [
        (record.step.agent, citation)
        for record in state.steps.values()
        if record.outcome is not None
        for citation in record.outcome.citations
    ]
    return of_steps + [
        (proposal.agent, citation) for proposal in state.proposals.values() for citation in proposal.citations
    ]


class EvidenceModel(RowsModel):
    """Rows are EvidenceRow values in the order given. Read-only. A row's key is the passage's id."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HEADERS, _READERS, parent)

    def row(self, number: int) -> EvidenceRow:
        """The evidence of that row."""
        found: EvidenceRow = super().row(number)
        return found


def _text(row: EvidenceRow, column: Column) -> str:
    passage = row.passage
    texts = {
        Column.RELEVANCE: f"{passage.score:.2f}",
        Column.KIND: passage.kind.value,
        Column.TITLE: passage.title,
        Column.SOURCE: passage.source,
        Column.PLACE: str(passage.location),
        Column.IDENTIFIERS: ", ".join(passage.identifiers),
        Column.CITED: _cited(row),
    }
    return visible(texts[column]).replace("\n", " ")


def _cited(row: EvidenceRow) -> str:
    if not row.citations:
        return ""
    times = f"{len(row.citations)}x"
    return f"{times}, {row.broken} not found" if row.broken else times


def _sort_key(row: EvidenceRow, column: Column) -> Any:
    if column is Column.RELEVANCE:
        return row.passage.score
    if column is Column.CITED:
        return len(row.citations)
    return _text(row, column).casefold()


def _haystack(row: EvidenceRow, _column: Column) -> str:
    return " ".join([*(_text(row, each) for each in Column), row.passage.text])


_READERS: dict[int, Callable[[EvidenceRow, Column], Any]] = {
    Qt.ItemDataRole.DisplayRole: _text,
    Qt.ItemDataRole.ToolTipRole: lambda row, _column: plain_tooltip(f"{row.passage.title}\n{row.passage.location}"),
    Qt.ItemDataRole.TextAlignmentRole: lambda _row, column: _RIGHT if column is Column.RELEVANCE else None,
    SORT_ROLE: _sort_key,
    FILTER_ROLE: _haystack,
    KEY_ROLE: lambda row, _column: row.passage.id,
}
"""What each role of a cell is read with."""
