"""The command palette: type a few letters of what you want to do."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.commands import Command, CommandRegistry
from workbench.ui.fuzzy import match

_COMMAND = Qt.ItemDataRole.UserRole
_PLACES = Qt.ItemDataRole.UserRole + 1
_KEYS = Qt.ItemDataRole.UserRole + 2


class CommandPalette(QDialog):
    """Lists the commands that fit what is typed, the best first; Return does the chosen one after closing."""

    def __init__(self, registry: CommandRegistry, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self._registry = registry
        self.chosen: str | None = None
        """Id of the command to do, once accepted."""
        self.setWindowTitle("Commands")
        self.resize(560, 420)
        self.box = QLineEdit(placeholderText="Type what you want to do, for example “export” or “dark”")
        self.box.setAccessibleName("Command to find")
        self.list = QListWidget()
        self.list.setAccessibleName("Commands that fit")
        self.list.setItemDelegate(_MarkedCaption(self.list))
        self.list.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.box)
        layout.addWidget(self.list)
        self.box.textChanged.connect(self._fill)
        self.box.installEventFilter(self)
        self.list.itemActivated.connect(lambda _item: self._choose())
        self.box.returnPressed.connect(self._choose)
        registry.refresh()
        self._fill("")

    def _fill(self, pattern: str) -> None:
        fitting: list[tuple[float, Command, tuple[int, ...]]] = []
        for command in self._registry:
            found = match(pattern, command.caption)
            if found and self._registry.action(command.id).isEnabled() and command.id != "palette":
                fitting.append((found[0], command, found[1]))
        fitting.sort(key=lambda each: -each[0])
        self.list.clear()
        for _, command, places in fitting:
            self.list.addItem(self._item(command, places))
        self.list.setCurrentRow(0)

    def _item(self, command: Command, places: tuple[int, ...]) -> QListWidgetItem:
        item = QListWidgetItem(command.caption)
        item.setData(_COMMAND, command.id)
        item.setData(_PLACES, places)
        keys = self._registry.action(command.id).shortcut()
        item.setData(_KEYS, keys.toString(QKeySequence.SequenceFormat.NativeText))
        item.setToolTip(command.tip)
        return item

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen = str(item.data(_COMMAND))
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys in the box move through the list."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        pressed = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if watched is self.box and pressed and event.key() in moves:  # type: ignore[attr-defined]
            QApplication.sendEvent(self.list, event)
            return True
        return super().eventFilter(watched, event)


class _MarkedCaption(QStyledItemDelegate):
    """A caption with the matched letters in bold and the shortcut at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        style = option.widget.style() if option.widget else QApplication.style()
        drawn = QStyleOptionViewItem(option)
        drawn.text = ""
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, drawn, painter, option.widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.save()
        painter.setPen(option.palette.color(role))
        area = QRectF(option.rect).adjusted(10, 0, -10, 0)
        self._draw_caption(painter, area, str(index.data()), set(index.data(_PLACES) or ()))
        painter.setFont(option.font)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), index.data(_KEYS))
        painter.restore()

    def _draw_caption(self, painter: QPainter, area: QRectF, text: str, places: set[int]) -> None:
        plain, bold = painter.font(), painter.font()
        bold.setBold(True)
        x = area.left()
        for position, letter in enumerate(text):
            painter.setFont(bold if position in places else plain)
            width = painter.fontMetrics().horizontalAdvance(letter)
            painter.drawText(QRectF(x, area.top(), width + 2, area.height()), Qt.AlignmentFlag.AlignVCenter, letter)
            x += width

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """High enough to be hit with ease."""
        return QSize(super().sizeHint(option, index).width(), option.fontMetrics.height() + 12)
