"""The dock panels of the main window: which there are, where they stand at first, and how that is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QSizePolicy, QTabBar, QWidget

Area = Qt.DockWidgetArea
LAYOUT_VERSION = 3
"""Raised when panels come, go or are renamed; an arrangement of another version is not restored."""

DEFAULT_SIZE = (1440, 900)
LEFT, RIGHT, BOTTOM = (0.264, 280, 380), (0.33, 370, 560), (0.3, 180, 320)
"""Of the window's width (of its height for the bottom): the share that an area has at first, its least and its most."""

NARROW = 1_000
"""Below this width of the window there is no third column: what stands at the right joins the tabs at the bottom."""

NARROW_BOTTOM = (0.5, 180, 600)


@dataclass(frozen=True)
class DockSpec:
    """A panel by name: its title and where it stands at first, in tabs with others of the same area."""

    name: str
    title: str
    area: Area
    keys: str = ""
    """What brings it to the front; Alt and the digit of its place where it says nothing."""


SPECS: tuple[DockSpec, ...] = (
    DockSpec("task", "Task", Area.LeftDockWidgetArea),
    DockSpec("history", "Run history", Area.LeftDockWidgetArea),
    DockSpec("consensus", "Consensus", Area.RightDockWidgetArea),
    DockSpec("answer", "Answer", Area.RightDockWidgetArea),
    DockSpec("evidence", "Evidence and findings", Area.RightDockWidgetArea),
    DockSpec("graph", "Task graph", Area.BottomDockWidgetArea),
    DockSpec("source", "Source viewer", Area.BottomDockWidgetArea),
    DockSpec("notes", "Research notes", Area.BottomDockWidgetArea),
    DockSpec("connections", "Connections", Area.BottomDockWidgetArea),
    DockSpec("log", "Log", Area.BottomDockWidgetArea),
    DockSpec("knowledge", "Knowledge", Area.RightDockWidgetArea, "Alt+K"),
)
FIRST = ("task", "consensus", "graph")
"""The panels that lie on top of their tabs at first."""


class Docks:
    """The docks of one window, empty until `fill` gives each its panel."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._settling = QTimer(window, singleShot=True, interval=0)
        self._settling.timeout.connect(self._settle_titles)
        self._docks = {spec.name: self._make(spec) for spec in SPECS}
        window.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Area.AllDockWidgetAreas, window.tabPosition(Area.TopDockWidgetArea).North)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.BottomDockWidgetArea)
        self.arrange()

    def _make(self, spec: DockSpec) -> QDockWidget:
        dock = QDockWidget(spec.title, self._window)
        dock.setObjectName(f"dock.{spec.name}")
        placeholder = QWidget()
        placeholder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        dock.setWidget(placeholder)
        dock.topLevelChanged.connect(self._settle_soon)
        dock.dockLocationChanged.connect(self._settle_soon)
        dock.visibilityChanged.connect(self._settle_soon)
        return dock

    def _settle_soon(self) -> None:
        self._settling.start()

    def _settle_titles(self) -> None:
        """A dock in tabs has its name on its tab; only one that stands alone or floats needs a title bar."""
        for tabs in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)
        for dock in self._docks.values():
            in_tabs = not dock.isFloating() and bool(self._window.tabifiedDockWidgets(dock))
            if in_tabs == (dock.titleBarWidget() is None):
                dock.setTitleBarWidget(QWidget() if in_tabs else None)  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    def fill(self, name: str, panel: QWidget) -> None:
        """Put the panel into its dock."""
        dock = self._docks[name]
        before = dock.widget()
        panel.setAccessibleName(panel.accessibleName() or dock.windowTitle())
        dock.setWidget(panel)
        before.deleteLater()

    def panel(self, name: str) -> QWidget:
        """What stands in that dock."""
        return self._docks[name].widget()

    def show(self, name: str) -> None:
        """Bring a panel to the front and the keyboard to it."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        if dock.isFloating():
            dock.activateWindow()
        dock.widget().setFocus(Qt.FocusReason.OtherFocusReason)

    def is_in_front(self, name: str) -> bool:
        """Whether the panel can be seen: open, and on top of its tabs."""
        return not self._docks[name].visibleRegion().isEmpty()

    def raise_quietly(self, name: str) -> None:
        """Bring a panel to the front of its tabs, and leave the keyboard where it is.

        A closed panel stays closed, and a panel in which the analyst is at work is not covered.
        """
        dock, focus = self._docks[name], QApplication.focusWidget()
        covered = self._window.tabifiedDockWidgets(dock)
        if not dock.isHidden() and not any(focus and other.isAncestorOf(focus) for other in covered):
            dock.raise_()

    def is_shown(self, name: str) -> bool:
        """Whether the panel is open, on top of its tabs or not."""
        return not self._docks[name].isHidden()

    def arrange(self) -> None:
        """Put every panel where it stands at first in a window of this width."""
        size, narrow = self._window.size(), self._window.width() < NARROW
        by_area: dict[Area, list[QDockWidget]] = {}
        for spec in SPECS:
            dock = self._docks[spec.name]
            dock.setFloating(False)
            area = Area.BottomDockWidgetArea if narrow and spec.area is Area.RightDockWidgetArea else spec.area
            self._window.addDockWidget(area, dock)
            dock.show()
            stacked = by_area.setdefault(area, [])
            if stacked:
                self._window.tabifyDockWidget(stacked[-1], dock)
            stacked.append(dock)
        for name in FIRST[:2] if narrow else FIRST:
            self._docks[name].raise_()
        # Panels that stood side by side for a moment, on their way into their tabs, have made the window wider.
        layout = self._window.layout()
        if layout is not None and not self._window.isMaximized() and not self._window.isFullScreen():
            layout.activate()
            self._window.resize(size)
        self.resize_to_default()

    def resize_to_default(self) -> None:
        """The first sizes of the three areas; takes effect once the window has its size."""
        width, height = self._window.width(), self._window.height()
        narrow = width < NARROW
        sides = {"task": _share(width, *LEFT)} | ({} if narrow else {"consensus": _share(width, *RIGHT)})
        self._window.resizeDocks([self._docks[name] for name in sides], [*sides.values()], Qt.Orientation.Horizontal)
        bottom = _share(height, *(NARROW_BOTTOM if narrow else BOTTOM))
        self._window.resizeDocks([self._docks["graph"]], [bottom], Qt.Orientation.Vertical)

    def save(self, settings: QSettings) -> None:
        """Keep size, place and arrangement."""
        settings.setValue("layout/version", LAYOUT_VERSION)
        settings.setValue("layout/geometry", self._window.saveGeometry())
        settings.setValue("layout/state", self._window.saveState(LAYOUT_VERSION))

    def restore(self, settings: QSettings) -> bool:
        """Take up the arrangement kept by `save`; False (and nothing changed) when there is none of this version."""
        state, geometry = settings.value("layout/state"), settings.value("layout/geometry")
        if not isinstance(state, QByteArray) or not isinstance(geometry, QByteArray):
            return False
        if str(settings.value("layout/version")) != str(LAYOUT_VERSION):
            return False
        self._window.restoreGeometry(geometry)
        return self._window.restoreState(state, LAYOUT_VERSION)


def _share(whole: int, share: float, least: int, most: int) -> int:
    return min(most, max(least, round(whole * share)))
