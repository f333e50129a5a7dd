"""Shows which embedding model the library is searched with, and asks for another."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import EmbedderKind, EmbedderSettings, WorkbenchError
from workbench.ui import aio
from workbench.ui.widgets.words import Words
from workbench.ui.wording import plural, sentence
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.ui.embedder_control import EmbedderControl

KINDS = {
    EmbedderKind.BUILT_IN: "Built in: all-MiniLM-L6-v2",
    EmbedderKind.FOLDER: "A model in a folder",
    EmbedderKind.ENDPOINT: "A server with an OpenAI-compatible interface",
}
PRECISIONS = {
    "int8": "int8: twice as fast and smaller, finds as well within a hundredth",
    "fp32": "fp32: the model as it was trained",
}
FOLDER_TOLD = (
    "A folder that sentence-transformers saved, with its weights as safetensors. It is run by a process of its own on "
    "this machine; code in the folder is never run, and nothing is fetched."
)


class EmbedderDialog(QDialog):
    """Chooses a model for `control` to change to, which goes on after the dialog has closed. `passages` are counted."""

    def __init__(
        self, control: "EmbedderControl", current: EmbedderSettings, passages: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._control, self._current, self._passages = control, current, passages
        self.setWindowTitle("Embedding model")
        self.setMinimumWidth(580)
        self._make_fields()
        self._make_others()
        self._lay_out()
        self._fill()
        self._settle()
        asking = aio.spawn(self._count_others(), "counting vectors")
        self.finished.connect(lambda _code: asking.cancel())
        self.finished.connect(lambda _code: self.key.clear())

    def _make_fields(self) -> None:
        self.kind = self._choice("Where the model runs", KINDS)
        self.precision = self._choice("Precision of the built-in model", PRECISIONS)
        self.folder = self._line("Folder of the model", "empty: choose it by Browse")
        self.browse = QPushButton("Browse ...")
        self.browse.setToolTip("Choose the folder of a model")
        self.address = self._line("Address of the server", "http://127.0.0.1:11434/v1")
        self.model = self._line("Name of the model on the server", "such as nomic-embed-text")
        self.key = self._line("Key of the server", "empty: the server wants none")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData)
        self.inside = QCheckBox("This server is our own organisation's")
        self.inside.setToolTip("Needed for a server that is not on this machine; it must then be asked by https")
        self.told = Words("What this choice means", tone="quiet")
        self.warned = Words("Where text goes", tone="warn", bold=True)
        self.outcome = Words("What is wrong", tone="bad")
        for field in (self.folder, self.address, self.model, self.key):
            field.textChanged.connect(self._settle)
        for box in (self.kind, self.precision):
            box.currentIndexChanged.connect(self._settle)
        self.inside.toggled.connect(self._settle)
        self.browse.clicked.connect(lambda: aio.spawn(self._browse(), "choosing the folder of a model"))

    def _make_others(self) -> None:
        self.others = Words("Vectors of models used before", tone="quiet")
        self.forget = QPushButton("Forget them")
        self.forget.setToolTip("Going back to such a model then takes as long as it did at first")
        self.forget.clicked.connect(lambda: aio.spawn(self._forget(), "forgetting vectors"))
        for widget in (self.others, self.forget):
            widget.hide()

    def _lay_out(self) -> None:
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._folder_row = QHBoxLayout()
        self._folder_row.addWidget(self.folder, 1)
        self._folder_row.addWidget(self.browse)
        self.form.addRow("&Model", self.kind)
        self.form.addRow("&Precision", self.precision)
        label = QLabel("&Folder")
        label.setBuddy(self.folder)
        self.form.addRow(label, self._folder_row)
        self.form.addRow("&Address", self.address)
        self.form.addRow("&Name", self.model)
        self.form.addRow("&Key", self.key)
        self.form.addRow("", self.inside)
        before = QHBoxLayout()
        before.addWidget(self.others, 1)
        before.addWidget(self.forget)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.change = self.buttons.addButton("Change the model", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(lambda: aio.spawn(self._begin(), "changing the embedding model"))
        self.buttons.rejected.connect(self.reject)
        now = Words("The model now", bold=True)
        now.setText(visible(f"Now: {self._current.title}"))
        facts = Words("What is known of the model now", tone="quiet")
        facts.setText(visible(sentence(self._current.facts)))
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (now, facts):
            layout.addWidget(widget)
        layout.addLayout(before)
        layout.addLayout(self.form)
        for widget in (self.warned, self.told, self.outcome):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.buttons)

    def _line(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit(placeholderText=hint, maxLength=4096)
        field.setAccessibleName(name)
        return field

    def _choice(self, name: str, choices: dict[EmbedderKind, str] | dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for value, caption in choices.items():
            box.addItem(caption, str(value))
        return box

    def _fill(self) -> None:
        now = self._current
        self.kind.setCurrentIndex(self.kind.findData(str(now.kind)))
        self.precision.setCurrentIndex(self.precision.findData(now.precision))
        for field, text in ((self.folder, now.folder), (self.address, now.address), (self.model, now.model)):
            field.setText(text)
        self.inside.setChecked(now.inside)
        if now.has_key:
            self.key.setPlaceholderText("as stored; type to replace it")

    @property
    def settings(self) -> EmbedderSettings | None:
        """The model that the fields mean; None while something is missing."""
        address, model, folder = self.address.text().strip(), self.model.text().strip(), self.folder.text().strip()
        match self.kind.currentData():
            case EmbedderKind.FOLDER:
                return EmbedderSettings(kind=EmbedderKind.FOLDER, folder=folder) if folder else None
            case EmbedderKind.ENDPOINT:
                if not (address and model):
                    return None
                return EmbedderSettings(
                    kind=EmbedderKind.ENDPOINT,
                    address=address,
                    model=model,
                    inside=self.inside.isChecked(),
                    has_key=self._current.has_key and address == self._current.address,
                )
            case _:
                return EmbedderSettings(precision=self.precision.currentData())

    def _settle(self) -> None:
        """Show the fields of the kind that is chosen, and what the choice means."""
        kind = self.kind.currentData()
        rows: tuple[tuple[QWidget | QHBoxLayout, EmbedderKind], ...] = (
            (self.precision, EmbedderKind.BUILT_IN),
            (self._folder_row, EmbedderKind.FOLDER),
            (self.address, EmbedderKind.ENDPOINT),
            (self.model, EmbedderKind.ENDPOINT),
            (self.key, EmbedderKind.ENDPOINT),
            (self.inside, EmbedderKind.ENDPOINT),
        )
        for row, of in rows:
            self.form.setRowVisible(row, kind == of)
        self.told.setText(self._meaning(kind))
        self.warned.setText(visible(f"All text of the library goes to {self._server()}, and so does every question."))
        self.warned.setVisible(kind == EmbedderKind.ENDPOINT)
        self.outcome.hide()
        self.change.setEnabled(self._is_another(self.settings))
        self._grow()

    def _is_another(self, settings: EmbedderSettings | None) -> bool:
        """Whether there is something to change to: a folder or a server may have another model by now."""
        if settings is None or settings.kind is not EmbedderKind.BUILT_IN:
            return settings is not None
        return (settings.kind, settings.precision) != (self._current.kind, self._current.precision)

    def _grow(self) -> None:
        """Have room for all that is shown; fields do not jump back when less is."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _meaning(self, kind: str) -> str:
        told = [
            f"The whole library ({plural(self._passages, 'passage')}) is embedded anew in the background. Until that "
            "is done it is searched with the model as now, and you can work on."
        ]
        if kind == EmbedderKind.FOLDER:
            told.insert(0, FOLDER_TOLD)
        return "\n\n".join(told)

    def _server(self) -> str:
        try:
            return urlsplit(self.address.text().strip()).hostname or "this server"
        except ValueError:
            return "this server"

    async def _begin(self) -> None:
        settings = self.settings
        if settings is None or not self.change.isEnabled():
            return
        self.change.setEnabled(False)
        self.outcome.hide()
        is_server = settings.kind is EmbedderKind.ENDPOINT
        try:
            await self._control.begin(settings, self.key.text() if is_server else "")
        except WorkbenchError as error:
            self.outcome.setText(visible(str(error)))
            self.outcome.show()
            self._grow()
            self.change.setEnabled(True)
        else:
            self.accept()

    async def _count_others(self) -> None:
        self._tell_others(await self._control.others())

    async def _forget(self) -> None:
        self.forget.setEnabled(False)
        await self._control.forget_others()
        self._tell_others(await self._control.others())
        self.forget.setEnabled(True)

    def _tell_others(self, count: int) -> None:
        self.others.setText(f"{plural(count, 'vector')} of models used before are kept.")
        for widget in (self.others, self.forget):
            widget.setVisible(bool(count))
        self._grow()

    async def _browse(self) -> None:
        begin = self.folder.text() or str(Path.home())
        dialog = QFileDialog(self, "Folder of a model", begin)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        chosen: list[str] = []
        dialog.fileSelected.connect(chosen.append)
        if await aio.show_dialog(dialog) and chosen:
            self.folder.setText(chosen[0])
