"""The folders that were read into the library: which are watched, which were not finished, and whose files are gone."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.engine import DocumentInfo, Folder
from workbench.ui.models.folders_model import Column, FoldersModel
from workbench.ui.widgets.filtered_table import FilteredTable
from workbench.ui.widgets.flow_layout import FlowLayout
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.words import Words
from workbench.ui.wording import plural
from workbench.visible_text import visible

EMPTY = (
    "No folder was read yet.\n\nDrop a folder on this panel, or choose Library > Read a folder into the library. A "
    "watched folder is followed while the workbench runs: what changes in it comes in by itself."
)


class KnowledgeFolders(QWidget):
    """Shows a FoldersModel and announces what is to be done with a folder."""

    add_asked = Signal()
    watch_asked = Signal(object)
    """A Folder to watch from now on."""

    unwatch_asked = Signal(object)
    """A Folder not to watch any more."""

    read_asked = Signal(object)
    """A Folder to read from end to end, or to go on with."""

    look_asked = Signal()
    """Look anew whose files are gone."""

    gone_asked = Signal()
    """Show the documents whose files are gone."""

    def __init__(self, model: FoldersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self.busy = model, False
        self.gone: tuple[DocumentInfo, ...] = ()
        """Documents whose file is no more."""
        self.folders = FilteredTable(model, "folders", "Filter by path or state")
        self.folders.set_widths(220, 106, 128, 110)
        self.folders.fit(Column.PATH, Column.STATE, Column.LAST_PASS)
        self.folders.say_when_empty(EMPTY)
        self.add = self._button("Add ...", "new", "Read a folder into the library")
        self.watch = self._button("Watch", "watch", "Let what changes in this folder come in by itself")
        self.read = self._button("Read now", "again", "Read what changed in this folder")
        self.told = Words("Documents whose file is gone")
        self.activity = Words("What came in by itself", tone="quiet")
        self.activity.hide()
        self.show_gone = self._button("Show them ...", "trash", "List the documents whose file is gone, to remove them")
        self._lay_out()
        self.add.clicked.connect(self.add_asked)
        self.watch.clicked.connect(self._turn_watch)
        self.read.clicked.connect(lambda: self._ask(self.read_asked))
        self.show_gone.clicked.connect(self.gone_asked)
        self.folders.chosen.connect(lambda _row: self._settle())
        model.modelReset.connect(self._settle)
        self._settle()

    def _button(self, caption: str, picture: str, tip: str) -> QPushButton:
        button = QPushButton(icon(picture), caption)
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        buttons, below = FlowLayout(), QHBoxLayout()
        for button in (self.add, self.watch, self.read):
            buttons.addWidget(button)
        below.addWidget(self.told, 1)
        below.addWidget(self.show_gone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.folders, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.activity)
        layout.addLayout(below)

    @property
    def chosen(self) -> Folder | None:
        """The folder that the analyst stands on."""
        return self.model.row(self.folders.row) if self.folders.row >= 0 else None

    def set_gone(self, documents: Sequence[DocumentInfo]) -> None:
        """These are the documents whose file is no more."""
        self.gone = tuple(documents)
        self._settle()

    def set_busy(self, busy: bool) -> None:
        """Something is being read in, or no longer."""
        if busy != self.busy:
            self.busy = busy
            self._settle()

    def tell(self, what: str) -> None:
        """Say what came in by itself just now."""
        self.activity.setText(visible(f"{datetime.now().astimezone():%H:%M}  {what}"))
        self.activity.show()

    def _ask(self, signal: object) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen)  # type: ignore[attr-defined]

    def _turn_watch(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            (self.unwatch_asked if chosen.watched else self.watch_asked).emit(chosen)

    def _settle(self) -> None:
        chosen = self.chosen
        watched, unfinished = bool(chosen and chosen.watched), bool(chosen and chosen.unfinished)
        self.watch.setEnabled(chosen is not None)
        self.watch.setText("Stop watching" if watched else "Watch")
        self.watch.setToolTip(
            "Leave this folder alone; what is in stays in"
            if watched
            else "Let what changes in this folder come in by itself"
        )
        self.read.setEnabled(chosen is not None and not self.busy and not chosen.missing)
        self.read.setText("Go on" if unfinished else "Read now")
        self.read.setToolTip(
            "Read what is missing; nothing that is in is read again"
            if unfinished
            else "Read what changed in this folder"
        )
        self.told.setText(
            f"{plural(len(self.gone), 'document')} in the library whose file is gone." if self.gone else ""
        )
        for widget in (self.told, self.show_gone):
            widget.setVisible(bool(self.gone))
        self.show_gone.setEnabled(not self.busy)
