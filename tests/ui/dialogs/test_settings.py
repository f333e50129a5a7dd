from typing import Any

import pytest
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.doing import finish
from workbench.config import Config, ConfigStore, ReportSettings, TaskDefaults
from workbench.core.tasks import Tlp
from workbench.places import Places
from workbench.ui import aio
from workbench.ui.dialogs.settings import ELSEWHERE, SettingsDialog, make_editor


@pytest.fixture
def store(places: Places) -> ConfigStore:
    return ConfigStore(places.config_file)


@pytest.fixture
def dialog(qtbot: QtBot, store: ConfigStore) -> SettingsDialog:
    dialog = SettingsDialog(store)
    qtbot.addWidget(dialog)
    return dialog


def test_every_setting_has_a_named_editor(dialog: SettingsDialog) -> None:
    expected = {name for name in Config.model_fields if name not in (*ELSEWHERE, "task", "report")}
    expected |= {f"task.{name}" for name in TaskDefaults.model_fields}
    expected |= {f"report.{name}" for name in ReportSettings.model_fields}
    assert set(dialog.editors) == expected
    assert all(editor.widget.accessibleName() for editor in dialog.editors.values())


def test_untouched_the_dialog_says_what_the_settings_are(dialog: SettingsDialog, store: ConfigStore) -> None:
    assert Config.model_validate(dialog.fields()) == store.current


def edit(dialog: SettingsDialog, name: str, kind: type[Any]) -> Any:
    widget = dialog.editors[name].widget
    assert isinstance(widget, kind)
    return widget


def test_what_is_chosen_is_saved_and_told(qtbot: QtBot, dialog: SettingsDialog, store: ConfigStore) -> None:
    theme = edit(dialog, "theme", QComboBox)
    theme.setCurrentIndex(theme.findData("dark"))
    marking = edit(dialog, "task.tlp", QComboBox)
    marking.setCurrentIndex(marking.findData("red"))
    edit(dialog, "task.seconds", QSpinBox).setValue(90)
    edit(dialog, "report.organisation", QLineEdit).setText("Größe & Söhne")
    edit(dialog, "sources_off", QPlainTextEdit).setPlainText("my library\n\n  starter knowledge ")
    told: list[Config] = []
    dialog.saved.connect(told.append)
    dialog.open()
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert told == [store.current]
    assert store.load() == Config(
        theme="dark",
        task=TaskDefaults(tlp=Tlp.RED, seconds=90),
        report=ReportSettings(organisation="Größe & Söhne"),
        sources_off=("my library", "starter knowledge"),
    )


def test_a_file_with_a_mistake_is_not_saved_over_and_the_dialog_says_why(
    qtbot: QtBot, dialog: SettingsDialog, store: ConfigStore
) -> None:
    store.path.write_text('{"them": "dark"}')
    dialog.open()
    finish(qtbot, dialog._save())
    assert dialog.isVisible()
    assert "did you mean `theme`" in dialog.outcome.text()
    assert store.path.read_text() == '{"them": "dark"}'
    assert dialog.save.isEnabled()
    dialog.reject()


def test_numbers_and_texts_keep_within_the_bounds_of_the_model(dialog: SettingsDialog) -> None:
    seconds = edit(dialog, "task.seconds", QSpinBox)
    assert (seconds.minimum(), seconds.maximum()) == (10, 86_400)
    assert edit(dialog, "report.author", QLineEdit).maxLength() == 200


def test_a_type_without_a_widget_is_an_error_of_ours(qtbot: QtBot) -> None:
    with pytest.raises(TypeError, match="no widget"):
        make_editor(FieldInfo(annotation=dict), {})


def test_nothing_is_spawned_before_saving(dialog: QWidget) -> None:
    assert aio.running() == ()
