"""The consensus of a run in words and numbers for the screen, and the table of the agents' records."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.core import events as ev
from workbench.core.engine import AgentRecord, RunState
from workbench.ui.models.roles import SORT_ROLE
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.odds_bars import Bar
from workbench.ui.wording import gate_words, plural
from workbench.visible_text import visible
from workbench.wording import percent

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

POINTS = 10.0
"""Points for one unit of natural log-odds: small whole numbers are easier to compare than fractions."""

LEAST_SCALE = 5.0
"""Points that the scale of contributions shows at least, so that nothing looks large because all is small."""

PART_NAMES = {"record": "its record", "confidence": "being surer than usual", "quality": "its checks"}


def no_decision(state: RunState) -> str:
    """What to say while there is no decision."""
    if state.task is None:
        return "No run on screen. The decision of a run and what each agent added to it stand here."
    if isinstance(state.final, ev.RunFailed):
        return f"This run ended without a decision: {state.final.reason}"
    if isinstance(state.final, ev.RunCancelled):
        return "This run was cancelled before the agents decided. Go on with it to reach a decision."
    if state.proposals:
        return f"Proposals sealed so far: {', '.join(map(_shown, state.proposals))}. The decision follows the last."
    return "The agents are at work. Each seals its proposal before it sees another's; then they are weighed."


def standing_words(decision: ev.Decision) -> str:
    """Why the decision stands as it does, and what would settle it."""
    words = [decision.reason[:1].upper() + decision.reason[1:].rstrip(".") + "."] if decision.reason else []
    if decision.judged_to_settle and decision.standing is not ev.Standing.SETTLED:
        judged = plural(decision.judged_to_settle, "more judged decision")
        words.append(f"After {judged} in this domain a decision can be settled.")
    return visible(" ".join(words))


def forbidden(decision: ev.Decision) -> str:
    """What the gates forbid, which is the most permissive option only; empty without gates."""
    if not decision.gates:
        return ""
    return f"{gate_words(len(decision.gates), _shown(next(iter(decision.posterior))))}: it cannot be the verdict."


def record_words(contribution: ev.Contribution) -> str:
    """An agent's record in the domain of the decision, in words."""
    if not contribution.judged:
        return "no record yet"
    return f"right {contribution.right} of {contribution.judged} in {_shown(contribution.domain)}"


def posterior_bars(decision: ev.Decision) -> list[Bar]:
    """A bar for each option, in the order of the task's options, with its probability before anyone voted."""
    return [
        Bar(
            label=_shown(option),
            value=share,
            number=percent(share),
            more=f"{option}: {percent(share)}, and {percent(decision.prior[option])} before anyone voted",
            leads=option == decision.verdict,
        )
        for option, share in decision.posterior.items()
    ]


def contribution_bars(decision: ev.Decision) -> list[Bar]:
    """A bar for each agent: its points for (right) or against (left) the verdict, the largest first."""
    bars = []
    for contribution in sorted(decision.contributions, key=lambda each: -each.log_odds[decision.verdict]):
        points = POINTS * contribution.log_odds[decision.verdict]
        said = f"says “{_shown(contribution.verdict)}” ({percent(contribution.confidence)})"
        if contribution.abstained:
            said = "no opinion"
        bars.append(
            Bar(
                label=_shown(contribution.agent),
                value=points,
                number=signed(points),
                note=", ".join([said, record_words(contribution)]),
                more=_made_of(contribution),
            )
        )
    return bars


def contribution_scale(decision: ev.Decision) -> float:
    """Points from the zero line to either end of the scale."""
    points = [abs(POINTS * each.log_odds[decision.verdict]) for each in decision.contributions]
    return max([LEAST_SCALE, *points])


def dissents(decision: ev.Decision) -> list[tuple[str, str]]:
    """Each dissenter with its verdict, and its own rationale."""
    return [
        (f"{_shown(each.agent)} says “{_shown(each.verdict)}”", visible(each.rationale).strip())
        for each in decision.contributions
        if each.agent in decision.dissent
    ]


def signed(points: float) -> str:
    """`+8.1`, `−2.5`, `0.0`."""
    rounded = round(points, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):.1f}"


def _made_of(contribution: ev.Contribution) -> str:
    if contribution.abstained:
        return f"{contribution.agent}: {contribution.remark}"
    lines = [f"{contribution.agent}: {contribution.verdict}, {percent(contribution.confidence)}", ""]
    lines += [
        f"{signed(POINTS * value)} points for its own verdict by {PART_NAMES.get(name, name)}"
        for name, value in contribution.parts.items()
    ]
    if contribution.independence < 1:
        lines.append(
            f"It shares a voice with others of its kind: {percent(contribution.independence)} of it is its own"
        )
    if contribution.capped:
        lines.append("Cut to the most that one voice may add")
    flips = (
        "Without it the verdict would be another one" if contribution.would_flip else "The verdict stands without it"
    )
    lines += [flips, record_words(contribution).capitalize()]
    if contribution.remark:
        lines.append(contribution.remark.capitalize())
    return "\n".join(lines)


def _shown(text: str) -> str:
    return visible(text).replace("\n", " ").replace("_", " ")


class RecordColumn(IntEnum):
    """Columns of the table of records."""

    AGENT = 0
    DOMAIN = 1
    RIGHT = 2
    EXPECTED = 3
    REMARK = 4


RECORD_HEADERS = {
    RecordColumn.AGENT: "Agent",
    RecordColumn.DOMAIN: "Domain",
    RecordColumn.RIGHT: "Right",
    RecordColumn.EXPECTED: "Expected",
    RecordColumn.REMARK: "Remark",
}
RECORD_TIPS = {
    RecordColumn.RIGHT: "How many of the decisions you judged the agent had right",
    RecordColumn.EXPECTED: "Share of right votes to expect: its expertise, then more and more its record",
}


class RecordModel(QAbstractTableModel):
    """Rows are AgentRecord values. Read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: list[AgentRecord] = []

    def set_records(self, records: Sequence[AgentRecord]) -> None:
        """Show these records."""
        self.beginResetModel()
        self._records = list(records)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row for each agent and domain."""
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """As many as RecordColumn has."""
        return 0 if parent.isValid() else len(RecordColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell, its tool tip, and what it is sorted by."""
        record, column = self._records[index.row()], RecordColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(record, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(record.remark or f"{record.expertise} here by its role")
        if role == SORT_ROLE:
            numbers = {RecordColumn.RIGHT: record.right / record.judged, RecordColumn.EXPECTED: record.accuracy}
            return numbers.get(column, _cell(record, column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns, and what the numbers mean."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return RECORD_HEADERS[RecordColumn(section)]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return RECORD_TIPS.get(RecordColumn(section))
        return None


def _cell(record: AgentRecord, column: RecordColumn) -> str:
    return {
        RecordColumn.AGENT: _shown(record.agent),
        RecordColumn.DOMAIN: _shown(record.domain),
        RecordColumn.RIGHT: f"{record.right} of {record.judged}",
        RecordColumn.EXPECTED: percent(record.accuracy),
        RecordColumn.REMARK: _shown(record.remark),
    }[column]
