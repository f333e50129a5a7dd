"""The research notes: a page that opens them, and behind it the list and the editor."""

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import Note
from workbench.ui import aio
from workbench.ui.dialogs.passphrase import PassphraseDialog
from workbench.ui.models.notes_model import NOTE_ROLE, TOO_LONG, NotesModel, Page
from workbench.ui.panels.notes_door import NotesDoor
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import plural
from workbench.visible_text import visible

MAX_TITLE, MAX_TEXT = 300, 200_000
"""As the notes themselves have it; more is refused before it is pasted, since laying it out would take seconds."""


class NoteEditor(QPlainTextEdit):
    """Plain text, Markdown by custom. Refuses to be pasted or dropped more into than a note may have."""

    refused = Signal()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take the text in, or refuse it as a whole."""
        if len(source.text()) + self.document().characterCount() > MAX_TEXT:
            self.refused.emit()
        else:
            super().insertFromMimeData(source)


class NotesPanel(QWidget):
    """Shows a NotesModel. The notes are opened only when the analyst asks for it."""

    def __init__(self, model: NotesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.door = NotesDoor(model)
        self.door.open_asked.connect(self._ask_to_open)
        self.door.passphrase_asked.connect(lambda: aio.spawn(self._open_with_passphrase(), "opening the notes"))
        self.door.begin_anew_asked.connect(lambda: aio.spawn(self._begin_anew(), "beginning the notes anew"))
        self.trouble = QLabel(wordWrap=True)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble.hide()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.door)
        self.stack.addWidget(self._make_desk())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self.trouble)
        layout.addWidget(self.stack, 1)
        model.changed.connect(self._settle)
        model.shown.connect(self._show)
        model.failed.connect(self._complain)
        model.modelReset.connect(self._select_current)
        keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.save.click)
        self._show(None)
        self._settle()
        aio.spawn(model.refresh(), "looking at the notes")

    # The desk: list and editor

    def _make_desk(self) -> QWidget:
        self.list = QListView()
        self.list.setAccessibleName("Notes")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setAlternatingRowColors(True)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.title = QLineEdit(placeholderText="Title", maxLength=MAX_TITLE)
        self.title.setAccessibleName("Title of the note")
        self.text = NoteEditor(placeholderText="Write in Markdown. The text is encrypted before it is stored.")
        self.text.setAccessibleName("Text of the note")
        self.text.setTabChangesFocus(True)
        self.text.refused.connect(lambda: self._complain(TOO_LONG))
        self.title.textEdited.connect(self._edited)
        self.text.textChanged.connect(self._edited)
        self.about = QLabel()
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.protection = QLabel()
        self.protection.setTextFormat(Qt.TextFormat.PlainText)
        self.protection.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.protection.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self._column(self._list_buttons(), self.list, self.protection))
        split.addWidget(self._column(self.title, self.text, self._editor_buttons()))
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 3)
        split.setSizes([240, 620])
        return split

    def _list_buttons(self) -> QWidget:
        self.new = self._button("New", "new", "Begin a note", self.model.new)
        self.lock = self._button("Lock", "lock", "Forget the key until the notes are opened again", self._ask_to_lock)
        return self._row(self.new, self.lock)

    def _editor_buttons(self) -> QWidget:
        self.save = self._button("Save", "done", "Encrypt and store (Ctrl+S)", self._ask_to_save)
        self.revert = self._button("Undo edits", "again", "Back to the stored text", self.model.revert)
        self.delete = self._button("Delete ...", "trash", "Delete this note for good", self._ask_to_delete)
        return self._row(self.save, self.revert, self.delete, stretch_before=self.about)

    def _button(self, caption: str, picture: str, tip: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(icon(picture), caption)
        button.setToolTip(tip)
        button.clicked.connect(lambda _checked: run())
        return button

    def _row(self, *buttons: QWidget, stretch_before: QWidget | None = None) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        if stretch_before is not None:
            layout.addWidget(stretch_before, 1)
        for button in buttons:
            layout.addWidget(button)
        if stretch_before is None:
            layout.addStretch(1)
        return row

    def _column(self, *parts: QWidget) -> QWidget:
        column = QFrame()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in parts:
            layout.addWidget(part)
        return column

    # What the model says

    def _settle(self) -> None:
        opened = self.model.page is Page.OPEN
        self.stack.setCurrentIndex(1 if opened else 0)
        has_note, edited = bool(self.model.current), self.model.is_edited
        info = self.model.info(self.model.current)
        for widget in (self.title, self.text):
            widget.setEnabled(has_note and (info is None or info.readable))
        self.save.setEnabled(edited)
        self.revert.setEnabled(edited)
        self.delete.setEnabled(has_note)
        if not has_note:
            self.about.setText("Choose a note, or begin a new one" if self.model.rowCount() else "No note yet")
        elif edited:
            self.about.setText("● Edits not stored yet")
        else:
            self.about.setText(self.model.describe(self.model.current))
        state = self.model.state
        backend = visible(state.backend) if state else ""
        self.protection.setText(f"Encrypted, key in {backend.partition(' (')[0]}" if backend else "Encrypted")
        told = f"The key is kept in {backend}" if backend else "Your passphrase protects the key"
        self.protection.setToolTip(plain_tooltip(told))

    def _show(self, note: Note | None) -> None:
        for widget in (self.title, self.text):
            widget.blockSignals(True)
        self.title.setText(note.title if note else "")
        self.text.setPlainText(note.text if note else "")
        for widget in (self.title, self.text):
            widget.blockSignals(False)
        self._select_current()
        self._settle()
        if note is not None and note.id.startswith("new "):
            self.title.setFocus()

    def _select_current(self) -> None:
        row = self.model.row_of(self.model.current)
        self.list.setCurrentIndex(self.model.index(row) if row >= 0 else QModelIndex())

    def _complain(self, sentence: str) -> None:
        self.trouble.setText(visible(sentence))
        self.trouble.setVisible(bool(sentence))

    # What the analyst does

    def _choose(self, index: QModelIndex) -> None:
        note_id = index.data(NOTE_ROLE)
        if note_id and note_id != self.model.current:
            self._complain("")
            aio.spawn(self.model.show(note_id), "reading a note")

    def _edited(self) -> None:
        self.model.edit(self.title.text(), self.text.toPlainText())

    def _ask_to_open(self) -> None:
        self._complain("")
        aio.spawn(self.model.open(), "opening the notes")

    async def _open_with_passphrase(self) -> None:
        self._complain("")
        dialog = PassphraseDialog(self, self.door.shortest_new_passphrase)
        if await aio.show_dialog(dialog):
            await self.model.open(dialog.take())

    def _ask_to_save(self) -> None:
        if self.model.is_edited:
            self._complain("")
            aio.spawn(self.model.save(), "storing a note")

    def _ask_to_lock(self) -> None:
        aio.spawn(self._lock(), "locking the notes")

    async def _lock(self) -> None:
        if await self.settle_edits("Lock the notes"):
            self.model.lock()

    async def settle_edits(self, purpose: str) -> bool:
        """Ask what becomes of edits that are not stored, if there are any; False when `purpose` is to be given up."""
        titles = self.model.unsaved
        if not titles:
            return True
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(purpose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"{plural(len(titles), 'note')} with edits that are not stored: {visible(', '.join(titles[:5]))}")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        drop = box.addButton("Throw the edits away", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("Keep editing", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(stay)
        await aio.show_dialog(box)
        if box.clickedButton() is save:
            return await self.model.save_all()
        return box.clickedButton() is drop

    def _ask_to_delete(self) -> None:
        if self.model.current:
            aio.spawn(self._delete(), "deleting a note")

    async def _delete(self) -> None:
        title = self.title.text().strip() or "this note"
        if await self._confirmed(f"Delete “{visible(title)}” for good?", "It cannot be brought back.", "Delete"):
            await self.model.delete()

    async def _begin_anew(self) -> None:
        state = self.model.state
        count = plural(state.notes if state else 0, "encrypted note")
        text = "Begin anew without the notes that cannot be opened?"
        if await self._confirmed(text, f"{count} will be deleted for good.", "Delete and begin anew"):
            self._complain("")
            await self.model.begin_anew()

    async def _confirmed(self, question: str, consequence: str, caption: str) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Research notes")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(question)
        box.setInformativeText(consequence)
        yes = box.addButton(caption, QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        await aio.show_dialog(box)
        return box.clickedButton() is yes
