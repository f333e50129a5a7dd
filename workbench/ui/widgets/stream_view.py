"""A stream of entries as read-only plain text, appended in batches and followed only by a reader who is at its end."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QPalette, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from workbench.ui.models.agent_stream import Entry
from workbench.ui.theme import shades
from workbench.visible_text import visible

MAX_ENTRIES = 5_000
MAX_LINE = 2_000
"""Longer lines are cut on screen, visibly; the journal and the report keep them whole."""

INDENT = 20.0
"""Pixels by which lines stand in under their heading."""

SIGNS = {
    "waiting": "○",
    "running": "◐",
    "done": "✓",
    "failed": "✗",
    "skipped": "»",
    "cancelled": "⊘",
    "": "■",
}
"""Signs of a heading's state, so that it is told by more than colour."""


class StreamView(QTextEdit):
    """Shows entries; `named` says whose they are where the speaker changes, for a stream of all agents together."""

    def __init__(self, *, named: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named = named
        self._entries: list[Entry] = []
        self._headings: dict[str, QTextCursor] = {}
        self._ends: dict[str, QTextCursor] = {}
        """Where the last line under the heading of a step ends: its next one comes there, whoever spoke meanwhile."""
        self._speaker = ""
        """The agent of the entry last written, whose name need not be said again."""
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.document().setDocumentMargin(10)
        self._at_end = True
        self.verticalScrollBar().valueChanged.connect(self._look_where_it_is)
        self.verticalScrollBar().rangeChanged.connect(self._follow)

    def add(self, entries: Sequence[Entry]) -> None:
        """Append these entries in one go."""
        if len(self._entries) + len(entries) > MAX_ENTRIES:
            self._entries = self._entries[-MAX_ENTRIES // 2 :]
            self._write_all()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for entry in entries:
            self._entries.append(entry)
            self._write(entry)
        cursor.endEditBlock()

    def _look_where_it_is(self, value: int) -> None:
        self._at_end = value >= self.verticalScrollBar().maximum() - 2

    def _follow(self, _least: int, most: int) -> None:
        """The text grew, perhaps long after it was added: stay at the end if the reader was there."""
        if self._at_end:
            self.verticalScrollBar().setValue(most)

    def clear_entries(self) -> None:
        """Show nothing."""
        self._entries.clear()
        self._write_all()

    def _write_all(self) -> None:
        self._headings.clear()
        self._ends.clear()
        self._speaker = ""
        self.clear()
        for entry in self._entries:
            self._write(entry)

    def _write(self, entry: Entry) -> None:
        match entry.kind:
            case "heading" if entry.step in self._headings and entry.state != "running":
                self._rewrite_heading(entry)
                return
            case "heading":
                self._write_heading(entry)
            case _:
                self._write_line(entry)

    def _next_block(self, step: str, above: float, left: float) -> QTextCursor:
        """A cursor in a new block with these margins in pixels: the last of what stands under a step's heading.

        Where the step has no heading, or there is none, it is the last block of all.
        """
        cursor = QTextCursor(self._ends[step]) if step in self._ends else self._end()
        cursor.setKeepPositionOnInsert(False)
        # What was inserted where this cursor was kept has moved its anchor, and would be replaced like a selection.
        cursor.clearSelection()
        shape = QTextBlockFormat()
        shape.setTopMargin(above)
        shape.setLeftMargin(left)
        if self.document().isEmpty():
            cursor.setBlockFormat(shape)
        else:
            cursor.insertBlock(shape, QTextCharFormat())
        return cursor

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def _wrote(self, entry: Entry, cursor: QTextCursor) -> None:
        """Remember where the step's next line comes, and who spoke last."""
        if entry.step and (entry.step in self._ends or entry.kind == "heading"):
            cursor.setKeepPositionOnInsert(True)
            self._ends[entry.step] = cursor
        if cursor.atEnd():
            self._speaker = entry.agent

    def _write_heading(self, entry: Entry) -> None:
        self._ends.pop(entry.step, None)
        cursor = self._next_block("", 0 if self.document().isEmpty() else 12, 0)
        cursor.insertText(self._heading_text(entry), self._heading_format(entry))
        if entry.step:
            self._headings[entry.step] = QTextCursor(cursor)
            self._headings[entry.step].setKeepPositionOnInsert(True)
        self._wrote(entry, cursor)

    def _rewrite_heading(self, entry: Entry) -> None:
        """The step has ended: its heading, which may stand far above, says how."""
        known = QTextCursor(self._headings[entry.step])
        known.setKeepPositionOnInsert(False)
        alone = self._ends[entry.step].block() == known.block()
        known.movePosition(QTextCursor.MoveOperation.StartOfBlock)
        known.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        known.insertText(self._heading_text(entry), self._heading_format(entry))
        self._headings[entry.step].setPosition(known.position())
        if alone:
            self._ends[entry.step].setPosition(known.position())

    def _heading_text(self, entry: Entry) -> str:
        name = f"{entry.agent.capitalize()}: " if self._named else ""
        return f"{SIGNS[entry.state]} {name}{_one_line(entry.text)}"

    def _heading_format(self, entry: Entry) -> QTextCharFormat:
        tones = shades(self.palette())
        colours = {"running": tones.accent, "done": tones.good, "failed": tones.bad, "cancelled": tones.warn}
        made = QTextCharFormat()
        made.setFontWeight(QFont.Weight.Bold)
        made.setForeground(colours.get(entry.state, self.palette().color(QPalette.ColorRole.Text)))
        return made

    def _write_line(self, entry: Entry) -> None:
        tones = shades(self.palette())
        made = QTextCharFormat()
        sign = ""
        if entry.kind == "trouble":
            made.setForeground(tones.warn)
            sign = "⚠ "
        elif entry.kind == "result":
            made.setFontWeight(QFont.Weight.DemiBold)
        cursor = self._next_block(entry.step, 2, INDENT)
        if self._named and entry.step not in self._ends and entry.agent != self._speaker:
            named = QTextCharFormat()
            named.setForeground(tones.quiet)
            cursor.insertText(f"{entry.agent}  ", named)
        cursor.insertText(sign + _paragraphs(entry.text), made)
        self._wrote(entry, cursor)

    def changeEvent(self, event: QEvent) -> None:
        """Write everything anew in the colours of a changed theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_entries", None):
            self._write_all()


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} ... ({len(line) - MAX_LINE:,} more characters)"


def _paragraphs(text: str) -> str:
    """The text with line breaks that do not end the block, so that it stays under its heading."""
    return "\u2028".join(_cut(line.rstrip()) for line in visible(text).strip().split("\n"))


def _one_line(text: str) -> str:
    return _cut(visible(text).strip().replace("\n", " "))
