"""What a search of the knowledge panel is narrowed by: collection, kind, severity, weakness, dates."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from workbench.core.engine import SearchFilter
from workbench.core.events import PassageKind, Severity
from workbench.core.filters import day_in, weaknesses_in
from workbench.ui.models.knowledge_facade import title_of
from workbench.ui.theme import shades
from workbench.visible_text import visible

ANY = "any"


class SearchFilters(QWidget):
    """Fields that are empty at first; each one that is filled must hold."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.collection = self._choice("Collection to search in", [])
        self.kind = self._choice("Kind of passage", [(kind.value, kind) for kind in PassageKind])
        self.severity = self._choice("Severity", [(f"{each.value}", each) for each in Severity])
        self.weakness = self._line("Weakness", "CWE-79", "One or more CWE ids; their records, and what names them")
        self.since = self._line("Dated since", "2024-01-31", "Only what is dated on this day or later")
        self.until = self._line("Dated until", "2024-12-31", "Only what is dated on this day or earlier")
        self.reset = QPushButton("Reset")
        """For whoever lays the filters out to put where it is in sight; it clears them all."""
        self.reset.setToolTip("Search in everything again")
        self.reset.clicked.connect(self.clear)
        self._lay_out()

    def _choice(self, name: str, options: Sequence[tuple[str, object]]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(5)
        box.addItem(ANY, None)
        for caption, value in options:
            box.addItem(caption, value)
        box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return box

    def _line(self, name: str, hint: str, tip: str) -> QLineEdit:
        line = QLineEdit(placeholderText=hint, clearButtonEnabled=True)
        line.setAccessibleName(name)
        line.setToolTip(tip)
        line.textChanged.connect(self._check)
        return line

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        fields = (
            ("In", self.collection), ("Kind", self.kind), ("Weakness", self.weakness), ("Severity", self.severity),
            ("Since", self.since), ("Until", self.until),
        )  # fmt: skip
        for number, (caption, field) in enumerate(fields):
            label = QLabel(caption)
            label.setBuddy(field)
            row, column = divmod(number, 2)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(field, row, 2 * column + 1)

    def set_collections(self, names: Sequence[str]) -> None:
        """Offer these collections; the one chosen stays so while it is there."""
        offered = [self.collection.itemData(row) for row in range(1, self.collection.count())]
        if list(names) == offered:
            return
        chosen = self.collection.currentData()
        self.collection.blockSignals(True)
        while self.collection.count() > 1:
            self.collection.removeItem(1)
        for name in names:
            self.collection.addItem(visible(title_of(name)), name)
        kept = self.collection.findData(chosen) if chosen is not None else 0
        self.collection.setCurrentIndex(max(0, kept))
        self.collection.blockSignals(False)
        if kept < 0:
            self.changed.emit()

    def choose_collection(self, name: str) -> None:
        """Search in this collection only, if it is offered."""
        self.collection.setCurrentIndex(max(0, self.collection.findData(name)))

    def clear(self) -> None:
        """Let everything pass."""
        for box in (self.collection, self.kind, self.severity):
            box.setCurrentIndex(0)
        for line in (self.weakness, self.since, self.until):
            line.clear()

    @property
    def value(self) -> SearchFilter:
        """What is chosen; a field that cannot be read says nothing."""
        chosen = self.collection.currentData(), self.kind.currentData(), self.severity.currentData()
        collections, kinds, severities = (() if each is None else (each,) for each in chosen)
        return SearchFilter(
            kinds=kinds,
            collections=collections,
            severities=severities,
            weaknesses=weaknesses_in(self.weakness.text()) or (),
            since=day_in(self.since.text()),
            until=day_in(self.until.text(), last=True),
        )

    @property
    def count(self) -> int:
        """How many fields narrow the search."""
        return sum(bool(getattr(self.value, name)) for name in SearchFilter.model_fields)

    @property
    def unreadable(self) -> str:
        """What is wrong with a field, as a sentence; empty when all can be read."""
        if weaknesses_in(self.weakness.text()) is None:
            return "The weakness is no CWE id; write it like CWE-79."
        for line in (self.since, self.until):
            if line.text().strip() and day_in(line.text()) is None:
                return "The date cannot be read; write it like 2024-01-31, 2024-01 or 2024."
        return ""

    def _check(self) -> None:
        for line, ok in (
            (self.weakness, weaknesses_in(self.weakness.text()) is not None),
            (self.since, not self.since.text().strip() or day_in(self.since.text()) is not None),
            (self.until, not self.until.text().strip() or day_in(self.until.text()) is not None),
        ):
            palette = QPalette()
            ink = QColor(shades(self.palette()).bad) if not ok else self.palette().color(QPalette.ColorRole.Text)
            palette.setColor(QPalette.ColorRole.Text, ink)
            line.setPalette(palette)
        self.changed.emit()
