import asyncio
from collections.abc import Callable

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests import servers
from tests.conftest import MemoryKeyring
from tests.ui.doing import answer_box, dialog_of, finish
from workbench.config import ConfigStore
from workbench.core.connection_settings import ConnectionReport, ConnectionSettings
from workbench.core.connections import Connections
from workbench.core.keys import Keyring
from workbench.places import Places
from workbench.ui import aio
from workbench.ui.dialogs.connection import ConnectionDialog
from workbench.ui.models.connections_model import TESTING, Column, ConnectionsModel
from workbench.ui.panels.connections import ConnectionsPanel


def settings(name: str = "threat desk", **changed: object) -> ConnectionSettings:
    values = {"name": name, "kind": "postgresql", "host": servers.HOST, "port": servers.free_port()}
    return ConnectionSettings.model_validate(values | {"database": "threats", "user": "reader"} | changed)


@pytest.fixture
def connections(places: Places) -> Connections:
    return Connections(ConfigStore(places.config_file), Keyring())


@pytest.fixture
def panel(qtbot: QtBot, connections: Connections) -> ConnectionsPanel:
    model = ConnectionsModel(connections)
    panel = ConnectionsPanel(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(860, 300)
    panel.show()
    return panel


@pytest.fixture
def saved(qtbot: QtBot, panel: ConnectionsPanel) -> ConnectionSettings:
    """A connection that is there already, with a password in the keyring."""
    made = settings()
    finish(qtbot, panel.model.save(made, "its password", None))
    panel.choose(made.name)
    return made


def cell(panel: ConnectionsPanel, row: int, column: Column) -> str:
    return str(panel.model.index(row, column).data())


def fill(dialog: ConnectionDialog, **texts: str) -> None:
    for name, text in texts.items():
        field = getattr(dialog, name)
        assert isinstance(field, QLineEdit)
        field.setText(text)


def test_the_model_keeps_qts_rules(qtbot: QtBot, panel: ConnectionsPanel, saved: ConnectionSettings) -> None:
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    finish(qtbot, panel.model.save(settings("another"), None, None))
    finish(qtbot, panel.model.remove(saved.name))
    assert tester.model().rowCount() == 1


def test_a_connection_is_added_with_its_password_in_the_keyring(
    qtbot: QtBot, panel: ConnectionsPanel, connections: Connections, memory_keyring: MemoryKeyring
) -> None:
    qtbot.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, ConnectionDialog)
    fill(dialog, name="threat desk", host="db.example.org", database="threats", user="reader", password="s3cret!")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    qtbot.waitUntil(lambda: panel.chosen is not None)
    assert cell(panel, 0, Column.ADDRESS) == "reader@db.example.org:5432/threats"
    assert list(memory_keyring.secrets.values()) == ["s3cret!"]
    assert connections.list() == (panel.chosen,)


def test_the_password_of_a_saved_connection_is_never_shown_and_kept_when_untouched(
    qtbot: QtBot, panel: ConnectionsPanel, saved: ConnectionSettings, memory_keyring: MemoryKeyring
) -> None:
    qtbot.mouseClick(panel.edit, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, ConnectionDialog)
    assert dialog.password.text() == ""
    assert dialog.password.echoMode() is QLineEdit.EchoMode.Password
    assert dialog.settings() == saved
    fill(dialog, name="renamed")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.names == ["renamed"])
    assert list(memory_keyring.secrets.values()) == ["its password"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Name: must not be empty"),
        ({"host": "postgresql://db"}, "Host: give one host name"),
        ({"user": ""}, "PostgreSQL needs a user"),
        ({"name": "Threat Desk"}, "There is a connection named Threat Desk already"),
    ],
)
def test_a_mistake_is_said_in_the_dialog_and_nothing_is_saved(
    qtbot: QtBot,
    panel: ConnectionsPanel,
    saved: ConnectionSettings,
    changed: dict[str, str],
    said: str,
) -> None:
    qtbot.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, ConnectionDialog)
    fill(dialog, name="new", host="db.example.org", database="threats", user="reader")
    fill(dialog, **changed)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.outcome.text().startswith(said))
    assert panel.model.names == [saved.name]
    dialog.reject()


def test_without_a_keyring_the_dialog_says_so_and_keeps_what_was_typed(qtbot: QtBot, panel: ConnectionsPanel) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    qtbot.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, ConnectionDialog)
    qtbot.waitUntil(lambda: "No keyring here" in dialog.keeper.text())
    fill(dialog, name="new", host="db.example.org", database="threats", user="reader", password="s3cret!")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "No keyring here" in dialog.outcome.text())
    assert dialog.host.text() == "db.example.org"
    assert panel.model.rowCount() == 0
    dialog.reject()


def test_the_fields_follow_the_kind_of_database(qtbot: QtBot, panel: ConnectionsPanel) -> None:
    dialog = ConnectionDialog(panel.model, None, panel)
    dialog.open()
    assert dialog.port.value() == 5432
    assert not dialog.auth_database.isVisible()
    dialog.kind.setCurrentIndex(dialog.kind.findData("mongodb"))
    assert dialog.port.value() == 27017
    assert dialog.auth_database.isVisible()
    dialog.port.setValue(27100)
    dialog.kind.setCurrentIndex(dialog.kind.findData("postgresql"))
    assert dialog.port.value() == 27100, "a port of one's own stays"
    assert dialog.ca_file.isEnabled()
    dialog.tls.setCurrentIndex(dialog.tls.findData("off"))
    assert not dialog.ca_file.isEnabled()
    dialog.reject()
    qtbot.waitUntil(lambda: not aio.running())


def test_a_test_in_the_dialog_really_connects_and_says_what_it_found(qtbot: QtBot, panel: ConnectionsPanel) -> None:
    with servers.mongodb() as port:
        dialog = ConnectionDialog(panel.model, None, panel)
        dialog.open()
        for box, value in ((dialog.kind, "mongodb"), (dialog.tls, "off")):
            box.setCurrentIndex(box.findData(value))
        dialog.port.setValue(port)
        fill(dialog, name="new", host=servers.HOST, database="threats")
        qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: dialog.outcome.text().startswith("Connected to MongoDB"), timeout=10_000)
    assert not dialog.progress.isVisible()
    assert panel.model.rowCount() == 0, "testing saves nothing"
    dialog.reject()


def test_closing_the_dialog_ends_its_test(qtbot: QtBot, panel: ConnectionsPanel) -> None:
    with servers.deaf_port() as port:
        dialog = ConnectionDialog(panel.model, None, panel)
        dialog.open()
        dialog.port.setValue(port)
        fill(dialog, name="new", host=servers.HOST, database="threats", user="reader", password="s3cret!")
        qtbot.mouseClick(dialog.test, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(dialog.progress.isVisible)
        dialog.reject()
        qtbot.waitUntil(lambda: not aio.running(), timeout=1_000)
    assert dialog.password.text() == ""


def test_the_row_shows_that_a_test_goes_on_and_what_it_said(
    qtbot: QtBot, panel: ConnectionsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.connections.TEST_SECONDS", 0.5)
    with servers.deaf_port() as port:
        finish(qtbot, panel.model.save(settings(port=port), None, None))
        panel.choose("threat desk")
        assert cell(panel, 0, Column.TEST) == "Not tested"
        qtbot.mouseClick(panel.test, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: cell(panel, 0, Column.TEST) == TESTING)
        assert not panel.test.isEnabled()
        qtbot.waitUntil(lambda: cell(panel, 0, Column.TEST) == "Failed")
    assert "did not answer within" in panel.outcome.text()
    assert panel.test.isEnabled()


def test_what_a_server_sends_is_shown_as_text(
    qtbot: QtBot, panel: ConnectionsPanel, saved: ConnectionSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(*_: object) -> ConnectionReport:
        await asyncio.sleep(0)
        return ConnectionReport(ok=True, sentence="<b>Works</b>\u202e", latency_ms=3.4, names=("<img src=x>",))

    monkeypatch.setattr(Connections, "test", answer)
    qtbot.mouseClick(panel.test, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: cell(panel, 0, Column.TEST) == "Works, 3 ms")
    assert panel.outcome.textFormat() is Qt.TextFormat.PlainText
    assert "<b>Works</b>" in panel.outcome.text()
    assert "\u202e" not in panel.outcome.text()


def test_removing_is_asked_about_first(
    qtbot: QtBot, panel: ConnectionsPanel, saved: ConnectionSettings, memory_keyring: MemoryKeyring
) -> None:
    qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert saved.name in answer_box(qtbot, "Cancel")
    assert panel.model.names == [saved.name]
    qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Remove")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)
    assert memory_keyring.secrets == {}


def test_an_outdated_report_goes_when_the_settings_change(
    qtbot: QtBot, panel: ConnectionsPanel, saved: ConnectionSettings
) -> None:
    finish(qtbot, panel.model.test(saved))
    assert panel.model.report(saved.name) is not None
    finish(qtbot, panel.model.save(saved.model_copy(update={"port": 1}), None, saved.name))
    assert panel.model.report(saved.name) is None


def test_every_input_has_a_name_for_screen_readers(qtbot: QtBot, panel: ConnectionsPanel) -> None:
    dialog = ConnectionDialog(panel.model, None, panel)
    inputs: list[Callable[[], str]] = [
        widget.accessibleName
        for widget in (dialog.name, dialog.kind, dialog.host, dialog.port, dialog.database, dialog.user)
    ]
    inputs += [each.accessibleName for each in (dialog.auth_database, dialog.password, dialog.tls, dialog.ca_file)]
    assert all(name() for name in (*inputs, dialog.zone.accessibleName, panel.table.accessibleName))
    dialog.reject()
    qtbot.waitUntil(lambda: not aio.running())
