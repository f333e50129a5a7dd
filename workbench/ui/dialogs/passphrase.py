"""Asks for the passphrase of the notes: one that is to be chosen, or the one that was."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget


class PassphraseDialog(QDialog):
    """`shortest` is the length of a new passphrase, which is asked for twice; None asks for an existing one once."""

    def __init__(self, parent: QWidget, shortest: int | None = None) -> None:
        super().__init__(parent)
        self._shortest = shortest
        new = shortest is not None
        self.setWindowTitle("Choose a passphrase" if new else "Open the notes")
        self.setMinimumWidth(460)
        intro = QLabel(self._intro(), wordWrap=True)
        self.passphrase = self._field("Passphrase")
        self.again = self._field("The same passphrase again")
        self.reveal = QCheckBox("&Show what I type")
        self.reveal.toggled.connect(self._reveal)
        self.hint = QLabel(wordWrap=True)
        self.hint.setMinimumHeight(self.hint.fontMetrics().height())
        form = QFormLayout()
        form.addRow("&Passphrase", self.passphrase)
        if new:
            form.addRow("And &again", self.again)
        form.addRow("", self.reveal)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        caption = "Protect the notes" if new else "Open"
        self.confirm = self.buttons.addButton(caption, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        for part in (intro, form, self.hint, self.buttons):
            layout.addLayout(part) if isinstance(part, QFormLayout) else layout.addWidget(part)
        self._settle()

    def _intro(self) -> str:
        if self._shortest is None:
            return "These notes are protected by a passphrase. Making the key from it takes about half a second."
        return (
            "The key of your notes will be locked by a passphrase. It is kept nowhere: without it the notes are lost. "
            f"Take at least {self._shortest} characters; four or five words that do not belong together are good."
        )

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setAccessibleName(name)
        field.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        field.textChanged.connect(self._settle)
        return field

    def take(self) -> str:
        """The passphrase; the fields are empty afterwards."""
        text = self.passphrase.text()
        self.passphrase.clear()
        self.again.clear()
        return text

    def _reveal(self, shown: bool) -> None:
        for field in (self.passphrase, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def _settle(self) -> None:
        hint = self._objection()
        self.hint.setText(hint)
        self.confirm.setEnabled(bool(self.passphrase.text()) and not hint)

    def _objection(self) -> str:
        text, again = self.passphrase.text(), self.again.text()
        if self._shortest is None or not text:
            return ""
        if len(text) < self._shortest:
            missing = self._shortest - len(text)
            return f"{missing} more character{'' if missing == 1 else 's'}"
        if text != again:
            return "The two do not agree yet"
        return ""
