"""Code that a run wrote: to read in full or as a patch, to copy, and to save."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.ui.models.answer_model import Draft, file_name
from workbench.ui.widgets.code_editor import CodeEditor
from workbench.ui.widgets.elided_label import ElidedLabel
from workbench.ui.widgets.find_bar import FindBar
from workbench.ui.widgets.words import Words
from workbench.visible_text import visible

COPIED_MS = 2_000
"""How long the button says that it has copied."""

SEGMENT_ROOM = 36
"""Pixels of a button beside its caption, which is bold while it is chosen."""

HIDDEN = "Hidden characters are shown as ‹U+...›; copied and saved, the code has them as they are. Look at each."


class DraftView(QWidget):
    """Shows one of several drafts. What is copied and saved is what is shown: the whole code, or its patch."""

    save_asked = Signal(str, str)
    """A name to suggest, and the text to save."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drafts: Sequence[Draft] = ()
        self._shown: tuple[str, str] | None = None
        self._make_parts()
        self._lay_out()

    def _make_parts(self) -> None:
        self.name = ElidedLabel()
        self.name.setAccessibleName("Name of the code")
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Which code is shown")
        self.chooser.activated.connect(self._choose)
        self.patch, self.whole = _segment("Patch", "What was changed"), _segment("Whole file", "The code in full")
        self._versions = QButtonGroup(self)
        for button in (self.patch, self.whole):
            self._versions.addButton(button)
            button.clicked.connect(self._show)
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy the code shown")
        self.copy.clicked.connect(self.copy_shown)
        self.save = QPushButton("Save as ...")
        self.save.setAccessibleName("Save the code shown as a file")
        self.save.clicked.connect(self.save_shown)
        self._copied = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._copied.timeout.connect(lambda: self.copy.setText("Copy"))
        self.hidden = Words("Hidden characters", "bad")
        self.hidden.setText(HIDDEN)
        self.code = CodeEditor()
        self.code.setReadOnly(True)
        self.code.setUndoRedoEnabled(False)
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.code.setTabChangesFocus(True)
        self.code.setAccessibleName("The code")
        self.find_bar = FindBar(self.code)

    def _lay_out(self) -> None:
        named, versions = QHBoxLayout(), QHBoxLayout()
        named.addWidget(self.name, 1)
        named.addWidget(self.chooser, 1)
        named.addWidget(self.copy)
        named.addWidget(self.save)
        versions.setSpacing(4)
        versions.addWidget(self.patch)
        versions.addWidget(self.whole)
        versions.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 10)
        layout.setSpacing(5)
        layout.addLayout(named)
        layout.addLayout(versions)
        for widget in (self.hidden, self.find_bar):
            layout.addWidget(widget)
        layout.addWidget(self.code, 1)

    def minimumSizeHint(self) -> QSize:
        """The buttons and a few lines of code."""
        return QSize(240, 160)

    def show_drafts(self, drafts: Sequence[Draft]) -> None:
        """Offer these drafts; the one on screen stays there if it is among them."""
        name = self.shown.name if self.shown else ""
        self._drafts = drafts
        self.chooser.clear()
        for draft in drafts:
            self.chooser.addItem(visible(draft.name).replace("\n", " "))
        names = [draft.name for draft in drafts]
        here = names.index(name) if name in names else 0
        self.chooser.setCurrentIndex(here if drafts else -1)
        self.chooser.setVisible(len(drafts) > 1)
        self.name.setVisible(len(drafts) == 1)
        if not drafts:
            self._shown = None
            self.code.clear()
        elif drafts[here].name != name:
            self._choose()
        else:
            self._show()

    @property
    def shown(self) -> Draft | None:
        """The draft on screen, None while there is none."""
        return self._drafts[self.chooser.currentIndex()] if self._drafts else None

    @property
    def shows_patch(self) -> bool:
        """Whether its patch is on screen and not the whole code."""
        return self.shown is not None and bool(self.shown.patch) and self.patch.isChecked()

    def _choose(self) -> None:
        """Another draft: a repair as its patch, new code in full."""
        draft = self.shown
        if draft is not None:
            (self.patch if draft.patch and draft.repairs else self.whole).setChecked(True)
            self._show()

    def _show(self) -> None:
        draft = self.shown
        if draft is None:
            return
        for button in (self.patch, self.whole):
            button.setVisible(bool(draft.patch))
        self.name.setText(visible(draft.name))
        text, language = (draft.patch, "diff") if self.shows_patch else (draft.text, draft.language)
        self.hidden.setVisible(draft.has_hidden)
        self.copy.setText("Copy")
        if (text, language) != self._shown:
            self._shown = text, language
            self.code.highlighter.set_language(language)
            self.code.setPlainText(visible(text))

    def copy_shown(self) -> None:
        """Put what is shown on the clipboard, exactly as it was written."""
        if self._shown is not None:
            QGuiApplication.clipboard().setText(self._shown[0])
            self.copy.setText("Copied")
            self._copied.start()

    def save_shown(self) -> None:
        """Ask for what is shown to be saved."""
        draft = self.shown
        if draft is not None and self._shown is not None:
            self.save_asked.emit(file_name(draft, patch=self.shows_patch), self._shown[0])


def _segment(caption: str, tip: str) -> QPushButton:
    button = QPushButton(caption)
    button.setCheckable(True)
    button.setProperty("segment", True)
    button.setMinimumWidth(button.fontMetrics().horizontalAdvance(caption) + SEGMENT_ROOM)
    button.setToolTip(tip)
    return button
