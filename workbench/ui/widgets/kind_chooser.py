"""The four kinds of task as four buttons, with a line on what will happen and what it can end in."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.tasks import OPTIONS, TaskKind


@dataclass(frozen=True)
class KindText:
    """How a kind is offered."""

    caption: str
    question: str
    explanation: str


KIND_TEXTS: dict[TaskKind, KindText] = {
    TaskKind.DRAFT: KindText(
        "Draft",
        "Write code for me",
        "Finds a recipe that fits, adapts it, reviews the result and sends it back while the review finds "
        "something serious.",
    ),
    TaskKind.REVIEW: KindText(
        "Review",
        "Is this code safe to use?",
        "Analyses the code without running it, looks up what is known about each weakness, repairs what has a known "
        "fix and checks the repair.",
    ),
    TaskKind.RESEARCH: KindText(
        "Research",
        "What threatens this?",
        "Finds the vulnerabilities, weaknesses and techniques that bear on the question, checks the exposure and "
        "says how urgent it is.",
    ),
    TaskKind.ASSESS: KindText(
        "Assess",
        "Should we accept this change or risk?",
        "Reads the change, weighs findings and threats against it and names the conditions that would make it "
        "acceptable.",
    ),
}


class KindChooser(QWidget):
    """Chooses a TaskKind."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = list(KIND_TEXTS)
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, text in enumerate(KIND_TEXTS.values()):
            row.addWidget(self._button(number, text))
        self._question, self._explanation, self._ends = (QLabel(wordWrap=True) for _ in range(3))
        bold = self._question.font()
        bold.setWeight(QFont.Weight.DemiBold)
        self._question.setFont(bold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        for label in (self._question, self._explanation, self._ends):
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
        layout.setSpacing(3)
        self._group.idToggled.connect(self._tell)
        self.kind = TaskKind.REVIEW

    def _button(self, number: int, text: KindText) -> QPushButton:
        button = QPushButton(text.caption)
        button.setCheckable(True)
        button.setProperty("segment", True)
        button.setToolTip(text.question)
        button.setAccessibleName(f"{text.caption}: {text.question}")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setMinimumWidth(40)
        self._group.addButton(button, number)
        return button

    @property
    def kind(self) -> TaskKind:
        """The kind chosen."""
        return self._kinds[self._group.checkedId()]

    @kind.setter
    def kind(self, kind: TaskKind) -> None:
        self._group.button(self._kinds.index(kind)).setChecked(True)

    def _tell(self, number: int, checked: bool) -> None:
        if not checked:
            return
        kind = self._kinds[number]
        text = KIND_TEXTS[kind]
        self._question.setText(text.question)
        self._explanation.setText(text.explanation)
        self._ends.setText(f"Ends in one of: {', '.join(OPTIONS[kind])}.")
        self.changed.emit()
