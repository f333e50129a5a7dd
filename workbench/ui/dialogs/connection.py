"""Asks for the settings of one outside database, and tries them out before they are saved."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.core.engine import ConnectionReport, ConnectionSettings, WorkbenchError
from workbench.ui import aio
from workbench.ui.models.connections_model import KINDS, TLS, ConnectionsModel
from workbench.ui.theme import shades
from workbench.visible_text import visible

if TYPE_CHECKING:
    from pydantic import ValidationError

ZONES = {
    "outside": "Outside: of a TLP:AMBER task it gets identifiers only",
    "inside": "Inside: our own server, may see TLP:AMBER whole",
}
_MODES = {"verify-full": "Encrypted, and the host proves its name", "require": "Encrypted", "off": TLS["off"]}


class ConnectionDialog(QDialog):
    """Edits `settings`, or a new connection when None. It saves by itself and closes once that worked."""

    def __init__(self, model: ConnectionsModel, settings: ConnectionSettings | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._before = model, settings
        self._test: asyncio.Task[None] | None = None
        self.setWindowTitle("Edit connection" if settings else "Add connection")
        self.setMinimumWidth(540)
        self._make_fields()
        self._make_outcome()
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addLayout(self.form)
        layout.addWidget(self.progress)
        layout.addWidget(self.outcome)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        if settings is not None:
            self._fill(settings)
        self._follow_kind()
        asking = aio.spawn(self._name_keyring(), "asking for the keyring")
        self.finished.connect(lambda _code: asking.cancel())
        self.finished.connect(self._stop_test)

    def _make_fields(self) -> None:
        self.name = self._line("Name of the connection", "e.g. threat desk")
        self.kind = self._choice("Kind of database", KINDS)
        self.host = self._line("Host", "name or IP address, such as db.example.org")
        self.port = QSpinBox(minimum=1, maximum=65_535)
        self.port.setAccessibleName("Port")
        self.database = self._line("Database name")
        self.user = self._line("User", "best one that may only read")
        self.auth_database = self._line("Database that knows the user", "admin")
        self.password = self._line("Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.keeper = QLabel("Asking where passwords can be kept ...", wordWrap=True)
        self.tls = self._choice("Protection of the line", _MODES)
        self.ca_file = self._line("CA file", "empty: the authorities this system trusts")
        self.zone = self._choice("Zone", ZONES)
        self._arrange()
        self.kind.currentIndexChanged.connect(self._follow_kind)
        self.tls.currentIndexChanged.connect(self._follow_kind)

    def _arrange(self) -> None:
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        where = QHBoxLayout()
        where.addWidget(self.host, 1)
        port = QLabel("&Port")
        port.setBuddy(self.port)
        where.addWidget(port)
        where.addWidget(self.port)
        authority = QHBoxLayout()
        authority.addWidget(self.ca_file, 1)
        self.browse = QPushButton("Browse ...")
        self.browse.clicked.connect(lambda: aio.spawn(self._browse(), "choosing a CA file"))
        authority.addWidget(self.browse)
        self.form.addRow("&Name", self.name)
        self.form.addRow("&Database", self.kind)
        self._row("&Host", where, self.host)
        self.form.addRow("Database na&me", self.database)
        self.form.addRow("&User", self.user)
        self.form.addRow("User &known in", self.auth_database)
        self.form.addRow("Pass&word", self.password)
        self.form.addRow("", self.keeper)
        self.form.addRow("&Line", self.tls)
        self._row("&CA file", authority, self.ca_file)
        self.form.addRow("&Zone", self.zone)

    def _row(self, caption: str, layout: QHBoxLayout, field: QWidget) -> None:
        label = QLabel(caption)
        label.setBuddy(field)
        self.form.addRow(label, layout)

    def _make_outcome(self) -> None:
        self.progress = QProgressBar(textVisible=False, maximum=0)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Testing the connection")
        self.progress.hide()
        self.outcome = QLabel(wordWrap=True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.setMinimumHeight(self.outcome.fontMetrics().height() * 3)
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.test = self.buttons.addButton("Test", QDialogButtonBox.ButtonRole.ActionRole)
        self.test.clicked.connect(self._begin_test)
        self.buttons.accepted.connect(lambda: aio.spawn(self._save(), "saving a connection"))
        self.buttons.rejected.connect(self.reject)

    def _line(self, name: str, hint: str = "") -> QLineEdit:
        field = QLineEdit(placeholderText=hint, maxLength=4096)
        field.setAccessibleName(name)
        return field

    def _choice(self, name: str, choices: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for value, caption in choices.items():
            box.addItem(caption, value)
        return box

    def _fill(self, settings: ConnectionSettings) -> None:
        for box, value in ((self.kind, settings.kind), (self.tls, settings.tls), (self.zone, settings.zone)):
            box.setCurrentIndex(box.findData(str(value)))
        for field, text in (
            (self.name, settings.name),
            (self.host, settings.host),
            (self.database, settings.database),
            (self.user, settings.user),
            (self.auth_database, settings.auth_database),
            (self.ca_file, settings.ca_file),
        ):
            field.setText(text)
        self.port.setValue(settings.port)
        self.password.setPlaceholderText("as stored; type to replace it")

    def _follow_kind(self) -> None:
        """Show the fields that matter, and the usual port where the present one was the other kind's."""
        kind = self.kind.currentData()
        usual = {each: ConnectionSettings.usual_port(each) for each in KINDS}
        if self.port.value() in {self.port.minimum(), *usual.values()}:
            self.port.setValue(usual[kind])
        self.form.setRowVisible(self.auth_database, kind == "mongodb")
        verified = self.tls.currentData() == "verify-full"
        self.ca_file.setEnabled(verified)
        self.browse.setEnabled(verified)

    def settings(self) -> ConnectionSettings:
        """What the fields say; raises pydantic's ValidationError."""
        return ConnectionSettings.model_validate(
            {
                "name": self.name.text(),
                "kind": self.kind.currentData(),
                "host": self.host.text(),
                "port": self.port.value(),
                "database": self.database.text(),
                "user": self.user.text(),
                "auth_database": self.auth_database.text() or "admin",
                "tls": self.tls.currentData(),
                "ca_file": self.ca_file.text(),
                "zone": self.zone.currentData(),
            }
        )

    def _typed_password(self) -> str | None:
        """None, which means the stored one, when nothing was typed into a connection that exists."""
        typed = self.password.text()
        return typed if typed or self._before is None else None

    def _checked_settings(self) -> ConnectionSettings | None:
        try:
            settings = self.settings()
        except ValueError as error:
            self._say(complaint(error), good=False)  # type: ignore[arg-type]
            return None
        taken = {name.casefold() for name in self._model.names} - {self._before.name.casefold() if self._before else ""}
        if settings.name.casefold() in taken:
            self._say(f"There is a connection named {settings.name} already; choose another name", good=False)
            return None
        return settings

    def _begin_test(self) -> None:
        settings = self._checked_settings()
        if settings is not None and (self._test is None or self._test.done()):
            self._test = aio.spawn(self._try_out(settings), "testing a connection")

    async def _try_out(self, settings: ConnectionSettings) -> None:
        self.progress.show()
        self.test.setEnabled(False)
        self._say(f"Connecting to {settings.host}:{settings.port} ...")
        try:
            report = await self._model.try_out(settings, self._typed_password())
            self._say(in_words(report), good=report.ok)
        finally:
            self.progress.hide()
            self.test.setEnabled(True)

    def _stop_test(self) -> None:
        self.password.clear()
        if self._test is not None:
            self._test.cancel()

    async def _save(self) -> None:
        settings = self._checked_settings()
        if settings is None:
            return
        self.save.setEnabled(False)
        try:
            await self._model.save(
                settings, self._typed_password() or None, self._before.name if self._before else None
            )
        except WorkbenchError as error:
            self._say(str(error), good=False)
        else:
            self.accept()
        finally:
            self.save.setEnabled(True)

    async def _name_keyring(self) -> None:
        try:
            self.keeper.setText(f"Kept in {visible(await self._model.backend())}, never in a file")
        except WorkbenchError as error:
            self.keeper.setText(visible(str(error)))
            self.password.setPlaceholderText("can be tested, but not stored")

    async def _browse(self) -> None:
        dialog = QFileDialog(self, "CA file", self.ca_file.text(), "Certificates (*.pem *.crt *.cer);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        chosen: list[str] = []
        dialog.fileSelected.connect(chosen.append)
        if await aio.show_dialog(dialog) and chosen:
            self.ca_file.setText(chosen[0])

    def _say(self, text: str, good: bool | None = None) -> None:
        palette = self.palette()
        if good is not None:
            colours = shades(palette)
            palette.setColor(palette.ColorRole.WindowText, colours.good if good else colours.bad)
        self.outcome.setPalette(palette)
        self.outcome.setText(visible(text))


def in_words(report: ConnectionReport) -> str:
    """What a test said, with what can be read there."""
    if not report.names:
        return report.sentence
    more = " ..." if report.more_names else ""
    return f"{report.sentence}.\n{', '.join(report.names[:12])}{' ...' if len(report.names) > 12 else more}"


def complaint(error: "ValidationError") -> str:
    """The first mistake in the fields, as a sentence."""
    first = error.errors(include_url=False)[0]
    names = [str(part) for part in first["loc"]]
    field = ConnectionSettings.model_fields.get(names[0]) if names else None
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_too_short":
        message = "must not be empty"
    return f"{field.title}: {message}" if field is not None and field.title else message[:1].upper() + message[1:]
