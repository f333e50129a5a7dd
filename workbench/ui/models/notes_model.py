"""The research notes on screen: the list, the note in the editor, and edits that are not stored yet."""

from enum import Enum, auto
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication

from workbench.core.engine import Note, NoteInfo, PendingNote, VaultStanding, VaultState, WorkbenchError
from workbench.core.events import NoteDropped, NoteWaiting, NoteWritten, RunEvent
from workbench.ui import aio
from workbench.ui.models.run_model import RunModel
from workbench.ui.tooltips import plain_tooltip
from workbench.ui.wording import local_time
from workbench.visible_text import visible

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
NOTE_ROLE = Qt.ItemDataRole.UserRole
"""The id of a row's note."""

UNTITLED = "Untitled note"
TOO_LONG = (
    "This is longer than a note may be (200,000 characters), so it was not taken; "
    "take it into the library as a document instead"
)


class Notes(Protocol):
    """The part of the engine's notes facet that the window uses."""

    async def state(self) -> VaultState:
        """Where the vault stands."""
        ...

    async def open(self, passphrase: str | None = None) -> tuple[NoteInfo, ...]:
        """Open it."""
        ...

    def lock(self) -> None:
        """Lock it."""
        ...

    async def list(self) -> Any:
        """All notes."""
        ...

    async def read(self, note_id: str) -> Note:
        """One note."""
        ...

    async def save(self, note: Note) -> str:
        """Store a note."""
        ...

    async def delete(self, note_id: str) -> None:
        """Delete a note."""
        ...

    async def begin_anew(self) -> None:
        """Delete everything."""
        ...

    def pending(self) -> tuple[PendingNote, ...]:
        """What waits."""
        ...


class Page(Enum):
    """What the panel shows."""

    UNKNOWN = auto()
    CLOSED = auto()
    OPEN = auto()


class NotesModel(QAbstractListModel):
    """Rows are notes: new ones that were never stored first, then the stored, the latest change first.

    Edits live here, in memory, until they are saved or thrown away, so that moving to another note loses nothing.
    """

    changed = Signal()
    """State, list or busyness changed."""

    shown = Signal(object)
    """Another note (or None) is to be edited."""

    failed = Signal(str)
    """Something could not be done; one sentence."""

    def __init__(self, notes: Notes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notes = notes
        self._infos: list[NoteInfo] = []
        self._edits: dict[str, Note] = {}
        self._new = 0
        self.state: VaultState | None = None
        self.current = ""
        """Id of the note in the editor; empty when there is none."""
        self.busy = ""
        """What goes on, in words; empty when nothing does."""

    # What the panel reads

    @property
    def page(self) -> Page:
        """What the panel shows."""
        if self.state is None:
            return Page.UNKNOWN
        return Page.OPEN if self.state.standing is VaultStanding.OPEN else Page.CLOSED

    @property
    def unsaved(self) -> list[str]:
        """Titles of the notes with edits that are not stored."""
        return [note.title or UNTITLED for note in self._edits.values()]

    @property
    def is_edited(self) -> bool:
        """Whether the note in the editor has edits that are not stored."""
        return self.current in self._edits

    def info(self, note_id: str) -> NoteInfo | None:
        """What is known of a stored note."""
        return next((info for info in self._infos if info.id == note_id), None)

    def row_of(self, note_id: str) -> int:
        """Row of a note, -1 when it is not listed."""
        return self._ids().index(note_id) if note_id in self._ids() else -1

    def _ids(self) -> list[str]:
        return [*(note_id for note_id in self._edits if _is_new(note_id)), *(info.id for info in self._infos)]

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a note."""
        return 0 if parent.isValid() else len(self._ids())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title (with a dot where edits are not stored) and beneath it date and author; and the id."""
        if not index.isValid():
            return None
        note_id = self._ids()[index.row()]
        if role == NOTE_ROLE:
            return note_id
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, 2 * QGuiApplication.font().pointSize() * 2 + 8)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            told = f"{self._title(note_id)}\n{self.describe(note_id)}"
            return told if role == Qt.ItemDataRole.DisplayRole else plain_tooltip(told)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.describe(note_id)
        return None

    def _title(self, note_id: str) -> str:
        edit, info = self._edits.get(note_id), self.info(note_id)
        title = edit.title if edit is not None else (info.title if info is not None else "")
        shown = visible(title).replace("\n", " ").strip() or UNTITLED
        return f"● {shown}" if edit is not None else shown

    def describe(self, note_id: str) -> str:
        """When a note was written and by whom, or that it is not stored."""
        info = self.info(note_id)
        if info is None:
            return "Not stored yet"
        if not info.readable:
            return "Damaged or changed outside the workbench"
        author = f"by the {visible(info.agent)} agent" if info.agent else "by you"
        return f"{local_time(info.updated)}, {author}"

    # What the panel asks for

    def follow(self, run: RunModel) -> None:
        """Look again whenever a run writes a note, leaves one waiting, or drops one."""
        run.grew.connect(self._on_event)

    def _on_event(self, event: RunEvent) -> None:
        if isinstance(event.body, NoteWritten | NoteWaiting | NoteDropped):
            aio.spawn(self.refresh(), "reading the notes")

    async def refresh(self) -> None:
        """Read state and list anew."""
        try:
            self.state = await self._notes.state()
            infos = list(await self._notes.list()) if self.page is Page.OPEN else []
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return
        if infos != self._infos:
            self.beginResetModel()
            self._infos = infos
            self.endResetModel()
        self.changed.emit()

    async def open(self, passphrase: str | None = None) -> bool:
        """Open the notes and say whether that worked; why not is told by `failed`."""
        words = "Opening the notes ..." if passphrase else "Waiting for your keyring ..."
        opened = await self._try(self._notes.open(passphrase), words)
        await self.refresh()
        return opened

    def lock(self) -> None:
        """Lock the notes; edits that are not stored are thrown away, so ask before."""
        self._notes.lock()
        self._edits.clear()
        self._show(None)
        aio.spawn(self.refresh(), "locking the notes")

    def new(self) -> None:
        """Begin a note."""
        self._new += 1
        note = Note(id=f"new {self._new}", title="")
        self.beginInsertRows(_ROOT, 0, 0)
        self._edits = {note.id: note, **self._edits}
        self.endInsertRows()
        self._show(note)

    async def show(self, note_id: str) -> None:
        """Bring a note into the editor, with the edits that it has."""
        if note_id == self.current:
            return
        if note_id in self._edits:
            self._show(self._edits[note_id])
            return
        self.current = note_id
        try:
            note = await self._notes.read(note_id)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            note = Note(id=note_id, title="")
        if self.current == note_id:
            self._show(note)

    def edit(self, title: str, text: str) -> None:
        """Keep what the editor now holds; more than a note may have is not taken, and the editor is set back."""
        if not self.current:
            return
        try:
            self._edits[self.current] = Note(id=self.current, title=title, text=text, agent=self._agent())
        except ValueError:
            self.failed.emit(TOO_LONG)
            self.shown.emit(self._edits.get(self.current) or Note(id=self.current, title=title[:300]))
            return
        row = self.index(self.row_of(self.current))
        self.dataChanged.emit(row, row)
        self.changed.emit()

    async def save(self) -> None:
        """Store the edits of the note in the editor."""
        await self._save(self.current)

    async def save_all(self) -> bool:
        """Store all edits; whether all of them were."""
        for note_id in list(self._edits):
            await self._save(note_id)
        return not self._edits

    async def _save(self, note_id: str) -> None:
        edit = self._edits.get(note_id)
        if edit is None:
            return
        title = edit.title.strip() or _first_words(edit.text)
        stored = edit.model_copy(update={"id": "" if _is_new(note_id) else note_id, "title": title})
        try:
            stored_id = await self._notes.save(stored)
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return
        if self._edits.get(note_id) == edit:
            self._forget(note_id)
        elif _is_new(note_id):
            # Typed on while it was stored: what was typed belongs to the stored note from now on.
            self.beginResetModel()
            self._edits[stored_id] = self._edits.pop(note_id).model_copy(update={"id": stored_id})
            self.endResetModel()
        if self.current == note_id:
            self.current = stored_id
            if not edit.title.strip() and not self.is_edited:
                self.shown.emit(stored.model_copy(update={"id": stored_id}))
        await self.refresh()

    def revert(self) -> None:
        """Throw the edits of the note in the editor away."""
        note_id, self.current = self.current, ""
        self._forget(note_id)
        self._show(None)
        if not _is_new(note_id):
            aio.spawn(self.show(note_id), "reading a note")

    async def delete(self) -> None:
        """Delete the note in the editor for good."""
        note_id = self.current
        if not _is_new(note_id) and not await self._try(self._notes.delete(note_id), "Deleting ..."):
            return
        self._forget(note_id)
        self._show(None)
        await self.refresh()

    async def begin_anew(self) -> None:
        """Delete all notes and how they were protected."""
        await self._try(self._notes.begin_anew(), "Deleting all notes ...")
        await self.refresh()

    def _forget(self, note_id: str) -> None:
        self.beginResetModel()
        self._edits.pop(note_id, None)
        self.endResetModel()
        self.changed.emit()

    def _show(self, note: Note | None) -> None:
        self.current = note.id if note is not None else ""
        self.shown.emit(note)
        self.changed.emit()

    def _agent(self) -> str:
        info = self.info(self.current)
        return info.agent if info is not None else ""

    async def _try(self, work: Any, words: str) -> bool:
        self.busy = words
        self.changed.emit()
        try:
            await work
        except WorkbenchError as error:
            self.failed.emit(str(error))
            return False
        finally:
            self.busy = ""
            self.changed.emit()
        return True


def _is_new(note_id: str) -> bool:
    return note_id.startswith("new ")


def _first_words(text: str) -> str:
    """A title for a note that was given none: its first line."""
    line = next((line.strip(" #*-\t") for line in text.splitlines() if line.strip(" #*-\t")), "")
    return line[:80] or UNTITLED
