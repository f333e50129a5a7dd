"""A label of one line that shows as much of its text as there is room for; the whole is in its tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.ui.tooltips import plain_tooltip


class ElidedLabel(QWidget):
    """Plain text only."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show this text, its lines joined to one."""
        self._text = " ".join(text.split())
        self.setToolTip(plain_tooltip(self._text))
        self.setAccessibleDescription(self._text)
        self.update()

    def sizeHint(self) -> QSize:
        """One line; any width will do."""
        return QSize(60, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        """As little as the layout likes."""
        return QSize(20, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        fitted = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), fitted)
