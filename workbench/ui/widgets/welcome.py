"""What is shown where the agents will speak, before there is a run: how to begin, and samples to begin with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.ui.theme import shades
from workbench.ui.tooltips import plain_tooltip

if TYPE_CHECKING:
    from workbench.core.tasks import Task

_TEXT = (
    "Say on the left what you want to know, add the code it is about, and run it. The agents plan, analyse, look up "
    "and repair; their proposals are weighed into one decision with its dissent, and everything said is tied to "
    "evidence that you can open.\n\nYour material stays on this machine, and attached code is read, never run."
)
WIDTH = 580
_PAD = 12


class Welcome(QScrollArea):
    """Offers the samples as large buttons."""

    sample_chosen = Signal(object)
    """Path of the sample's task file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        title = QLabel("What do you want to know?", wordWrap=True)
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        title.setFont(font)
        text = QLabel(_TEXT, wordWrap=True)
        self._samples = QVBoxLayout()
        self._samples.setSpacing(6)
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
        outer.setContentsMargins(16, 16, 16, 16)
        outer.addStretch(1)
        outer.addWidget(column)
        outer.setAlignment(column, Qt.AlignmentFlag.AlignVCenter)
        outer.addStretch(2)
        self.setWidget(page)

    def show_samples(self, samples: "Sequence[tuple[Path, Task]]") -> None:
        """Offer these task files."""
        self._caption.setVisible(bool(samples))
        for path, task in samples:
            button = SampleButton(task)
            button.clicked.connect(lambda _checked=False, path=path: self.sample_chosen.emit(path))
            self._samples.addWidget(button)


class SampleButton(QAbstractButton):
    """A card with the kind of the sample and its title, as many lines as that needs."""

    def __init__(self, task: "Task", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self._kind = task.kind.capitalize()
        self.setText(task.title)
        self.setToolTip(plain_tooltip(task.description))
        self.setAccessibleName(f"Sample, {self._kind}: {task.title}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _kind_width(self) -> int:
        return max(self.fontMetrics().horizontalAdvance(kind.capitalize()) for kind in type(self._task.kind)) + 2 * _PAD

    def hasHeightForWidth(self) -> bool:
        """The title wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the wrapped title needs."""
        room = max(60, width - self._kind_width() - 2 * _PAD)
        wrapped = self.fontMetrics().boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, self.text())
        return wrapped.height() + 2 * _PAD

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(WIDTH, self.heightForWidth(WIDTH))

    def minimumSizeHint(self) -> QSize:
        """Wide enough for the kind and a few words."""
        return QSize(self._kind_width() + 120, self.fontMetrics().height() + 2 * _PAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a card whose frame takes the accent while it has the mouse or the keyboard."""
        tones, painter = shades(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.fillPath(card, self.palette().color(QPalette.ColorRole.Base))
        strong = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(tones.accent if strong else tones.line, 1.6 if strong else 1.0))
        painter.drawPath(card)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        area = self.rect().adjusted(_PAD, 0, -_PAD, 0)
        painter.setPen(tones.quiet)
        painter.drawText(area, int(middle), self._kind)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        area.setLeft(area.left() + self._kind_width())
        painter.drawText(area, int(middle | Qt.TextFlag.TextWordWrap), self.text())
