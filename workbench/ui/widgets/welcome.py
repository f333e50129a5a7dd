"""What is shown where the agents will speak, before there is a run: how to begin, and samples to begin with."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCommandLinkButton, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.core.tasks import Task
from workbench.ui.widgets.kind_chooser import KIND_TEXTS

_TEXT = (
    "Say on the left what you want to know, add the code it is about, and run it. The agents plan, analyse, look up "
    "and repair; their proposals are weighed into one decision with its dissent, and everything said is tied to "
    "evidence that you can open.\n\nYour material stays on this machine, and attached code is read, never run."
)
WIDTH = 560


class Welcome(QScrollArea):
    """Offers the samples as large buttons."""

    sample_chosen = Signal(object)
    """Path of the sample's task file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        title = QLabel("What do you want to know?")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        title.setFont(font)
        text = QLabel(_TEXT, wordWrap=True)
        self._samples = QVBoxLayout()
        self._samples.setSpacing(4)
        self._caption = QLabel("Or begin with a sample")
        self._caption.setVisible(False)
        column = QWidget()
        column.setMaximumWidth(WIDTH)
        inner = QVBoxLayout(column)
        inner.setSpacing(10)
        for widget in (title, text, self._caption):
            inner.addWidget(widget)
        inner.addLayout(self._samples)
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(24, 16, 24, 16)
        outer.addStretch(1)
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(2)
        self.setWidget(page)

    def show_samples(self, samples: list[tuple[Path, Task]]) -> None:
        """Offer these task files."""
        self._caption.setVisible(bool(samples))
        for path, task in samples:
            button = QCommandLinkButton(task.title, KIND_TEXTS[task.kind].question)
            button.setAccessibleName(f"Sample: {task.title}")
            button.clicked.connect(lambda _checked=False, path=path: self.sample_chosen.emit(path))
            self._samples.addWidget(button)
