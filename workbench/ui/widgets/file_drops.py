"""Takes files and folders that are dropped on a widget, and says while they hover what dropping them does."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class FileDrops(QObject):
    """Watches `widget`; drops on parts of it that take them themselves are theirs."""

    hovering = Signal(bool)
    """Files are held over the widget, or no longer."""

    dropped = Signal(list)
    """Paths of the files and folders that were let go."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept what holds files, and tell of it."""
        if isinstance(event, QDragLeaveEvent):
            self.hovering.emit(False)
        elif isinstance(event, QDropEvent) and paths_in(event.mimeData()):
            event.acceptProposedAction()
            entering = isinstance(event, QDragEnterEvent)
            if entering:
                self.hovering.emit(True)
            elif event.type() == QEvent.Type.Drop:
                self.hovering.emit(False)
                self.dropped.emit(paths_in(event.mimeData()))
            return True
        return False


def paths_in(data: QMimeData) -> list[Path]:
    """The files and folders of this machine that a drag holds."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
