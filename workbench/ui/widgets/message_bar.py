"""Messages that do not stop anybody: a bar above the agents' output, a few lines each, with what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.theme import Shades, shades
from workbench.ui.widgets.clamped_label import ClampedLabel
from workbench.ui.widgets.icons import draw_icon, icon

Level = Literal["info", "good", "warning", "error"]
_ICONS: dict[Level, str] = {"info": "info", "good": "done", "warning": "warning", "error": "failed"}
MAX_MESSAGES = 4
MAX_LINES = 3
LEAST_BESIDE = 340
"""Pixels of text that buttons may stand beside; with less they stand beneath it."""

CROSS_WIDTH = 30
DEFAULT_WIDTH = 600


@dataclass(frozen=True)
class Choice:
    """A button of a message."""

    caption: str
    run: Callable[[], object]


class MessageBar(QWidget):
    """Shows the latest messages, newest on top; a message with the key of another replaces it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: dict[str, Message] = {}
        self._counter = 0
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self.setVisible(False)

    def show_message(
        self, text: str, level: Level = "info", *, choices: tuple[Choice, ...] = (), details: str = "", key: str = ""
    ) -> "Message":
        """Show `text` (plain) with buttons for `choices`; `details` can be unfolded and copied."""
        self._counter += 1
        key = key or f"message {self._counter}"
        self.dismiss(key)
        message = Message(text, level, choices, details)
        message.closed = lambda: self.dismiss(key)
        self._messages[key] = message
        self._layout.insertWidget(0, message)
        self.setVisible(True)
        while len(self._messages) > MAX_MESSAGES:
            self.dismiss(next(iter(self._messages)))
        return message

    def dismiss(self, key: str) -> None:
        """Take the message of that key away, if it is there."""
        message = self._messages.pop(key, None)
        if message is not None:
            self._layout.removeWidget(message)
            message.hide()
            message.deleteLater()
        self.setVisible(bool(self._messages))

    @property
    def texts(self) -> list[str]:
        """What is shown, oldest first."""
        return [message.text for message in self._messages.values()]

    def message(self, key: str) -> "Message | None":
        """The message of that key, None when it is not shown."""
        return self._messages.get(key)


class Message(QFrame):
    """One message: icon, text, its choices, Details, and a cross to dismiss it.

    The text has MAX_LINES lines at most; what does not fit is in its tool tip and in Details. Where the bar is narrow
    the buttons stand beneath the text.
    """

    def __init__(self, text: str, level: Level, choices: tuple[Choice, ...], details: str) -> None:
        super().__init__()
        self.text, self.level = text, level
        self.closed: Callable[[], None] = self.hide
        self._has_details = bool(details)
        self.setAccessibleName(f"{level}: {text}")
        self.label = ClampedLabel(text, MAX_LINES)
        self.buttons = [self._button(choice) for choice in choices]
        self._view = QPlainTextEdit(f"{text}\n\n{details}" if details else text, readOnly=True)
        self._view.setAccessibleName("Details of the message")
        self._view.setMaximumHeight(180)
        self._view.setVisible(False)
        self.unfold = QPushButton("Details")
        self.unfold.setCheckable(True)
        self.unfold.toggled.connect(self._view.setVisible)
        self._copy = QPushButton("Copy")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._view.toPlainText()))
        self._below = False
        self._lay_out(_Sign(level), self._cross())

    def _lay_out(self, sign: QWidget, cross: QWidget) -> None:
        self._choices = QWidget()
        row = QHBoxLayout(self._choices)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (*self.buttons, self.unfold, self._copy):
            row.addWidget(button)
        row.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 7, 8, 7)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(sign, 0, 0, top)
        self._grid.addWidget(self.label, 0, 1)
        self._grid.addWidget(self._choices, 0, 2, top)
        self._grid.addWidget(cross, 0, 3, top)
        self._grid.addWidget(self._view, 2, 0, 1, 4)
        self._settle(DEFAULT_WIDTH)

    def _button(self, choice: Choice) -> QPushButton:
        button = QPushButton(choice.caption)

        def choose() -> None:
            self.closed()
            choice.run()

        button.clicked.connect(choose)
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons where there is room for them."""
        super().resizeEvent(event)
        self._settle(event.size().width())

    def _settle(self, width: int) -> None:
        """Decide for this width, from it alone, where the buttons stand and whether Details is needed."""
        margins, gap = self._grid.contentsMargins(), max(0, self._grid.horizontalSpacing())
        room = width - margins.left() - margins.right() - 18 - CROSS_WIDTH - 2 * gap
        beside = room - gap - self._choices_width([*self.buttons, self.unfold])
        below = beside < LEAST_BESIDE and bool(self.buttons or self._has_details or not self.label.fits(room))
        cut = not self.label.fits(room if below else beside)
        self.unfold.setVisible(self._has_details or cut)
        self._copy.setVisible(self._has_details)
        self._choices.setVisible(bool(self.buttons) or self._has_details or cut)
        if below != self._below:
            self._below = below
            self._grid.removeWidget(self._choices)
            place = (1, 1, 1, 3) if below else (0, 2, 1, 1)
            self._grid.addWidget(self._choices, *place, alignment=Qt.AlignmentFlag.AlignTop)

    def _choices_width(self, buttons: list[QPushButton]) -> int:
        return sum(button.sizeHint().width() + 6 for button in buttons)

    def _cross(self) -> QToolButton:
        cross = QToolButton(autoRaise=True)
        cross.setIcon(icon("remove"))
        cross.setToolTip("Dismiss")
        cross.setAccessibleName("Dismiss the message")
        cross.clicked.connect(self._close)
        return cross

    def _close(self) -> None:
        self.closed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet ground, a thin frame and a bar in the colour of the level at the left."""
        tones = shades(self.palette())
        bar = _colour(self.level, tones)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(QPen(tones.line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.fillRect(0, 0, 4, self.height(), bar)


def _colour(level: Level, tones: Shades) -> QColor:
    return {"info": tones.accent, "good": tones.good, "warning": tones.warn, "error": tones.bad}[level]


class _Sign(QWidget):
    """The icon of a level, in its colour and the present theme."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self._level = level
        self.setFixedSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_icon(painter, _ICONS[self._level], QRectF(self.rect()), _colour(self._level, shades(self.palette())))
