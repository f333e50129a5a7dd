"""Asks which official file to download, and says before what is asked of whom."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import ImportKind, WorkbenchError
from workbench.ui.widgets.details_view import DetailsView, Part
from workbench.visible_text import visible

_KIND = Qt.ItemDataRole.UserRole


class GetKnowledgeDialog(QDialog):
    """Offers those of `kinds` that have an address; `address(kind, part)` gives it in full or raises WorkbenchError."""

    def __init__(
        self, kinds: Sequence[ImportKind], address: Callable[[str, str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._address = address
        self.setWindowTitle("Get knowledge")
        self.resize(640, 460)
        self.kinds = QListWidget()
        self.kinds.setAccessibleName("Official files")
        self.kinds.setAlternatingRowColors(True)
        self.kinds.setSpacing(2)
        for kind in kinds:
            if kind.address:
                item = QListWidgetItem(visible(kind.title))
                item.setData(_KIND, kind)
                self.kinds.addItem(item)
        self.part = QLineEdit(clearButtonEnabled=True)
        self._part_of = QLabel("Which one")
        self._part_of.setBuddy(self.part)
        self.details = DetailsView("What is asked of whom")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.get = self.buttons.addButton("Download and import", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.kinds.currentItemChanged.connect(lambda _now, _before: self._settle())
        self.part.textChanged.connect(lambda _text: self._settle())
        self.kinds.setCurrentRow(0)
        self._settle()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self._part_of, self.part)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(QLabel("Which official file should be downloaded and imported?", wordWrap=True))
        layout.addWidget(self.kinds, 1)
        layout.addLayout(form)
        layout.addWidget(self.details, 1)
        layout.addWidget(self.buttons)

    @property
    def chosen(self) -> ImportKind | None:
        """The kind to download."""
        item = self.kinds.currentItem()
        kind: ImportKind | None = item.data(_KIND) if item else None
        return kind

    @property
    def chosen_part(self) -> str:
        """Which of its files, where there are several."""
        kind = self.chosen
        return self.part.text().strip() if kind is not None and kind.parts else ""

    def _settle(self) -> None:
        """Show for what is chosen now what would leave the machine."""
        kind = self.chosen
        several = kind is not None and bool(kind.parts)
        self.part.setVisible(several)
        self._part_of.setVisible(several)
        if kind is None:
            self.get.setEnabled(False)
            self.details.show_parts([("prose", "No official file can be downloaded; import one that you have.")])
            return
        self._part_of.setText(visible(kind.parts[:1].upper() + kind.parts[1:]))
        self.part.setAccessibleName(visible(kind.parts))
        try:
            address = self._address(kind.name, self.chosen_part)
        except WorkbenchError as error:
            self.get.setEnabled(False)
            self.details.show_parts([("prose", str(error))])
            return
        self.get.setEnabled(True)
        self.details.show_parts(request_parts(address, kind.licence))


def request_parts(address: str, licence: str) -> list[Part]:
    """What a download asks of whom, and on what terms."""
    host = urlsplit(address).hostname or address
    return [
        ("caption", "This leaves your machine"),
        ("prose", f"{host} is asked for this file. Nothing of yours is sent but the request, and it is noted."),
        ("code", address),
        ("caption", "Terms" if licence else ""),
        ("note", licence),
    ]
