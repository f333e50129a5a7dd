"""Reads out one thing in full: captions, prose and code. Text goes in through a cursor, so nothing in it is markup."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from workbench.ui.theme import shades
from workbench.visible_text import visible

Part = tuple[str, str]
"""A style (`title`, `note`, `caption`, `prose`, `code`, `alarm`) and its text."""


class DetailsView(QTextEdit):
    """Shows a list of parts one under the other; read-only, selectable, in the colours of the theme."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(name)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.document().setDocumentMargin(10)
        self._parts: list[Part] = []
        self.hide()

    def show_parts(self, parts: list[Part]) -> None:
        """Show these parts from the top; parts without text are left out. Hides when nothing is left."""
        self._parts = [part for part in parts if part[1].strip()]
        self._write()
        self.setVisible(bool(self._parts))

    def changeEvent(self, event: QEvent) -> None:
        """Write anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_parts"):
            self._write()

    def _write(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        before = ""
        for style, text in self._parts:
            if style == "code":
                self._write_code(cursor, text)
            else:
                self._write_paragraph(cursor, style, text, before)
            before = style
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _write_paragraph(self, cursor: QTextCursor, style: str, text: str, before: str) -> None:
        block = QTextBlockFormat()
        block.setTopMargin(9 if before and style in ("title", "caption", "alarm") else 2)
        if before and before != "code":  # a frame leaves an empty block behind it
            cursor.insertBlock()
        cursor.setBlockFormat(block)
        cursor.insertText(visible(text).strip("\n"), self._format(style))

    def _write_code(self, cursor: QTextCursor, text: str) -> None:
        frame = QTextFrameFormat()
        frame.setBackground(shades(self.palette()).code_ground)
        frame.setPadding(6)
        frame.setTopMargin(4)
        frame.setBottomMargin(4)
        cursor.insertFrame(frame)
        cursor.insertText(visible(text).rstrip("\n"), self._format("code"))
        cursor.movePosition(QTextCursor.MoveOperation.End)

    def _format(self, style: str) -> QTextCharFormat:
        made = QTextCharFormat()
        colours = shades(self.palette())
        made.setForeground(self.palette().color(QPalette.ColorRole.Text))
        if style in ("title", "caption", "alarm"):
            made.setFontWeight(QFont.Weight.DemiBold)
        if style == "title":
            made.setFontPointSize(self.font().pointSizeF() * 1.15)
        if style == "alarm":
            made.setForeground(colours.bad)
        if style == "note":
            made.setForeground(colours.quiet)
        if style == "code":
            made.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        return made
