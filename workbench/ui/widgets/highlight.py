"""Colours code by Pygments, off the event loop, in tones that suit the theme."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QColor, QFont, QPalette, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from workbench.ui import aio
from workbench.ui.theme import is_dark, shades
from workbench.visible_text import visible

MAX_CHARACTERS = 150_000
"""Longer code stays plain: colouring it would cost more time than it helps reading."""

_PAUSE_MS = 150

Span = tuple[int, int, str]
"""Column, length and style of a coloured piece of a line."""


@dataclass(frozen=True)
class _Tones:
    light: str
    dark: str
    bold: bool = False
    italic: bool = False


STYLES = {
    "keyword": _Tones("#8a2d91", "#d79be0", bold=True),
    "string": _Tones("#176b3f", "#8fd3a5"),
    "number": _Tones("#9a4a00", "#eab278"),
    "comment": _Tones("#56606c", "#98a2b0", italic=True),
    "name": _Tones("#1b5fa8", "#82bdf5"),
    "added": _Tones("#176b3f", "#8fd3a5"),
    "removed": _Tones("#b3261e", "#ff9d96"),
    "heading": _Tones("#1b5fa8", "#82bdf5", bold=True),
}
"""By what a token is; all of them legible on the grounds of both themes."""


def lex(text: str, language: str) -> list[list[Span]]:
    """The coloured spans of each line; empty lines of spans where the language is unknown. Slow: for threads."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    lines: list[list[Span]] = [[]]
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return lines
    column = 0
    for token, value in lexer.get_tokens(text):
        style = _style_of(str(token))
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append([])
                column = 0
            if style and piece:
                lines[-1].append((column, _width(piece), style))
            column += _width(piece)
    return lines


def _width(piece: str) -> int:
    """Length in UTF-16 units, which is what Qt counts in."""
    return len(piece) if piece.isascii() else len(piece.encode("utf-16-le", "surrogatepass")) // 2


_TOKENS = (
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Comment", "comment"),
    ("Token.Name.Function", "name"),
    ("Token.Name.Class", "name"),
    ("Token.Name.Decorator", "name"),
    ("Token.Name.Tag", "name"),
    ("Token.Generic.Inserted", "added"),
    ("Token.Generic.Deleted", "removed"),
    ("Token.Generic.Heading", "heading"),
    ("Token.Generic.Subheading", "heading"),
)


def _style_of(token: str) -> str:
    return next((style for prefix, style in _TOKENS if token.startswith(prefix)), "")


def text_format(style: str, palette: QPalette) -> QTextCharFormat:
    """How a style of STYLES looks under this palette."""
    tones = STYLES[style]
    made = QTextCharFormat()
    made.setForeground(QColor(tones.dark if is_dark(palette) else tones.light))
    if tones.bold:
        made.setFontWeight(QFont.Weight.DemiBold)
    made.setFontItalic(tones.italic)
    return made


class CodeHighlighter(QSyntaxHighlighter):
    """Colours one document, a moment after it changed. Hidden characters are marked at once."""

    def __init__(self, document: QTextDocument, widget: QWidget, language: str = "python") -> None:
        super().__init__(document)
        self._widget, self._language = widget, language
        self._lines: list[list[Span]] = []
        self._lexed: tuple[str, str] = ("", "")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._start)
        document.contentsChanged.connect(self._pause.start)
        widget.installEventFilter(self)

    def set_language(self, language: str) -> None:
        """Colour as this language from now on (a name or alias of Pygments; an unknown one stays plain)."""
        self._language = language
        self._pause.start()

    def _start(self) -> None:
        wanted = (self.document().toPlainText(), self._language)
        if wanted == self._lexed or len(wanted[0]) > MAX_CHARACTERS:
            return
        self._lexed = wanted
        aio.spawn(self._colour(*wanted), "colouring code")

    async def _colour(self, text: str, language: str) -> None:
        lines = await asyncio.to_thread(lex, text, language)
        if isValid(self) and self._lexed == (text, language):
            self._lines = lines
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour one line, by what the last lexing said of it."""
        number = self.currentBlock().blockNumber()
        for column, length, style in self._lines[number] if number < len(self._lines) else ():
            self.setFormat(column, length, text_format(style, self._widget.palette()))
        for column in _hidden_columns(text):
            marked = QTextCharFormat()
            marked.setBackground(shades(self._widget.palette()).bad)
            self.setFormat(column, 1, marked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Colour anew when the theme changes."""
        if watched is self._widget and event.type() == QEvent.Type.PaletteChange:
            self.rehighlight()
        return False


def _hidden_columns(text: str) -> Iterator[int]:
    if text.isascii() and text.isprintable():
        return
    yield from (column for column, letter in enumerate(text) if visible(letter) != letter)
