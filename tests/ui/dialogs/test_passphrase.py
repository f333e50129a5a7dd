import pytest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.ui.dialogs.passphrase import PassphraseDialog


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_a_taken_passphrase_does_not_stay_in_the_fields(parent: QWidget) -> None:
    dialog = PassphraseDialog(parent, 15)
    for field in (dialog.passphrase, dialog.again):
        field.setText("five plain words in a row")
    assert dialog.take() == "five plain words in a row"
    assert dialog.passphrase.text() == dialog.again.text() == ""


def test_what_is_typed_is_hidden_until_it_is_asked_for(parent: QWidget) -> None:
    dialog = PassphraseDialog(parent, 15)
    assert dialog.passphrase.echoMode() is QLineEdit.EchoMode.Password
    dialog.reveal.setChecked(True)
    assert dialog.passphrase.echoMode() is dialog.again.echoMode() is QLineEdit.EchoMode.Normal
    dialog.reveal.setChecked(False)
    assert dialog.passphrase.echoMode() is dialog.again.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize(
    ("typed", "again", "hint"),
    [
        ("", "", ""),
        ("fourteen chars", "", "1 more character"),
        ("short", "short", "10 more characters"),
        ("fifteen letters", "fifteen lettres", "The two do not agree yet"),
    ],
)
def test_a_new_passphrase_is_taken_only_when_long_enough_and_typed_twice(
    parent: QWidget, typed: str, again: str, hint: str
) -> None:
    dialog = PassphraseDialog(parent, 15)
    dialog.passphrase.setText(typed)
    dialog.again.setText(again)
    assert dialog.hint.text() == hint
    assert not dialog.confirm.isEnabled()
    for field in (dialog.passphrase, dialog.again):
        field.setText("fifteen letters")
    assert dialog.confirm.isEnabled()


def test_an_existing_passphrase_is_not_judged_by_its_length(parent: QWidget) -> None:
    dialog = PassphraseDialog(parent)
    assert not dialog.confirm.isEnabled()
    dialog.passphrase.setText("x")
    assert dialog.confirm.isEnabled()
