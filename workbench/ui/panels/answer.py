"""The answer of the run on screen: what is known of the question, record by record, and the code that was written."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.core import events as ev
from workbench.core.events import RunEvent
from workbench.ui.models.answer_model import Answer, answer
from workbench.ui.models.run_model import RunModel
from workbench.ui.widgets.answer_text import AnswerText
from workbench.ui.widgets.draft_view import DraftView
from workbench.ui.widgets.find_bar import FindBar
from workbench.ui.widgets.words import Words
from workbench.visible_text import visible

_SHOWN_BY = (ev.RunStarted, ev.AttemptStarted, ev.PlanMade, ev.StepFinished, *ev.FINAL)
"""Events that can change what this panel shows."""


class AnswerPanel(QWidget):
    """Shows a RunModel and grows with it."""

    open_passage = Signal(str)
    """Id of the passage to open at its place."""

    save_code = Signal(str, str)
    """A name to suggest, and the code to save."""

    def __init__(self, run: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._answer = Answer()
        self._arranged = (False, False)
        self._moved = False
        self.empty = Words("What the answer waits for", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.text, self.drafts = AnswerText(), DraftView()
        self.text.passage_asked.connect(self.open_passage)
        self.drafts.save_asked.connect(self.save_code)
        self.find_bar = FindBar(self.text)
        self._lay_out()
        self.setFocusProxy(self.text)
        run.replaced.connect(lambda: self._refresh(keep_place=False))
        run.grew.connect(self._grow)
        self._refresh(keep_place=False)

    def _lay_out(self) -> None:
        words = QWidget()
        inside = QVBoxLayout(words)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.find_bar)
        inside.addWidget(self.text, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self.splitter.addWidget(words)
        self.splitter.addWidget(self.drafts)
        self.splitter.splitterMoved.connect(self._note_moved)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        for part, bar in ((words, self.find_bar), (self.drafts, self.drafts.find_bar)):
            asked = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), part)
            asked.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            asked.activated.connect(bar.ask)

    def _note_moved(self) -> None:
        self._moved = True

    def _grow(self, event: RunEvent) -> None:
        if isinstance(event.body, _SHOWN_BY):
            self._refresh(keep_place=True)

    def _refresh(self, *, keep_place: bool) -> None:
        found = answer(self._run.state)
        if found == self._answer and keep_place:
            return
        self._answer = found
        self.empty.setText(visible(found.waits))
        self.text.show_answer(found, keep_place=keep_place)
        self.drafts.show_drafts(found.drafts)
        self.drafts.setVisible(bool(found.drafts))
        self._stack.setCurrentIndex(0 if found.waits else 1)
        self._share_room(found)

    def _share_room(self, found: Answer) -> None:
        """What there is most of gets most of the room, unless the analyst has shared it out."""
        arranged = (bool(found.told), bool(found.drafts))
        if arranged != self._arranged and not self._moved:
            self.splitter.setSizes([600, 400] if found.told else [420, 580])
        self._arranged = arranged
