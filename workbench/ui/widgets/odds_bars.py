"""Labelled bars, one under the other, from a zero line to either side: probabilities, or points for and against."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.ui.theme import Shades, shades
from workbench.ui.tooltips import plain_tooltip

BAR_HEIGHT = 10
ROW_GAP = 10
LINE_GAP = 3


@dataclass(frozen=True)
class Bar:
    """One bar: what it is, how long, its number in words, a second line beneath it, and more for the tool tip."""

    label: str
    value: float
    number: str
    note: str = ""
    more: str = ""
    leads: bool = False
    """Drawn in the accent colour and with a bold label."""


class OddsBars(QWidget):
    """Draws bars on one scale. What it draws is in its accessible description, too."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bars: tuple[Bar, ...] = ()
        self._low, self._high = 0.0, 1.0

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The bars that are shown, from top to bottom."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar], low: float, high: float) -> None:
        """Show these bars on a scale from `low` (at most 0) to `high` (at least 0, and more than `low`)."""
        if not low <= 0 <= high or low == high:
            raise ValueError(f"the scale from {low} to {high} does not hold zero")
        self._bars, self._low, self._high = tuple(bars), low, high
        told = (f"{bar.label} {bar.number}{'. ' + bar.note if bar.note else ''}" for bar in bars)
        self.setAccessibleDescription("; ".join(told))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its rows, as wide as there is room."""
        return QSize(260, sum(self._row_height(bar) for bar in self._bars))

    def minimumSizeHint(self) -> QSize:
        """All rows, narrow."""
        return QSize(140, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Show what a bar is made of while the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self.bar_at(event.pos().y())
            QToolTip.showText(event.globalPos(), plain_tooltip(bar.more) if bar else "", self)
            return True
        return super().event(event)

    def bar_at(self, y: int) -> Bar | None:
        """The bar whose row is at this height, None beneath the last."""
        top = 0
        for bar in self._bars:
            top += self._row_height(bar)
            if 0 <= y < top:
                return bar
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw row by row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, top = shades(self.palette()), 0.0
        for bar in self._bars:
            self._draw(painter, bar, top, colours)
            top += self._row_height(bar)

    def _row_height(self, bar: Bar) -> int:
        lines = self._bar_top() + BAR_HEIGHT
        if bar.note:
            lines += LINE_GAP + QFontMetrics(self._note_font()).height()
        return lines + ROW_GAP

    def _bar_top(self) -> int:
        """How far beneath the top of its row a bar begins."""
        return QFontMetrics(self.font()).height() + LINE_GAP

    def _note_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.92)
        return font

    def _draw(self, painter: QPainter, bar: Bar, top: float, colours: Shades) -> None:
        self._draw_words(painter, bar, QRectF(0, top, self.width(), QFontMetrics(self.font()).height()))
        top += self._bar_top()
        self._draw_bar(painter, bar, top, colours)
        if bar.note:
            top += BAR_HEIGHT + LINE_GAP
            painter.setFont(self._note_font())
            painter.setPen(colours.quiet)
            metrics = painter.fontMetrics()
            text = metrics.elidedText(bar.note, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QRectF(0, top, self.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft, text)

    def _draw_words(self, painter: QPainter, bar: Bar, line: QRectF) -> None:
        font = QFont(self.font())
        font.setBold(bar.leads)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        metrics = painter.fontMetrics()
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, bar.number)
        room = int(line.width()) - metrics.horizontalAdvance(bar.number) - 12
        label = metrics.elidedText(bar.label, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, label)

    def _draw_bar(self, painter: QPainter, bar: Bar, top: float, colours: Shades) -> None:
        track = QRectF(0, top, self.width(), BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(colours.line)
        ground.setAlphaF(0.45)
        painter.setBrush(ground)
        painter.drawRoundedRect(track, 3, 3)
        zero, end = self._place(0.0), self._place(min(max(bar.value, self._low), self._high))
        painter.setBrush(self._colour(bar, colours))
        painter.drawRoundedRect(QRectF(min(zero, end), top, abs(end - zero), BAR_HEIGHT), 3, 3)
        if self._low < 0:
            painter.fillRect(QRectF(zero - 0.75, top - 2, 1.5, BAR_HEIGHT + 4), colours.quiet)

    def _colour(self, bar: Bar, colours: Shades) -> QColor:
        if bar.value < 0:
            return colours.warn
        return colours.accent if bar.leads or self._low < 0 else colours.quiet

    def _place(self, value: float) -> float:
        return (value - self._low) / (self._high - self._low) * self.width()
