"""Which formats of the report to write, and where."""

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui import aio

FORMATS: dict[str, str] = {
    "pdf": "PDF, to hand on",
    "html": "HTML, one file to read in a browser",
    "md": "Markdown, for a wiki or a ticket",
    "json": "JSON, for other programs",
}
"""Report formats by name, with what each is for."""


class ExportDialog(QDialog):
    """Asks for formats and a folder. Export is offered once there is at least one format and a folder."""

    def __init__(self, title: str, folder: Path, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export the report")
        self.setMinimumWidth(520)
        heading = QLabel(f"Report of “{title}”")
        heading.setWordWrap(True)
        self.boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        for place, (name, text) in enumerate(FORMATS.items()):
            box = QCheckBox(text)
            box.setChecked(name in ("pdf", "html"))
            box.toggled.connect(self._settle)
            self.boxes[name] = box
            grid.addWidget(box, place // 2, place % 2)
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName("Folder for the report")
        self.folder.textChanged.connect(self._settle)
        browse = QPushButton("Browse ...")
        browse.clicked.connect(lambda: aio.spawn(self._browse(), "choosing a folder"))
        row = QHBoxLayout()
        label = QLabel("&Folder")
        label.setBuddy(self.folder)
        for widget in (label, self.folder, browse):
            row.addWidget(widget)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addLayout(grid)
        layout.addLayout(row)
        layout.addWidget(self.buttons)
        self._settle()

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats chosen."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    @property
    def chosen_folder(self) -> Path:
        """Where to write."""
        return Path(self.folder.text().strip()).expanduser()

    def _settle(self) -> None:
        self.export.setEnabled(bool(self.formats) and bool(self.folder.text().strip()))

    async def _browse(self) -> None:
        dialog = QFileDialog(self, "Folder for the report", str(self.chosen_folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        chosen: list[str] = []
        dialog.fileSelected.connect(chosen.append)
        if await aio.show_dialog(dialog) and chosen:
            self.folder.setText(chosen[0])
