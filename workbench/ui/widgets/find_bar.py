"""Finds words in a text: a line that opens with Ctrl+F, steps through the matches and says how many there are."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QTextEdit, QWidget

_TYPING_MS = 150


class FindBar(QWidget):
    """Searches `view`, without regard to case; closed until `ask` opens it, closed again by Escape."""

    closed = Signal()

    def __init__(self, view: QPlainTextEdit | QTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.words = QLineEdit(placeholderText="Find in this text", clearButtonEnabled=True)
        self.words.setAccessibleName("Find in this text")
        self.count = QLabel()
        self.before = QPushButton("Previous")
        self.after = QPushButton("Next")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.words, self.count, self.before, self.after):
            layout.addWidget(widget, 1 if widget is self.words else 0)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.find_first)
        self.words.textChanged.connect(lambda _text: self._typing.start())
        self.words.returnPressed.connect(self.find_next)
        self.after.clicked.connect(self.find_next)
        self.before.clicked.connect(self.find_previous)
        for keys, action in (
            (QKeySequence("Esc"), self.close_bar),
            (QKeySequence("Shift+Return"), self.find_previous),
        ):
            shortcut = QShortcut(keys, self.words)
            shortcut.activated.connect(action)
        self.hide()

    def ask(self) -> None:
        """Open, with the selected words if there are any."""
        selected = self._view.textCursor().selectedText()
        if selected and "\u2029" not in selected:
            self.words.setText(selected)
        self.show()
        self.words.selectAll()
        self.words.setFocus()
        self._tell()

    def close_bar(self) -> None:
        """Close and give the keyboard back to the text."""
        self._typing.stop()
        self.hide()
        self._view.setFocus()
        self.closed.emit()

    def find_first(self) -> None:
        """Select the first match at or after the cursor's place."""
        cursor = self._view.textCursor()
        cursor.setPosition(cursor.selectionStart())
        self._view.setTextCursor(cursor)
        self.find_next()

    def find_next(self) -> None:
        """Select the next match; after the last comes the first."""
        self._typing.stop()
        self._step(QTextDocument.FindFlag(0), QTextCursor.MoveOperation.Start)

    def find_previous(self) -> None:
        """Select the match before; before the first comes the last."""
        self._typing.stop()
        self._step(QTextDocument.FindFlag.FindBackward, QTextCursor.MoveOperation.End)

    def _step(self, direction: QTextDocument.FindFlag, restart: QTextCursor.MoveOperation) -> None:
        words = self.words.text()
        if words and not self._view.find(words, direction):
            kept = self._view.textCursor()
            self._view.moveCursor(restart)
            if not self._view.find(words, direction):
                self._view.setTextCursor(kept)
        self._tell()

    def _tell(self) -> None:
        words = self.words.text().casefold()
        if not words:
            self.count.clear()
            return
        text = self._view.toPlainText().casefold()
        total = text.count(words)
        cursor = self._view.textCursor()
        on_match = cursor.selectedText().casefold() == words
        here = text.count(words, 0, cursor.selectionEnd()) if on_match else 0
        self.count.setText(f"{here} of {total}" if total and here else f"{total} found" if total else "not found")
