"""Text to read and to select: plain, wrapped, and in a meaningful colour of the theme where that is wanted."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from workbench.ui.theme import Shades, shades


class Words(QLabel):
    """A label that never takes its text for markup. `tone` is a field of Shades; empty is the usual colour."""

    def __init__(
        self, name: str = "", tone: str = "", size: float = 1.0, bold: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        if tone and tone not in Shades.__dataclass_fields__:
            raise ValueError(f"there is no shade {tone!r}")
        self._tone, self._tinting = tone, False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if name:
            self.setAccessibleName(name)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * size)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        self.setFont(font)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange} and not self._tinting:
            self._tint()

    def _tint(self) -> None:
        if not self._tone:
            return
        self._tinting = True
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.WindowText, getattr(shades(QGuiApplication.palette()), self._tone))
        self.setPalette(palette)
        self._tinting = False
