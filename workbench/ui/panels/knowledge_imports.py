"""What was imported: official knowledge and inventories, by version, and what each import changed."""

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from workbench.core.engine import ImportChange, ImportInfo
from workbench.ui import aio
from workbench.ui.models.imports_model import Column, ImportsModel, counts_in_words
from workbench.ui.widgets.details_view import DetailsView, Part
from workbench.ui.widgets.filtered_table import FilteredTable
from workbench.ui.widgets.flow_layout import FlowLayout
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import local_time, plural

EMPTY = (
    "Nothing was imported yet.\n\nImport a file that you have: MITRE ATT&CK, CAPEC, CWE, CISA KEV, NVD, OSV, GitHub "
    "advisories, a SARIF report, a CycloneDX or SPDX inventory. Or get the official files from those who publish them."
)
MOST_CHANGES = 200
"""Changed documents that are listed; beyond that, how many more there are is said."""


class KnowledgeImports(QWidget):
    """Shows an ImportsModel and announces what is to be imported. What changed is asked of `read_changes`."""

    file_asked = Signal()
    get_asked = Signal()

    def __init__(self, model: ImportsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.read_changes: Callable[[int], Awaitable[Sequence[ImportChange]]] | None = None
        """Gives the documents that the import of that id added, changed or removed."""
        self.imports = FilteredTable(model, "imports", "Filter by kind, name or version")
        self.imports.set_widths(76, 160, 84, 124, 72, 80, 82)
        self.imports.fit(Column.NAME, Column.KIND, Column.VERSION, Column.AT)
        self.imports.say_when_empty(EMPTY)
        self.details = DetailsView("What the import changed")
        self.file = QPushButton(icon("open"), "Import a file ...")
        self.file.setToolTip("Take in a file of official knowledge, a report or an inventory; its format is recognised")
        self.get = QPushButton(icon("download"), "Get knowledge ...")
        self.get.setToolTip("Download official files; what is asked of whom is shown before")
        buttons = FlowLayout()
        for button in (self.file, self.get):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self.imports, 3)
        layout.addWidget(self.details, 2)
        self.file.clicked.connect(self.file_asked)
        self.get.clicked.connect(self.get_asked)
        self.imports.chosen.connect(self._show)

    def set_busy(self, busy: bool) -> None:
        """Something is being read in, or no longer."""
        for button in (self.file, self.get):
            button.setEnabled(not busy)

    def _show(self, row: int) -> None:
        if row < 0:
            self.details.show_parts([])
            return
        done = self.model.row(row)
        self.details.show_parts(import_parts(done, ()))
        if self.read_changes is not None and done.added + done.changed + done.removed:
            aio.spawn(self._show_changes(self.read_changes, done), "reading what an import changed")

    async def _show_changes(
        self, read_changes: Callable[[int], Awaitable[Sequence[ImportChange]]], done: ImportInfo
    ) -> None:
        changes = await read_changes(done.id)
        if self.imports.row >= 0 and self.model.row(self.imports.row).id == done.id:
            self.details.show_parts(import_parts(done, changes))


def import_parts(done: ImportInfo, changes: Sequence[ImportChange]) -> list[Part]:
    """An import in full: what it was, and the documents that it changed."""
    version = f", version {done.version}" if done.version else ""
    parts: list[Part] = [
        ("title", done.name or done.kind),
        ("note", f"{done.kind}{version}, imported {local_time(done.at)} from {done.file}"),
    ]
    if not done.finished:
        parts.append(("alarm", "It was broken off. Import the same file again to go on with it."))
    told = f"{counts_in_words(done.added, done.changed, done.removed)}, {done.unchanged:,} unchanged"
    parts.append(("prose", f"{told}, in the collection “{done.collection}”"))
    listed = [f"{change.change}: {change.title or change.path} ({change.path})" for change in changes[:MOST_CHANGES]]
    if len(changes) > MOST_CHANGES:
        listed.append(f"and {plural(len(changes) - MOST_CHANGES, 'more document')}")
    return [*parts, ("caption", "What changed" if listed else ""), ("prose", "\n".join(listed))]
