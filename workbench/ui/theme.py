"""The look of the window: a light and a dark palette, and the few colours that carry meaning.

Qt's own dark palette is not offered by every platform plugin (offscreen and plain X11 have none), so both palettes are
ours. Every pair of text and ground keeps the contrast of WCAG 2.2 level AA (4.5:1); a test measures it.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

Scheme = Literal["system", "light", "dark"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)


@dataclass(frozen=True)
class Shades:
    """Colours that mean something, legible as text on the window's grounds; never the only sign of what they mean."""

    accent: QColor
    good: QColor
    bad: QColor
    warn: QColor
    quiet: QColor
    line: QColor
    """For borders and separators only, not for text."""
    on_accent: QColor
    """Text on a ground of `accent`."""
    code_ground: QColor


LIGHT = Shades(
    accent=QColor("#1b5fa8"),
    good=QColor("#176b3f"),
    bad=QColor("#b3261e"),
    warn=QColor("#855300"),
    quiet=QColor("#56606c"),
    line=QColor("#c9ced6"),
    on_accent=QColor("#ffffff"),
    code_ground=QColor("#eef1f5"),
)
DARK = Shades(
    accent=QColor("#79b4f2"),
    good=QColor("#6fcf97"),
    bad=QColor("#ff8d85"),
    warn=QColor("#e8b75a"),
    quiet=QColor("#a2abb8"),
    line=QColor("#424955"),
    on_accent=QColor("#10151b"),
    code_ground=QColor("#262c35"),
)

Role = QPalette.ColorRole
_LIGHT_ROLES = {
    Role.Window: "#f3f4f6",
    Role.WindowText: "#1b222b",
    Role.Base: "#ffffff",
    Role.AlternateBase: "#f6f8fa",
    Role.Text: "#1b222b",
    Role.Button: "#e9ecf0",
    Role.ButtonText: "#1b222b",
    Role.BrightText: "#ffffff",
    Role.ToolTipBase: "#ffffff",
    Role.ToolTipText: "#1b222b",
    Role.PlaceholderText: "#68727f",
    Role.Highlight: "#1b5fa8",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#1b5fa8",
    Role.LinkVisited: "#5a4a9c",
    Role.Accent: "#1b5fa8",
    Role.Light: "#ffffff",
    Role.Midlight: "#f0f2f5",
    Role.Mid: "#b9c0ca",
    Role.Dark: "#9aa3af",
    Role.Shadow: "#5c6570",
}
_DARK_ROLES = {
    Role.Window: "#20252c",
    Role.WindowText: "#e6e9ee",
    Role.Base: "#181c22",
    Role.AlternateBase: "#1d2228",
    Role.Text: "#e6e9ee",
    Role.Button: "#2c323b",
    Role.ButtonText: "#e6e9ee",
    Role.BrightText: "#ffffff",
    Role.ToolTipBase: "#2c323b",
    Role.ToolTipText: "#e6e9ee",
    Role.PlaceholderText: "#8d97a5",
    Role.Highlight: "#2f6fb5",
    Role.HighlightedText: "#ffffff",
    Role.Link: "#79b4f2",
    Role.LinkVisited: "#b6a5f0",
    Role.Accent: "#2f6fb5",
    Role.Light: "#3a414c",
    Role.Midlight: "#333a44",
    Role.Mid: "#474f5b",
    Role.Dark: "#14181d",
    Role.Shadow: "#0c0f13",
}
_DISABLED = {False: "#868e99", True: "#717b88"}


def is_dark(palette: QPalette) -> bool:
    """Whether text is lighter than its ground."""
    return palette.color(Role.Window).lightness() < palette.color(Role.WindowText).lightness()


def shades(palette: QPalette) -> Shades:
    """The meaningful colours that suit this palette."""
    return DARK if is_dark(palette) else LIGHT


def palette_for(dark: bool) -> QPalette:
    """The whole light or dark palette."""
    palette = QPalette()
    for role, colour in (_DARK_ROLES if dark else _LIGHT_ROLES).items():
        palette.setColor(role, QColor(colour))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(_DISABLED[dark]))
    palette.setColor(QPalette.ColorGroup.Disabled, Role.Highlight, QColor(_DISABLED[dark]))
    return palette


STYLE_SHEET = """
QMainWindow::separator { width: 5px; height: 5px; background: palette(window); }
QMainWindow::separator:hover { background: palette(highlight); }
QDockWidget::title { padding: 6px 8px; text-align: left; background: palette(window); }
QTabBar::tab { padding: 5px 11px; }
QToolBar { border: none; spacing: 3px; padding: 3px 6px; }
QToolButton { padding: 4px 6px; }
QPushButton { padding: 5px 12px; }
QPushButton[primary="true"] { background: palette(highlight); color: palette(highlighted-text); font-weight: bold;
    border: none; border-radius: 4px; padding: 8px 14px; }
QPushButton[primary="true"]:hover { background: palette(link); color: palette(base); }
QPushButton[primary="true"]:focus { border: 2px solid palette(window-text); }
QPushButton[primary="true"]:disabled { background: palette(mid); color: palette(window-text); }
QPushButton[segment="true"] { padding: 6px 4px; border: 1px solid palette(mid); border-radius: 4px;
    background: palette(button); }
QPushButton[segment="true"]:hover { border-color: palette(highlight); }
QPushButton[segment="true"]:focus { border: 2px solid palette(highlight); padding: 5px 3px; }
QPushButton[segment="true"]:checked { background: palette(highlight); color: palette(highlighted-text);
    font-weight: bold; border-color: palette(highlight); }
QPushButton[segment="true"]:checked:focus { border: 2px solid palette(window-text); }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractItemView { border: 1px solid palette(mid); border-radius: 3px; }
QLineEdit { padding: 3px 5px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractItemView:focus { border-color: palette(highlight); }
QSpinBox QLineEdit, QComboBox QLineEdit { border: none; padding: 0; }
QComboBox QAbstractItemView { border-radius: 0; }
QHeaderView { border: none; }
QStatusBar::item { border: none; }
QToolTip { color: palette(tool-tip-text); background: palette(tool-tip-base);
    border: 1px solid palette(mid); padding: 4px; }
"""


def remember(settings: QSettings, scheme: Scheme) -> None:
    """Keep the scheme where it can be read before the settings file, for the next first paint."""
    settings.setValue("theme", scheme)


def remembered(settings: QSettings) -> Scheme:
    """The scheme last kept, `system` at first."""
    kept = settings.value("theme")
    return next((scheme for scheme in SCHEMES if scheme == kept), "system")


class Theme(QObject):
    """Keeps the application in the scheme the analyst chose; `system` follows the desktop as it changes."""

    changed = Signal(str)
    """The scheme chosen, after the palette was set."""

    def __init__(self, app: QApplication, scheme: Scheme = "system") -> None:
        super().__init__(app)
        self._app = app
        self.scheme: Scheme = scheme
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.choose(scheme)

    def choose(self, scheme: Scheme) -> None:
        """Show this scheme from now on."""
        self.scheme = scheme
        wanted = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._app.styleHints().setColorScheme(wanted[scheme])
        self._paint()
        self.changed.emit(scheme)

    def _follow(self) -> None:
        if self.scheme == "system":
            self._paint()

    def _paint(self) -> None:
        system_is_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        dark = self.scheme == "dark" or (self.scheme == "system" and system_is_dark)
        self._app.setPalette(palette_for(dark))
        self._app.setStyleSheet(STYLE_SHEET)
