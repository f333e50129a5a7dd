"""Draws a hit of a search: its title and relevance, where it stands, and the piece of text with the words marked."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workbench.ui.models.highlighting import spans
from workbench.ui.models.hits_model import HIT_ROLE, Hit
from workbench.ui.theme import is_dark, shades

Index = QModelIndex | QPersistentModelIndex
TEXT_LINES = 2
MARGIN = 8
_GAP = 12


class HitDelegate(QStyledItemDelegate):
    """For a list whose rows give HIT_ROLE. Every row has the same height."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Title, origin and the lines of text."""
        line = QFontMetrics(option.font).lineSpacing()
        return QSize(200, line * (2 + TEXT_LINES) + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one hit."""
        found: Hit = index.data(HIT_ROLE)
        self.initStyleOption(option, index)
        option.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        area: QRect = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.save()
        painter.setClipRect(option.rect)
        _Drawing(painter, option.palette, option.font, chosen).draw(found, area)
        painter.restore()


class _Drawing:
    """One hit on its way to the screen."""

    def __init__(self, painter: QPainter, palette: QPalette, font: QFont, chosen: bool) -> None:
        self._painter, self._font = painter, font
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        self._ink = palette.color(role)
        self._quiet = self._ink if chosen else shades(palette).quiet
        self._mark = None if chosen else mark_of(palette)
        self._line = QFontMetrics(font).lineSpacing()

    def draw(self, found: Hit, area: QRect) -> None:
        bold = QFont(self._font)
        bold.setWeight(QFont.Weight.DemiBold)
        first = QRect(area.left(), area.top(), area.width(), self._line)
        taken = self._put(first, found.relevance, self._font, self._quiet, Qt.AlignmentFlag.AlignRight)
        self._put(first.adjusted(0, 0, -taken - _GAP, 0), found.title, bold, self._ink, Qt.AlignmentFlag.AlignLeft)
        second = first.translated(0, self._line)
        self._put(second, found.origin, self._font, self._quiet, Qt.AlignmentFlag.AlignLeft)
        self._text(QRect(area.left(), second.bottom() + 3, area.width(), self._line * TEXT_LINES), found)

    def _put(self, where: QRect, text: str, font: QFont, ink: QColor, side: Qt.AlignmentFlag) -> int:
        """Draw one line, shortened at its end; the width it takes."""
        metrics = QFontMetrics(font)
        fitted = metrics.elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        self._painter.setFont(font)
        self._painter.setPen(ink)
        self._painter.drawText(where, int(side | Qt.AlignmentFlag.AlignVCenter), fitted)
        return metrics.horizontalAdvance(fitted)

    def _text(self, where: QRect, found: Hit) -> None:
        layout = QTextLayout(found.text, self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([self._marked(start, end) for start, end in spans(found.text, found.wanted)])
        layout.beginLayout()
        down = 0.0
        for _ in range(TEXT_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(where.width())
            line.setPosition(QPointF(0, down))
            down += self._line
        layout.endLayout()
        self._painter.setPen(self._ink)
        layout.draw(self._painter, QPointF(where.topLeft()), [], QRectF(where))

    def _marked(self, start: int, end: int) -> QTextLayout.FormatRange:
        marked = QTextLayout.FormatRange()
        marked.start, marked.length = start, end - start
        marked.format = mark_format(self._mark)
        return marked


def mark_of(palette: QPalette) -> QColor:
    """The ground of a word that was asked for: the warning colour, thin enough to read on."""
    tone = QColor(shades(palette).warn)
    tone.setAlphaF(0.34 if is_dark(palette) else 0.22)
    return tone


def mark_format(ground: QColor | None) -> QTextCharFormat:
    """How a word that was asked for looks: bold, and on that ground where there is one."""
    made = QTextCharFormat()
    made.setFontWeight(QFont.Weight.DemiBold)
    if ground is not None:
        made.setBackground(ground)
    return made
