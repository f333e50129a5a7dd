"""The knowledge of the workbench: search it, see what is in it, take more in, follow folders, import official files."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QTabWidget, QToolButton, QVBoxLayout, QWidget

from workbench.ui.widgets.file_drops import FileDrops
from workbench.ui.widgets.intake_strip import IntakeStrip


class KnowledgePanel(QWidget):
    """Sections in tabs, and above them what is being read in. Each section is a widget of its own, added by `add`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = IntakeStrip()
        self.model_strip = IntakeStrip(
            can_pause=False, stop_tip="Search with the model as before; what is embedded is kept for another try"
        )
        """How far the change of the embedding model is."""
        self.hint = QLabel("Drop to read into my library", alignment=Qt.AlignmentFlag.AlignCenter)
        self.hint.setProperty("drop", True)
        self.hint.setMargin(12)
        self.hint.hide()
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setAccessibleName("Sections of the knowledge")
        self.tabs.setIconSize(QSize(16, 16))
        self.model = QToolButton(autoRaise=True)
        self.model.setText("Model ...")
        self.model.setToolTip("Which embedding model the library is searched with; choose another")
        self.tabs.setCornerWidget(self.model)
        self._sections: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        for widget in (self.hint, self.strip, self.model_strip):
            layout.addWidget(widget)
        layout.addWidget(self.tabs, 1)
        self.drops = FileDrops(self)
        self.drops.hovering.connect(self.hint.setVisible)

    def add(self, name: str, title: str, section: QWidget) -> None:
        """Another section, after those that are there; where it does not fit, it is scrolled to."""
        page = QScrollArea(widgetResizable=True)
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setWidget(_Least(section))
        self._sections[name] = page
        self.tabs.addTab(page, title)
        if len(self._sections) == 1:
            self.setFocusProxy(section)

    def show_section(self, name: str) -> None:
        """Bring that section to the front; KeyError if there is none."""
        self.tabs.setCurrentWidget(self._sections[name])

    def shows(self, name: str) -> bool:
        """Whether that section is in front."""
        return self.tabs.currentWidget() is self._sections.get(name)

    def mark(self, name: str, sign: QIcon) -> None:
        """Show an icon on the tab of that section; a null icon takes it away."""
        self.tabs.setTabIcon(self.tabs.indexOf(self._sections[name]), sign)


class _Least(QWidget):
    """Lets a section shrink as far as it can before it is scrolled; a scroll area by itself gives wrapped text more."""

    def __init__(self, section: QWidget) -> None:
        super().__init__()
        self._section = section
        section.setParent(self)
        section.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        """As the section's."""
        return self._section.minimumSizeHint()

    def sizeHint(self) -> QSize:
        """As the section's."""
        return self._section.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it is the section's."""
        self._section.resize(event.size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for other room when the section does."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False
