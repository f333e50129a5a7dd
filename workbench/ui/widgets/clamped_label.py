"""A label of a few wrapped lines; of a longer text it shows the beginning, and the whole in its tool tip."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.ui.tooltips import plain_tooltip

LEAST_WIDTH = 120


class ClampedLabel(QWidget):
    """Plain text only, in at most `lines` lines."""

    def __init__(self, text: str, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._most = " ".join(text.split()), lines
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self._text)
        self.setToolTip(plain_tooltip(self._text))

    def text(self) -> str:
        """The whole text."""
        return self._text

    def fits(self, width: int) -> bool:
        """Whether the whole text can be read at this width."""
        return len(self._lines(width)) <= self._most

    def shown(self, width: int) -> list[str]:
        """The lines shown at this width; the last ends in an ellipsis where there would be more."""
        lines = self._lines(width)
        if len(lines) <= self._most:
            return lines
        rest = " ".join(line.strip() for line in lines[self._most - 1 :])
        last = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, width)
        return [*lines[: self._most - 1], last]

    def _lines(self, width: int) -> list[str]:
        layout = QTextLayout(self._text, self.font())
        layout.setTextOption(_wrapped())
        layout.beginLayout()
        lines = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            lines.append(self._text[line.textStart() : line.textStart() + line.textLength()])
        layout.endLayout()
        return lines

    def hasHeightForWidth(self) -> bool:
        """The text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the lines that are shown."""
        return self.fontMetrics().lineSpacing() * max(1, len(self.shown(width))) + 4

    def sizeHint(self) -> QSize:
        """On one line if there is room."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, self.fontMetrics().lineSpacing() + 4)

    def minimumSizeHint(self) -> QSize:
        """A few words wide."""
        return QSize(LEAST_WIDTH, self.fontMetrics().lineSpacing() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        down = 2.0 + self.fontMetrics().ascent()
        for line in self.shown(self.width()):
            painter.drawText(QPointF(0, down), line.rstrip())
            down += self.fontMetrics().lineSpacing()


def _wrapped() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option
