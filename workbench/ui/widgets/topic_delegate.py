"""Draws a topic: its name and size, what else is known of it, and a bar as long as it is large beside the largest."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from workbench.ui.models.topics_model import TOPIC_ROLE, TopicRow
from workbench.ui.theme import shades

Index = QModelIndex | QPersistentModelIndex
MARGIN = 7
BAR_HEIGHT = 5
_GAP = 12
_BAR_GAP = 4


class TopicDelegate(QStyledItemDelegate):
    """For a list whose rows give TOPIC_ROLE. Every row has the same height."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines and the bar."""
        line = QFontMetrics(option.font).lineSpacing()
        return QSize(200, 2 * line + _BAR_GAP + BAR_HEIGHT + 2 * MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one topic."""
        row: TopicRow = index.data(TOPIC_ROLE)
        self.initStyleOption(option, index)
        option.text = ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        area: QRect = option.rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = option.palette.color(QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text)
        colours = shades(option.palette)
        painter.save()
        painter.setClipRect(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(option.font)
        _words(painter, row, area, (ink, ink if chosen else colours.quiet))
        if row.topic is not None:
            _bar(painter, row.share, area, ink if chosen else colours.accent, ink if chosen else colours.line)
        painter.restore()


def _words(painter: QPainter, row: TopicRow, area: QRect, inks: tuple[QColor, QColor]) -> None:
    (ink, quiet), font = inks, painter.font()
    metrics = QFontMetrics(font)
    first = QRect(area.left(), area.top(), area.width(), metrics.lineSpacing())
    painter.setPen(quiet)
    painter.drawText(first, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), row.count)
    second = first.translated(0, metrics.lineSpacing())
    note = metrics.elidedText(row.note, Qt.TextElideMode.ElideRight, second.width())
    painter.drawText(second, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), note)
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    room = first.width() - metrics.horizontalAdvance(row.count) - _GAP
    painter.setFont(bold)
    painter.setPen(ink)
    name = QFontMetrics(bold).elidedText(row.name, Qt.TextElideMode.ElideRight, max(0, room))
    painter.drawText(first, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)


def _bar(painter: QPainter, share: float, area: QRect, colour: QColor, track: QColor) -> None:
    ground = QColor(track)
    ground.setAlphaF(0.35)
    whole = QRectF(area.left(), area.bottom() + 1 - BAR_HEIGHT, area.width(), BAR_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(whole, 2, 2)
    painter.setBrush(colour)
    whole.setWidth(max(2 * BAR_HEIGHT, share * area.width()))
    painter.drawRoundedRect(whole, 2, 2)
