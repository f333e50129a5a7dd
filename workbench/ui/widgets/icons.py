"""Our own line icons, drawn in the colour of the text around them."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from workbench.places import RESOURCES

FOLDER = RESOURCES / "icons"


class _LineIcon(QIconEngine):
    """Paints an SVG whose strokes are `currentColor` in the palette's text colour, at any size and resolution."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into `rect`; greyed when the mode is Disabled."""
        group = QPalette.ColorGroup.Disabled if mode is QIcon.Mode.Disabled else QPalette.ColorGroup.Active
        colour = QApplication.palette().color(group, QPalette.ColorRole.WindowText)
        _renderer(self._path, colour.name()).render(painter, QRectF(rect))  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The icon on a clear ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Another engine of the same icon, as QIcon asks for when it is copied and changed."""
        return _LineIcon(self._path)


@lru_cache(maxsize=128)
def _renderer(path: Path, colour: str) -> QSvgRenderer:
    text = path.read_text(encoding="utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(text.encode()))


def icon(name: str) -> QIcon:
    """The icon of resources/icons/NAME.svg, which follows the theme; FileNotFoundError if there is none."""
    path = FOLDER / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(path)
    return QIcon(_LineIcon(path))


def app_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    return QIcon(str(FOLDER / "app.svg"))


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw the icon into `rect` in this colour."""
    _renderer(FOLDER / f"{name}.svg", colour.name()).render(painter, rect)
