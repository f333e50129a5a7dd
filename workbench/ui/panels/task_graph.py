"""The task graph: the plan with its live states, and beside it what the chosen step did."""

from datetime import UTC, datetime

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import StepRecord
from workbench.core.events import RunEvent, StepState
from workbench.ui.models.run_model import RunModel
from workbench.ui.theme import is_dark, shades
from workbench.ui.widgets.elided_label import ElidedLabel
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.plan_view import PlanView, state_colour, step_duration
from workbench.ui.wording import plural
from workbench.visible_text import visible

TICK_MS = 500
"""How often the time of a running step is counted on."""

SHOWN_LINES = 200


class TaskGraph(QWidget):
    """Shows the plan of the run on screen. Choosing a step opens it at the right."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.view = PlanView()
        self.details = StepDetails()
        self._lay_out()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show)
        self._show_soon = QTimer(self, singleShot=True, interval=50)
        self._show_soon.timeout.connect(self._show)
        self.view.step_chosen.connect(self._open)
        run.grew.connect(self._grow)
        run.replaced.connect(self._replace)
        self._replace()

    def _lay_out(self) -> None:
        empty = QLabel("The plan appears here when a run begins: its steps, who does them and how far they are.")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        empty.setMargin(24)
        canvas = QWidget()
        column = QVBoxLayout(canvas)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view)
        column.addLayout(self._zoom_row())
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.addWidget(canvas)
        self._split.addWidget(self.details)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(self._split)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _zoom_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 4)
        row.setSpacing(2)
        self._reason = ElidedLabel()
        row.addWidget(self._reason, 1)
        for name, caption, act in (
            ("zoom-out", "Zoom out (-)", lambda: self.view.zoom(1 / 1.2)),
            ("zoom-in", "Zoom in (+)", lambda: self.view.zoom(1.2)),
            ("fit", "Show the whole plan (0)", self.view.fit),
        ):
            button = QToolButton(autoRaise=True)
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(caption)
            button.setAccessibleName(caption)
            button.clicked.connect(act)
            row.addWidget(button)
        return row

    def _grow(self, event: RunEvent) -> None:
        if not self._show_soon.isActive():
            self._show_soon.start()

    def _replace(self) -> None:
        self.details.setVisible(False)
        self._show()

    def _show(self) -> None:
        state = self._run.state
        self._stack.setCurrentIndex(1 if state.steps else 0)
        self.view.show_steps(state.steps, datetime.now(UTC))
        self._reason.setText(visible(state.plan_reason))
        running = any(record.state is StepState.RUNNING for record in state.steps.values()) and state.final is None
        if running != self._tick.isActive():
            self._tick.start() if running else self._tick.stop()
        chosen = self.view.chosen
        if chosen and self.details.isVisible():
            self.details.show_step(state.steps[chosen])

    def _open(self, step: str) -> None:
        self.details.setVisible(True)
        self.details.show_step(self._run.state.steps[step])


class StepDetails(QWidget):
    """One step in full: goal, inputs, outcome, and what it said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._record: StepRecord | None = None
        self.text = QTextEdit(readOnly=True)
        self.text.setFrameShape(QTextEdit.Shape.NoFrame)
        self.text.document().setDocumentMargin(10)
        self.text.setAccessibleName("Details of the step")
        cross = QToolButton(autoRaise=True)
        cross.setIcon(icon("remove"))
        cross.setToolTip("Close the details")
        cross.setAccessibleName("Close the details of the step")
        cross.clicked.connect(self.hide)
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 2, 0)
        head.addWidget(self._title, 1)
        head.addWidget(cross)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.text)

    def changeEvent(self, event: QEvent) -> None:
        """Write anew in the colours of a changed theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._record is not None:
            self.show_step(self._record)

    def show_step(self, record: StepRecord) -> None:
        """Show this step; nothing is drawn anew while nothing changed."""
        self._record = record
        now = (record.step, record.state, len(record.said), record.reason, record.outcome, is_dark(self.palette()))
        if now == self._shown:
            return
        self._shown = now
        step = record.step
        self._title.setText(visible(step.title))
        bar = self.text.verticalScrollBar()
        position = bar.value()
        self.text.clear()
        took = step_duration(record)
        self._write("", f"{record.state}{f' in {took}' if took else ''}, by {step.agent}", state=record.state)
        self._write("Goal", step.goal)
        self._write("Needs", ", ".join(step.inputs) or "nothing, so it starts at once")
        if record.reason:
            self._write("An earlier attempt" if record.outcome else "Why it stopped", record.reason)
        self._write_outcome(record)
        if record.said:
            self._write("What it said", "\n".join(record.said[-SHOWN_LINES:]))
        bar.setValue(position)

    def _write_outcome(self, record: StepRecord) -> None:
        outcome = record.outcome
        if outcome is None:
            return
        self._write("Outcome", outcome.summary)
        counts = [
            plural(len(outcome.findings), "finding") if outcome.findings else "",
            plural(len(outcome.passages), "further passage") if outcome.passages else "",
            plural(len(outcome.citations), "citation") if outcome.citations else "",
            plural(len(outcome.drafts), "draft") if outcome.drafts else "",
        ]
        told = ", ".join(filter(None, counts))
        if told:
            self._write("Left behind", told)

    def _write(self, heading: str, text: str, *, state: str = "") -> None:
        tones = shades(self.palette())
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        quiet, plain = QTextCharFormat(), QTextCharFormat()
        quiet.setForeground(tones.quiet)
        if state:
            plain.setForeground(state_colour(state, tones))
            plain.setFontWeight(600)
        apart, close = QTextBlockFormat(), QTextBlockFormat()
        apart.setTopMargin(8)
        if not self.text.document().isEmpty():
            cursor.insertBlock(apart)
        if heading:
            cursor.insertText(heading, quiet)
            cursor.insertBlock(close)
        cursor.insertText(visible(text), plain)
