"""The page before the notes: says how they are protected, and opens them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from workbench.core.engine import VaultStanding, VaultState
from workbench.ui.models.notes_model import NotesModel
from workbench.ui.wording import plural
from workbench.visible_text import visible

_WIDTH = 440


class NotesDoor(QWidget):
    """Follows a NotesModel while its notes are not open."""

    open_asked = Signal()
    """By the keyring."""

    passphrase_asked = Signal()
    begin_anew_asked = Signal()

    def __init__(self, model: NotesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._failed = False
        self._make_parts()
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addStretch(1)
        for part in (self.heading, self.words, self.waiting, self.progress):
            part.setFixedWidth(_WIDTH)
            column.addWidget(part)
        buttons = QHBoxLayout()
        for button in (self.open, self.instead, self.anew):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(2)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column)
        layout.addStretch(1)
        model.changed.connect(self._settle)
        model.failed.connect(self._fail)
        self._settle()

    def _make_parts(self) -> None:
        self.heading = QLabel()
        font = self.heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.heading.setFont(font)
        self.words = QLabel(wordWrap=True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.waiting = QLabel(wordWrap=True)
        self.progress = QProgressBar(textVisible=False, maximum=0)
        self.progress.setAccessibleName("Opening the notes")
        self.progress.setFixedHeight(6)
        self.open = QPushButton()
        self.open.setProperty("primary", True)
        self.open.clicked.connect(self._open)
        self.instead = QPushButton("Use a passphrase instead ...")
        self.instead.clicked.connect(self.passphrase_asked)
        self.anew = QPushButton("Begin anew ...")
        self.anew.setToolTip("Delete the notes that cannot be opened, and start with none")
        self.anew.clicked.connect(self.begin_anew_asked)

    @property
    def shortest_new_passphrase(self) -> int | None:
        """Length of a passphrase that is to be chosen; None where one exists and is asked for."""
        state = self._model.state
        if state is None or state.standing is VaultStanding.LOCKED:
            return None
        return state.shortest_passphrase

    def _open(self) -> None:
        self._failed = False
        state = self._model.state
        (self.passphrase_asked if state and state.protection == "passphrase" else self.open_asked).emit()

    def _fail(self, _sentence: str) -> None:
        self._failed = True
        self._settle()

    def _settle(self) -> None:
        state, busy = self._model.state, self._model.busy
        self.progress.setVisible(bool(busy) or state is None)
        for button in (self.open, self.instead, self.anew):
            button.setEnabled(not busy and state is not None)
        if state is None:
            heading, words, caption = "Research notes", "Looking whether there is a keyring ...", "Open"
        else:
            heading, words, caption = _wording(state)
        self.heading.setText(heading)
        self.words.setText(busy or words)
        self.open.setText(caption)
        self.instead.setVisible(state is not None and state.standing is VaultStanding.NO_KEY)
        self.anew.setVisible(state is not None and state.standing is VaultStanding.LOCKED and self._failed)
        pending = state.pending if state else 0
        self.waiting.setVisible(pending > 0)
        self.waiting.setText(
            f"{plural(pending, 'note')} of the agents wait{'s' if pending == 1 else ''} in memory. Open the notes to "
            f"keep {'it' if pending == 1 else 'them'}; closing the workbench drops what waits."
        )


def _wording(state: VaultState) -> tuple[str, str, str]:
    """Heading, words and the caption of the main button."""
    backend = visible(state.backend) or "your keyring"
    match state.standing:
        case VaultStanding.NO_KEY:
            words = f"Your notes are encrypted before they are stored. A new key will be kept in: {backend}."
            return "No notes yet", words, "Make a key and open"
        case VaultStanding.NO_KEYRING:
            words = (
                "Your notes are encrypted before they are stored. There is no keyring here that could keep their key, "
                "so they need a passphrase of yours."
            )
            return "No notes yet", words, "Choose a passphrase ..."
        case _:
            held = plural(state.notes, "encrypted note")
            if state.protection == "passphrase":
                return "The notes are locked", f"{held}, protected by your passphrase.", "Enter the passphrase ..."
            return "The notes are locked", f"{held}. The key is kept in: {backend}.", "Open"
