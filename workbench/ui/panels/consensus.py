"""The consensus: verdict and standing, posterior, what each agent added, gates, dissent, and the agents' records."""

from collections.abc import Sequence

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core import events as ev
from workbench.core.engine import AgentRecord
from workbench.core.events import RunEvent
from workbench.ui.models import consensus_model as model
from workbench.ui.models.consensus_model import RecordColumn, RecordModel
from workbench.ui.models.roles import SORT_ROLE
from workbench.ui.models.run_model import RunModel
from workbench.ui.widgets.badge import Badge
from workbench.ui.widgets.odds_bars import OddsBars
from workbench.ui.widgets.words import Words
from workbench.ui.wording import plural
from workbench.visible_text import visible

_SHOWN_BY = (ev.ProposalSealed, ev.DecisionMade, ev.AttemptStarted, *ev.FINAL)
"""Events that can change what this panel shows."""

_TONES = {ev.Standing.SETTLED: "good", ev.Standing.PROVISIONAL: "warn", ev.Standing.NEEDS_A_HUMAN: "bad"}
_MAX_RECORD_ROWS = 8


class ConsensusPanel(QWidget):
    """Shows the decision of a RunModel; `show_records` and `show_judgement` bring what the engine remembers."""

    judged = Signal(bool, str)
    """The analyst says whether the verdict was right, and else what it should have been."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._make_parts()
        self._lay_out()
        run.replaced.connect(self._replace)
        run.grew.connect(self._grow)
        self._replace()

    def show_records(self, records: Sequence[AgentRecord]) -> None:
        """Show how the agents did in all decisions judged so far."""
        self.record_model.set_records(records)
        self.no_records.setVisible(not records)
        self.records.setVisible(bool(records))
        self.records.setColumnHidden(RecordColumn.REMARK, not any(record.remark for record in records))
        rows = min(len(records), _MAX_RECORD_ROWS) * self.records.verticalHeader().defaultSectionSize()
        scroll_bar = self.records.horizontalScrollBar().sizeHint().height()
        self.records.setFixedHeight(self.records.horizontalHeader().sizeHint().height() + rows + scroll_bar + 4)

    def show_judgement(self, truth: str | None) -> None:
        """Show what the analyst said was right for this run; None when he has not said it."""
        decision = self._run.state.decision
        if truth is None or decision is None:
            self.judgement.hide()
            return
        right = truth == decision.verdict
        said = "You judged this right." if right else f"You judged this wrong: it was “{visible(truth)}”."
        self.judgement.setText(f"{said} Judging again replaces it.")
        self.judgement.show()

    def _make_parts(self) -> None:
        self.empty = Words("What the consensus waits for", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.verdict = Words("Verdict", size=1.6, bold=True)
        self.standing = Badge()
        self.reason = Words("Why the decision stands so", "quiet")
        self.gated = Words("What the gates forbid", "bad")
        self.show_gates = QPushButton()
        self.show_gates.setCheckable(True)
        self.show_gates.setAccessibleName("Show the gates one by one")
        self.show_gates.setToolTip("The confirmed findings of high severity, which no vote outweighs")
        self.show_gates.toggled.connect(self._unfold_gates)
        self.gates = Words("Gates", "bad")
        self.posterior = OddsBars("Probability of each option")
        self.added = _heading("")
        self.contributions = OddsBars("What each agent added, in points")
        self.dissent_heading = _heading("Dissent")
        self.dissent = Words("Dissent")
        self.right = QPushButton("Right")
        self.right.setToolTip("The verdict was right; the record learns from it")
        self.right.clicked.connect(lambda: self.judged.emit(True, ""))
        self.wrong = QPushButton("Wrong, it was ...")
        self.wrong.setToolTip("Say what the verdict should have been; the record learns from it")
        self.wrong.setMenu(QMenu(self.wrong))
        self.judgement = Words("Your judgement", "quiet")
        self.no_records = Words("Records", "quiet")
        self.no_records.setText("No decision was judged yet. When you know what was right, say so: agents count by it.")
        self.record_model = RecordModel(self)
        self.records = self._make_table()

    def _make_table(self) -> QTableView:
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(self.record_model)
        proxy.setSortRole(SORT_ROLE)
        table = QTableView()
        table.setAccessibleName("Records of the agents")
        table.setModel(proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(RecordColumn.DOMAIN, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        return table

    def _lay_out(self) -> None:
        self._decision = QWidget()
        decided = QVBoxLayout(self._decision)
        decided.setContentsMargins(0, 0, 0, 0)
        decided.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.verdict, 1)
        head.addWidget(self.standing, 0, Qt.AlignmentFlag.AlignTop)
        decided.addLayout(head)
        for part in (
            self.reason,
            self.gated,
            _heading("Probability of each option"),
            self.posterior,
            self.added,
            self.contributions,
            _heading("Was it right?"),
        ):
            decided.addWidget(part)
        buttons = QHBoxLayout()
        buttons.addWidget(self.right)
        buttons.addWidget(self.wrong)
        buttons.addStretch(1)
        decided.addLayout(buttons)
        decided.addWidget(self.judgement)
        for part in (self.dissent_heading, self.dissent):
            decided.addWidget(part)
        decided.addWidget(self.show_gates, 0, Qt.AlignmentFlag.AlignLeft)
        decided.addWidget(self.gates)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._decision)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 12, 12)
        column.addWidget(self._stack)
        column.addWidget(_heading("Records of the agents"))
        column.addWidget(self.no_records)
        column.addWidget(self.records)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.show_records(())

    def _grow(self, event: RunEvent) -> None:
        if isinstance(event.body, _SHOWN_BY):
            self._refresh()

    def _replace(self) -> None:
        self.judgement.hide()
        self._refresh()

    def _refresh(self) -> None:
        state = self._run.state
        if state.decision is None:
            self.empty.setText(visible(model.no_decision(state)))
        else:
            self._show(state.decision)
            over = state.final is not None
            self.right.setEnabled(over)
            self.wrong.setEnabled(over)
        shown = self.empty if state.decision is None else self._decision
        for page in (self.empty, self._decision):
            wanted = QSizePolicy.Policy.Preferred if page is shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, wanted)
        self._stack.setCurrentWidget(shown)

    def _show(self, decision: ev.Decision) -> None:
        self.verdict.setText(visible(decision.told))
        self.standing.say(decision.standing.value, _TONES[decision.standing])
        self.reason.setText(model.standing_words(decision))
        self.gated.setText(model.forbidden(decision))
        self.gated.setVisible(bool(decision.gates))
        self.gates.setText(visible("\n".join(f"Gate: {gate.reason}" for gate in decision.gates)))
        self.show_gates.setVisible(bool(decision.gates))
        self._unfold_gates(self.show_gates.isChecked())
        self.posterior.show_bars(model.posterior_bars(decision), 0.0, 1.0)
        self.added.setText(f"Points for “{visible(decision.verdict)}” by agent")
        scale = model.contribution_scale(decision)
        self.contributions.show_bars(model.contribution_bars(decision), -scale, scale)
        told = model.dissents(decision)
        self.dissent.setText("\n\n".join(f"{who}:\n{words}" if words else who for who, words in told))
        self.dissent.setVisible(bool(told))
        self.dissent_heading.setVisible(bool(told))
        self._offer(decision)

    def _unfold_gates(self, unfolded: bool) -> None:
        gates = len(self.gates.text().splitlines())
        self.show_gates.setText(f"{'Hide' if unfolded else 'Show'} {plural(gates, 'gate')}")
        self.gates.setVisible(unfolded and gates > 0)

    def _offer(self, decision: ev.Decision) -> None:
        menu = self.wrong.menu()
        menu.clear()
        for option in decision.posterior:
            if option != decision.verdict:
                action = menu.addAction(visible(option).replace("&", "&&"))
                action.triggered.connect(lambda _checked=False, option=option: self.judged.emit(False, option))


def _heading(text: str) -> Words:
    heading = Words(bold=True)
    heading.setText(text)
    heading.setContentsMargins(0, 10, 0, 0)
    return heading
