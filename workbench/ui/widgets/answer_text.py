"""The answer in words: records and what is said of code, with links that open the passages quoted.

Text goes in through a cursor, so nothing in it is markup; a link holds a number of ours and never text from outside.
"""

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QFont, QPalette, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextBrowser, QWidget

from workbench.ui.models.answer_model import Answer, Draft, Section, Told
from workbench.ui.theme import shades
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import sentence
from workbench.visible_text import visible

LEAD = "What the library says of the records that answer the task best, in its own words."
LOST = "THE QUOTE IS NOT IN THE PASSAGE"
INDENT = 14.0
"""Pixels by which the items of a list stand in."""


class AnswerText(QTextBrowser):
    """Reads out an Answer from the top; read-only, selectable, in the colours of the theme. Follows no link itself."""

    passage_asked = Signal(str)
    """Id of the passage to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("The answer in words")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.document().setDocumentMargin(12)
        self._answer = Answer()
        self._passages: dict[str, str] = {}
        """Passages by the links that open them."""
        self.anchorClicked.connect(self._open)

    def show_answer(self, answer: Answer, *, keep_place: bool) -> None:
        """Show this answer, from the top or from the line that is at the top now."""
        self._answer = answer
        self._write(self.verticalScrollBar().value() if keep_place else 0)

    def minimumSizeHint(self) -> QSize:
        """A few lines; the rest is scrolled to."""
        return QSize(160, 4 * self.fontMetrics().lineSpacing())

    def changeEvent(self, event: QEvent) -> None:
        """Write anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_answer"):
            self._write(self.verticalScrollBar().value())

    def _open(self, link: QUrl) -> None:
        passage_id = self._passages.get(link.toString())
        if passage_id is not None:
            self.passage_asked.emit(passage_id)

    def _write(self, place: int) -> None:
        self.clear()
        self._passages.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if self._answer.told:
            self._paragraph(cursor, LEAD, "quiet")
        for told in self._answer.told:
            self._write_told(cursor, told)
        if self._answer.told and self._answer.drafts:
            self._paragraph(cursor, "In code", "title", above=16)
        for draft in self._answer.drafts:
            self._write_draft(cursor, draft)
        self._write_account(cursor)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(place)

    def _write_told(self, cursor: QTextCursor, told: Told) -> None:
        self._paragraph(cursor, told.title, "title", above=16)
        self._paragraph(cursor, sentence(told.reached), "quiet")
        for section in told.sections:
            self._write_section(cursor, section, told.title)

    def _write_section(self, cursor: QTextCursor, section: Section, record: str) -> None:
        self._paragraph(cursor, section.heading, "caption", above=9)
        self._link(cursor, section.passage_id, f"Open “{section.heading}” of {record} in the source viewer")
        for number, line in enumerate(section.text.split("\n")):
            self._paragraph(cursor, line, above=4 if number else 1)
        if not section.holds:
            self._paragraph(cursor, LOST, "alarm")

    def _write_account(self, cursor: QTextCursor) -> None:
        if self._answer.account:
            self._paragraph(cursor, "What the code agent says of it", "caption", above=9)
        for number, words in enumerate(self._answer.account):
            self._paragraph(cursor, words, above=6 if number else 1)

    def _write_draft(self, cursor: QTextCursor, draft: Draft) -> None:
        self._paragraph(cursor, draft.name, "caption", above=9)
        self._paragraph(cursor, sentence(f"From {draft.basis}"), "quiet")
        if draft.basis_passage:
            self._link(cursor, draft.basis_passage, f"Open what {draft.name} comes from in the source viewer")
        for caption, items in (("What was changed", draft.changes), ("What it does not do", draft.limits)):
            if items:
                self._paragraph(cursor, caption, "caption", above=7)
            for item in items:
                self._paragraph(cursor, f"• {sentence(item)}", left=INDENT)

    def _paragraph(self, cursor: QTextCursor, text: str, style: str = "", *, above: float = 2, left: float = 0) -> None:
        block = QTextBlockFormat()
        block.setTopMargin(0 if self.document().isEmpty() else above)
        block.setLeftMargin(left)
        block.setTextIndent(-left / 1.4 if left else 0)
        if style in ("title", "caption"):
            block.setHeadingLevel(2 if style == "title" else 3)
        if self.document().isEmpty():
            cursor.setBlockFormat(block)
        else:
            cursor.insertBlock(block, QTextCharFormat())
        cursor.insertText(visible(text).replace("\n", " "), self._format(style))

    def _link(self, cursor: QTextCursor, passage_id: str, tip: str) -> None:
        """The word `open` after what stands on the line, small, as a link of ours."""
        cursor.insertText("  ", self._format(""))
        made = self._format("link")
        made.setAnchor(True)
        link = f"#{len(self._passages)}"
        made.setAnchorHref(link)
        made.setToolTip(plain_tooltip(tip))
        self._passages[link] = passage_id
        cursor.insertText("open", made)

    def _format(self, style: str) -> QTextCharFormat:
        made, tones = QTextCharFormat(), shades(self.palette())
        colours = {"quiet": tones.quiet, "alarm": tones.bad, "link": tones.accent}
        made.setForeground(colours.get(style, self.palette().color(QPalette.ColorRole.Text)))
        if style in ("title", "caption", "alarm"):
            made.setFontWeight(QFont.Weight.DemiBold)
        if style == "title":
            made.setFontPointSize(self.font().pointSizeF() * 1.15)
        made.setFontUnderline(style == "link")
        return made
