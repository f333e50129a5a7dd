"""Shows a document or a piece of code at the place that is cited, to read it in its surroundings."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QKeySequence, QPalette, QShortcut, QTextCursor, QTextFormat
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QStackedWidget, QTextEdit, QVBoxLayout, QWidget

from workbench.ui.theme import is_dark, shades
from workbench.ui.widgets.code_editor import CodeEditor
from workbench.ui.widgets.find_bar import FindBar
from workbench.visible_text import visible

_EMPTY = "Double-click a finding or a passage to read it here, at its place."
_PROSE = ("text", "markdown", "")
"""Languages whose lines are wrapped; code keeps its lines."""


class SourceViewer(QWidget):
    """A read-only view with line numbers, colours by language, the cited lines marked, and a search."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.title.setStyleSheet("font-weight: 600")
        self.subtitle = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.text = CodeEditor()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("Source text")
        self.find_bar = FindBar(self.text)
        self.back = QPushButton("Back to the cited lines")
        self.back.clicked.connect(self._go_to_mark)
        self._marked: tuple[int, int] | None = None
        self._lay_out()
        self.setFocusProxy(self.text)
        asked = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        asked.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        asked.activated.connect(self._ask_find)

    def _lay_out(self) -> None:
        empty = QLabel(_EMPTY, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        empty.setMargin(24)
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(8, 6, 8, 8)
        inside.setSpacing(4)
        for widget in (self.title, self.subtitle, self.find_bar, self.text):
            inside.addWidget(widget, 1 if widget is self.text else 0)
        inside.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def show_text(
        self,
        title: str,
        text: str,
        language: str = "text",
        *,
        line_start: int | None = None,
        line_end: int | None = None,
        subtitle: str = "",
    ) -> None:
        """Show `text` with lines `line_start` to `line_end` (from 1, both included) marked and in sight.

        Lines beyond the text are said to be missing instead of being marked. Hidden characters are made visible.
        """
        self.text.setLineWrapMode(
            QPlainTextEdit.LineWrapMode.WidgetWidth if language in _PROSE else QPlainTextEdit.LineWrapMode.NoWrap
        )
        self.text.highlighter.set_language(language)
        self.text.setPlainText(visible(text))
        lines = self.text.blockCount()
        self._marked = None
        told = [subtitle] if subtitle else []
        if line_start is not None and line_start >= 1:
            if line_start <= lines:
                self._marked = (line_start, min(max(line_start, line_end or line_start), lines))
            else:
                told.append(f"The cited line {line_start:,} is not there: this text has {lines:,} lines.")
        self.title.setText(visible(title).replace("\n", " "))
        self.subtitle.setText(visible("\n".join(told)))
        self.subtitle.setVisible(bool(told))
        self.back.setVisible(self._marked is not None)
        self._stack.setCurrentIndex(1)
        self._mark()
        self._go_to_mark()

    def clear(self) -> None:
        """Show nothing, and how to show something."""
        self._marked = None
        self.text.clear()
        self._stack.setCurrentIndex(0)

    @property
    def marked_lines(self) -> tuple[int, int] | None:
        """First and last marked line, None when none is marked."""
        return self._marked

    def changeEvent(self, event: QEvent) -> None:
        """Mark anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_marked"):
            self._mark()

    def _ask_find(self) -> None:
        if self._stack.currentIndex() == 1:
            self.find_bar.ask()

    def _mark(self) -> None:
        selections = []
        first, last = self._marked or (1, 0)
        for number in range(first - 1, last):
            selection = QTextEdit.ExtraSelection()
            selection.cursor = QTextCursor(self.text.document().findBlockByNumber(number))
            selection.format.setBackground(_marker(self.palette()))
            selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            selections.append(selection)
        self.text.setExtraSelections(selections)

    def _go_to_mark(self) -> None:
        line = self._marked[0] if self._marked else 1
        self.text.setTextCursor(QTextCursor(self.text.document().findBlockByNumber(line - 1)))
        if self._marked:
            self.text.centerCursor()


def _marker(palette: QPalette) -> QColor:
    """The warning colour laid thinly over the ground, so that every colour of code stays legible on it."""
    ground, tone = palette.color(QPalette.ColorRole.Base), shades(palette).warn
    share = 0.28 if is_dark(palette) else 0.18
    mixed = [
        round(below * (1 - share) + above * share)
        for below, above in zip(ground.getRgb()[:3], tone.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed)
