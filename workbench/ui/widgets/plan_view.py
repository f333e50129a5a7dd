"""The plan of a run as a live graph of its steps."""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from workbench.core.engine import StepRecord
from workbench.ui.models.plan_layout import Cell, lay_out
from workbench.ui.theme import Shades, shades
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import draw_icon
from workbench.ui.wording import duration
from workbench.visible_text import visible

NODE = QSizeF(244, 58)
GAP = QSizeF(48, 16)
MAX_ZOOM, MIN_ZOOM = 2.5, 0.25


def state_colour(state: str, tones: Shades) -> QColor:
    """The colour of a StepState's value."""
    return {
        "running": tones.accent,
        "done": tones.good,
        "failed": tones.bad,
        "cancelled": tones.warn,
        "skipped": tones.warn,
    }.get(state, tones.quiet)


def _centre(cell: Cell) -> QPointF:
    return QPointF(cell[0] * (NODE.width() + GAP.width()), cell[1] * (NODE.height() + GAP.height()))


def step_duration(record: StepRecord, now: datetime | None = None) -> str:
    """How long a step took, or has been running at `now`; empty while it waits."""
    end = now if record.state == "running" else record.ended
    if record.started is None or end is None or end < record.started:
        return ""
    return duration((end - record.started).total_seconds())


class StepNode(QGraphicsObject):
    """One step: state as icon, colour and word, title, agent, time."""

    def __init__(self, record: StepRecord, cell: Cell) -> None:
        super().__init__()
        self.record = record
        self.took = ""
        self.setPos(_centre(cell) - QPointF(NODE.width(), NODE.height()) / 2)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setZValue(1)

    def show_record(self, record: StepRecord, now: datetime | None) -> None:
        """Show the step's state of this moment."""
        self.record, self.took = record, step_duration(record, now)
        self.setToolTip(plain_tooltip(record.step.goal))
        self.update()

    @property
    def words(self) -> str:
        """The node as one sentence, for a screen reader."""
        took = f", {self.took}" if self.took else ""
        return f"{self.record.step.title}, {self.record.step.agent}, {self.record.state}{took}"

    def boundingRect(self) -> QRectF:
        """The node and its frame."""
        return QRectF(QPointF(), NODE).adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw a card with a bar in the colour of the state."""
        palette = widget.palette() if widget else QPalette()
        tones = shades(palette)
        colour = state_colour(self.record.state, tones)
        card = QRectF(QPointF(), NODE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(card, 6, 6)
        painter.fillPath(shape, palette.color(QPalette.ColorRole.Base))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, 5, card.height()), colour)
        painter.restore()
        chosen = self.isSelected()
        strong = chosen or self.record.state == "running"
        painter.setPen(QPen(tones.accent if chosen else colour if strong else tones.line, 2.0 if strong else 1.0))
        painter.drawPath(shape)
        self._write(painter, palette, colour)

    def _write(self, painter: QPainter, palette: QPalette, colour: QColor) -> None:
        draw_icon(painter, self.record.state, QRectF(13, 7, 18, 18), colour)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        self._line(painter, QRectF(36, 5, NODE.width() - 44, 22), visible(self.record.step.title))
        font.setWeight(QFont.Weight.Normal)
        font.setPointSizeF(max(7.5, font.pointSizeF() * 0.9))
        painter.setFont(font)
        painter.setPen(shades(palette).quiet)
        area = QRectF(14, 30, NODE.width() - 24, 22)
        self._line(painter, area, self.record.step.agent)
        painter.setPen(colour)
        told = f"{self.record.state} {self.took}".strip()
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), told)

    def _line(self, painter: QPainter, area: QRectF, text: str) -> None:
        fitted = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), fitted)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Choose this step."""
        scene = self.scene()
        scene.clearSelection()
        self.setSelected(True)


class _Arrow(QGraphicsPathItem):
    """From a step to the one that needs it."""

    def __init__(self, start: StepNode, end: StepNode, bends: tuple[Cell, ...]) -> None:
        super().__init__()
        self._start, self._end = start, end
        tip = end.pos() + QPointF(0, NODE.height() / 2)
        path = QPainterPath(start.pos() + QPointF(NODE.width(), NODE.height() / 2))
        for cell in bends:
            _curve(path, _centre(cell) - QPointF(NODE.width() / 2, 0))
            path.lineTo(_centre(cell) + QPointF(NODE.width() / 2, 0))
        _curve(path, tip - QPointF(6, 0))
        self.setPath(path)
        self._head = QPolygonF([tip, tip + QPointF(-8, -4), tip + QPointF(-8, 4)])

    def boundingRect(self) -> QRectF:
        """The line and its head."""
        return super().boundingRect().united(self._head.boundingRect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """A thin line, in the colour of the step it comes from once that is done."""
        tones = shades(widget.palette() if widget else QPalette())
        colour = tones.good if self._start.record.state == "done" else tones.quiet
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.4))
        painter.drawPath(self.path())
        painter.setBrush(colour)
        painter.drawPolygon(self._head)


def _curve(path: QPainterPath, to: QPointF) -> None:
    """Lead the path to this point, leaving and arriving level."""
    begin = path.currentPosition()
    bend = QPointF((to.x() - begin.x()) / 2, 0)
    path.cubicTo(begin + bend, to - bend, to)


class PlanView(QGraphicsView):
    """Draws the steps of a run; arrow keys move between them, + and - zoom, 0 fits."""

    step_chosen = Signal(str)
    """Id of the step clicked or reached by keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self._nodes: dict[str, StepNode] = {}
        self._drawn: dict[str, tuple[str, ...]] = {}
        self._fitting = True
        self.setAccessibleName("Plan of the run")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.scene().selectionChanged.connect(self._tell)

    def show_steps(self, steps: Mapping[str, StepRecord], now: datetime | None = None) -> None:
        """Draw these steps; places change only when the plan does."""
        drawn = {name: record.step.inputs for name, record in steps.items()}
        if drawn != self._drawn:
            self._draw(steps, drawn)
        for name, record in steps.items():
            self._nodes[name].show_record(record, now)
        self.viewport().update()

    def _draw(self, steps: Mapping[str, StepRecord], inputs: dict[str, tuple[str, ...]]) -> None:
        chosen = self.chosen
        self.scene().clear()
        self._drawn = inputs
        layout = lay_out(inputs)
        self._nodes = {name: StepNode(record, layout.cells[name]) for name, record in steps.items()}
        for node in self._nodes.values():
            self.scene().addItem(node)
        for (source, name), bends in layout.bends.items():
            self.scene().addItem(_Arrow(self._nodes[source], self._nodes[name], bends))
        self.scene().setSceneRect(self.scene().itemsBoundingRect().adjusted(-16, -16, 16, 16))
        self.choose(chosen)
        if self._fitting:
            self.fit()

    @property
    def chosen(self) -> str:
        """Id of the chosen step, empty when none is."""
        return next((name for name, node in self._nodes.items() if node.isSelected()), "")

    def choose(self, step: str) -> None:
        """Mark this step; an unknown one is ignored."""
        if step in self._nodes:
            self.scene().clearSelection()
            self._nodes[step].setSelected(True)
            self.ensureVisible(self._nodes[step], 20, 20)

    def _tell(self) -> None:
        step = self.chosen
        if step:
            self.setAccessibleDescription(self._nodes[step].words)
            self.step_chosen.emit(step)

    def fit(self) -> None:
        """Show the whole plan, no larger than drawn, and keep it so while the panel is resized."""
        self._fitting = True
        if not self._nodes:
            return
        area, room = self.sceneRect(), self.viewport().size()
        scale = min(1.0, room.width() / area.width(), room.height() / area.height())
        self.resetTransform()
        self.scale(max(scale, MIN_ZOOM), max(scale, MIN_ZOOM))
        self.centerOn(area.center())

    def zoom(self, factor: float) -> None:
        """Enlarge by `factor`, within limits."""
        self._fitting = False
        now = self.transform().m11()
        factor = min(max(now * factor, MIN_ZOOM), MAX_ZOOM) / now
        self.scale(factor, factor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl held, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.15 if event.angleDelta().y() > 0 else 1 / 1.15)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose the nearest step in that direction."""
        directions = {
            Qt.Key.Key_Left: QPointF(-1, 0),
            Qt.Key.Key_Right: QPointF(1, 0),
            Qt.Key.Key_Up: QPointF(0, -1),
            Qt.Key.Key_Down: QPointF(0, 1),
        }
        key = Qt.Key(event.key())
        if key in directions and self._nodes:
            self.choose(self._neighbour(directions[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.2)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.2)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _neighbour(self, way: QPointF) -> str:
        """The step nearest in this direction, the chosen one when there is none, the first when none is chosen."""
        if not self.chosen:
            return next(iter(self._nodes))
        here = self._nodes[self.chosen].pos()
        best, least = self.chosen, float("inf")
        for name, node in self._nodes.items():
            step = node.pos() - here
            ahead = step.x() * way.x() + step.y() * way.y()
            aside = abs(step.x() * way.y()) + abs(step.y() * way.x())
            if ahead > 1 and ahead + 2 * aside < least:
                best, least = name, ahead + 2 * aside
        return best

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the plan whole in view until the analyst zooms."""
        super().resizeEvent(event)
        if self._fitting:
            self.fit()
