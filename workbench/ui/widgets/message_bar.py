"""Messages that do not stop anybody: a bar above the agents' output, one line each, with what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.theme import Shades, shades
from workbench.ui.widgets.icons import draw_icon, icon

Level = Literal["info", "good", "warning", "error"]
_ICONS: dict[Level, str] = {"info": "info", "good": "done", "warning": "warning", "error": "failed"}
MAX_MESSAGES = 4


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
    """One message: icon, text, its choices, Details, and a cross to dismiss it."""

    def __init__(self, text: str, level: Level, choices: tuple[Choice, ...], details: str) -> None:
        super().__init__()
        self.text, self.level = text, level
        self.closed: Callable[[], None] = self.hide
        self.setAccessibleName(f"{level}: {text}")
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        sign = _Sign(level)
        row = QHBoxLayout()
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)
        self.buttons = [self._button(choice) for choice in choices]
        for button in self.buttons:
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 7, 8, 7)
        outer.addLayout(row)
        if details:
            self._add_details(row, outer, details)
        row.addWidget(self._cross(), 0, Qt.AlignmentFlag.AlignTop)

    def _button(self, choice: Choice) -> QPushButton:
        button = QPushButton(choice.caption)

        def choose() -> None:
            self.closed()
            choice.run()

        button.clicked.connect(choose)
        return button

    def _add_details(self, row: QHBoxLayout, outer: QVBoxLayout, details: str) -> None:
        view = QPlainTextEdit(details, readOnly=True)
        view.setAccessibleName("Details of the message")
        view.setMaximumHeight(180)
        view.setVisible(False)
        unfold = QPushButton("Details")
        unfold.setCheckable(True)
        unfold.toggled.connect(view.setVisible)
        copy = QPushButton("Copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{self.text}\n\n{details}"))
        row.addWidget(unfold, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        outer.addWidget(view)

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
