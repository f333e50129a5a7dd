import re
from collections.abc import Callable, Iterator

import keyring
import keyring.backends.fail
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests import sample_run
from tests.ui.doing import answer_box, dialog_of, finish
from workbench.core import vault_keys
from workbench.core.database import Database
from workbench.core.events import NoteWritten
from workbench.core.keys import Keyring
from workbench.core.vault import Note, Vault
from workbench.places import Places
from workbench.ui.dialogs.passphrase import PassphraseDialog
from workbench.ui.models.notes_model import NotesModel, Page
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.notes import MAX_TEXT, NotesPanel

PASSPHRASE = "five plain words in a row"


@pytest.fixture
def vault(places: Places) -> Iterator[Vault]:
    with Database(places.database) as database:
        yield Vault(database, Keyring())


@pytest.fixture
def make_panel(qtbot: QtBot, vault: Vault) -> Callable[[], NotesPanel]:
    def make() -> NotesPanel:
        model = NotesModel(vault)
        panel = NotesPanel(model)
        model.setParent(panel)
        qtbot.addWidget(panel)
        panel.resize(860, 320)
        panel.show()
        qtbot.waitUntil(lambda: model.state is not None)
        return panel

    return make


@pytest.fixture
def panel(qtbot: QtBot, vault: Vault, make_panel: Callable[[], NotesPanel]) -> NotesPanel:
    """A panel with two notes, opened."""
    finish(qtbot, vault.open())
    finish(qtbot, vault.save(Note(title="older", text="text of the older", agent="research")))
    finish(qtbot, vault.save(Note(title="newer", text="text of the newer")))
    panel = make_panel()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    return panel


def titles(panel: NotesPanel) -> list[str]:
    return [str(panel.model.index(row).data()).splitlines()[0] for row in range(panel.model.rowCount())]


def choose(qtbot: QtBot, panel: NotesPanel, title: str) -> None:
    panel.list.setCurrentIndex(panel.model.index(titles(panel).index(title)))
    qtbot.waitUntil(lambda: panel.title.text() == title.removeprefix("● "))


def type_text(panel: NotesPanel, text: str) -> None:
    panel.text.setPlainText(text)


def test_nothing_is_opened_and_no_key_made_before_the_analyst_asks(
    qtbot: QtBot, make_panel: Callable[[], NotesPanel], memory_keyring: object
) -> None:
    panel = make_panel()
    assert panel.stack.currentWidget() is panel.door
    assert panel.door.open.text() == "Make a key and open"
    assert memory_keyring.secrets == {}  # type: ignore[attr-defined]
    qtbot.mouseClick(panel.door.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.stack.currentWidget() is not panel.door)
    assert panel.model.page is Page.OPEN
    assert len(memory_keyring.secrets) == 1  # type: ignore[attr-defined]


def test_the_model_keeps_qts_rules(qtbot: QtBot, panel: NotesPanel) -> None:
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    panel.model.new()
    panel.model.edit("third", "text")
    finish(qtbot, panel.model.save())
    finish(qtbot, panel.model.delete())
    assert panel.model.rowCount() == 2
    assert tester.model() is panel.model


def test_a_chosen_note_is_shown_with_its_author(qtbot: QtBot, panel: NotesPanel) -> None:
    assert titles(panel) == ["newer", "older"]
    choose(qtbot, panel, "older")
    assert panel.text.toPlainText() == "text of the older"
    assert panel.about.text().endswith(", by the research agent")
    assert not panel.save.isEnabled()


def test_edits_are_stored_when_saved(qtbot: QtBot, panel: NotesPanel, vault: Vault) -> None:
    choose(qtbot, panel, "newer")
    type_text(panel, "changed")
    assert titles(panel)[0] == "● newer"
    panel.activateWindow()
    panel.text.setFocus()
    qtbot.waitUntil(panel.text.hasFocus)
    qtbot.keyClick(panel.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: titles(panel) == ["newer", "older"])
    assert finish(qtbot, vault.read(panel.model.current)).text == "changed"
    assert panel.text.toPlainText() == "changed"


def test_moving_to_another_note_loses_no_edit(qtbot: QtBot, panel: NotesPanel, vault: Vault) -> None:
    choose(qtbot, panel, "newer")
    type_text(panel, "changed")
    choose(qtbot, panel, "older")
    assert panel.text.toPlainText() == "text of the older"
    choose(qtbot, panel, "● newer")
    assert panel.text.toPlainText() == "changed"
    qtbot.mouseClick(panel.revert, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.text.toPlainText() == "text of the newer")
    assert titles(panel) == ["newer", "older"]


def test_a_new_note_is_listed_at_once_and_named_by_its_first_line(qtbot: QtBot, panel: NotesPanel) -> None:
    qtbot.mouseClick(panel.new, Qt.MouseButton.LeftButton)
    assert titles(panel)[0] == "● Untitled note"
    type_text(panel, "# Meeting\n\nwith the vendor")
    qtbot.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: titles(panel) == ["Meeting", "newer", "older"])
    assert panel.title.text() == "Meeting"
    assert str(panel.list.currentIndex().data()).startswith("Meeting\n")


def test_what_is_typed_while_a_new_note_is_stored_stays_and_makes_no_second_note(
    qtbot: QtBot, panel: NotesPanel, vault: Vault
) -> None:
    panel.model.new()
    panel.model.edit("third", "before")
    storing = vault.save

    async def slow(note: Note) -> str:
        stored = await storing(note)
        panel.model.edit("third", "before and after")
        return stored

    vault.save = slow  # type: ignore[method-assign]
    finish(qtbot, panel.model.save())
    assert titles(panel) == ["● third", "newer", "older"]
    vault.save = storing  # type: ignore[method-assign]
    finish(qtbot, panel.model.save())
    assert titles(panel) == ["third", "newer", "older"]
    assert finish(qtbot, vault.read(panel.model.current)).text == "before and after"


def test_deleting_is_asked_about_first(qtbot: QtBot, panel: NotesPanel) -> None:
    choose(qtbot, panel, "older")
    qtbot.mouseClick(panel.delete, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Cancel")
    assert titles(panel) == ["newer", "older"]
    qtbot.mouseClick(panel.delete, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Delete")
    qtbot.waitUntil(lambda: titles(panel) == ["newer"])
    assert panel.title.text() == ""
    assert not panel.title.isEnabled()


@pytest.mark.parametrize(
    ("answer", "opened", "stored"),
    [("Save", False, "changed"), ("Throw the edits away", False, "text of the newer"), ("Keep editing", True, None)],
)
def test_locking_with_edits_asks_what_becomes_of_them(
    qtbot: QtBot, panel: NotesPanel, vault: Vault, answer: str, opened: bool, stored: str | None
) -> None:
    choose(qtbot, panel, "newer")
    note_id = panel.model.current
    type_text(panel, "changed")
    qtbot.mouseClick(panel.lock, Qt.MouseButton.LeftButton)
    answer_box(qtbot, answer)
    if opened:
        assert panel.text.toPlainText() == "changed"
        assert panel.model.page is Page.OPEN
        return
    qtbot.waitUntil(lambda: panel.model.page is Page.CLOSED)
    assert panel.text.toPlainText() == "", "a locked panel holds no text"
    assert panel.model.rowCount() == 0
    finish(qtbot, vault.open())
    assert finish(qtbot, vault.read(note_id)).text == stored


def test_without_edits_the_notes_lock_at_once(qtbot: QtBot, panel: NotesPanel) -> None:
    choose(qtbot, panel, "newer")
    qtbot.mouseClick(panel.lock, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.stack.currentWidget() is panel.door)
    assert panel.door.open.text() == "Open"
    assert "2 encrypted notes" in panel.door.words.text()


def test_without_a_keyring_a_passphrase_is_chosen_twice_and_asked_for_later(
    qtbot: QtBot, make_panel: Callable[[], NotesPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_keys, "SCRYPT_N", 2**10)
    keyring.set_keyring(keyring.backends.fail.Keyring())
    panel = make_panel()
    qtbot.mouseClick(panel.door.open, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, PassphraseDialog)
    dialog.passphrase.setText("too short")
    assert dialog.hint.text() == "6 more characters"
    assert not dialog.confirm.isEnabled()
    dialog.passphrase.setText(PASSPHRASE)
    assert not dialog.confirm.isEnabled()
    dialog.again.setText(PASSPHRASE)
    qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.page is Page.OPEN)

    qtbot.mouseClick(panel.lock, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.page is Page.CLOSED)
    qtbot.mouseClick(panel.door.open, Qt.MouseButton.LeftButton)
    dialog = dialog_of(qtbot, PassphraseDialog)
    assert not dialog.again.isVisible()
    dialog.passphrase.setText("not the right one")
    qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "not the one these notes were protected with" in panel.trouble.text())
    assert panel.door.anew.isVisible(), "there is a way on without the passphrase"


def test_beginning_anew_is_asked_about_and_deletes(
    qtbot: QtBot, panel: NotesPanel, vault: Vault, memory_keyring: object
) -> None:
    vault.lock()
    finish(qtbot, panel.model.refresh())
    memory_keyring.secrets.clear()  # type: ignore[attr-defined]
    qtbot.mouseClick(panel.door.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.door.anew.isVisible)
    assert "not in the keyring" in panel.trouble.text()
    qtbot.mouseClick(panel.door.anew, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Cancel")
    assert finish(qtbot, vault.state()).notes == 2
    qtbot.mouseClick(panel.door.anew, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Delete and begin anew")
    qtbot.waitUntil(lambda: panel.door.open.text() == "Make a key and open")
    assert finish(qtbot, vault.state()).notes == 0


def test_a_waiting_note_is_announced_and_stored_by_opening(
    qtbot: QtBot, make_panel: Callable[[], NotesPanel], vault: Vault
) -> None:
    finish(qtbot, vault.keep("A lead", "text", "research"))
    panel = make_panel()
    assert panel.door.waiting.isVisible()
    assert "1 note of the agents waits in memory" in panel.door.waiting.text()
    qtbot.mouseClick(panel.door.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.model.page is Page.OPEN and titles(panel) == ["A lead"])


def test_a_damaged_note_is_told_and_can_be_deleted(
    qtbot: QtBot, panel: NotesPanel, vault: Vault, places: Places
) -> None:
    note_id = finish(qtbot, vault.list())[0].id
    with vault._rows._database.write() as connection:
        connection.execute("UPDATE notes SET ciphertext = x'00' WHERE id = ?", (note_id,))
    finish(qtbot, panel.model.refresh())
    row = panel.model.row_of(note_id)
    assert titles(panel)[row] == "(this note cannot be read)"
    panel.list.setCurrentIndex(panel.model.index(row))
    qtbot.waitUntil(lambda: "cannot be decrypted" in panel.trouble.text())
    assert not panel.title.isEnabled(), "an edit would be saved over what a backup could bring back"
    qtbot.mouseClick(panel.delete, Qt.MouseButton.LeftButton)
    answer_box(qtbot, "Delete")
    qtbot.waitUntil(lambda: titles(panel) == ["older"])


def test_control_characters_of_a_title_are_visible_in_the_list(qtbot: QtBot, panel: NotesPanel, vault: Vault) -> None:
    finish(qtbot, vault.save(Note(title="safe\u202etxt.exe")))
    finish(qtbot, panel.model.refresh())
    assert "\u202e" not in titles(panel)[0]
    assert "202E" in titles(panel)[0]


def test_too_long_a_text_is_not_taken(qtbot: QtBot, panel: NotesPanel) -> None:
    choose(qtbot, panel, "newer")
    type_text(panel, "short")
    QApplication.clipboard().setText("x" * (MAX_TEXT + 1))
    panel.text.paste()
    assert panel.text.toPlainText() == "short"
    assert "longer than a note may be" in panel.trouble.text()
    panel.model.edit("newer", "x" * 1_000_001)
    assert panel.text.toPlainText() == "short"


def test_every_input_has_a_name_for_screen_readers(panel: NotesPanel) -> None:
    for widget in (panel.list, panel.title, panel.text, panel.door.progress):
        assert widget.accessibleName()


def test_a_note_that_a_run_writes_appears_by_itself(qtbot: QtBot, panel: NotesPanel, vault: Vault) -> None:
    run = RunModel(panel)
    panel.model.follow(run)
    started, *_ = sample_run.events()
    run.apply(started)
    info = finish(qtbot, vault.keep("A lead", "text", "research"))
    assert titles(panel) == ["newer", "older"]
    body = NoteWritten(note_id=info.id, agent="research")
    run.apply(started.model_copy(update={"seq": 2, "body": body}))
    qtbot.waitUntil(lambda: titles(panel) == ["A lead", "newer", "older"])


def test_two_notes_of_one_title_are_told_apart_by_their_date(qtbot: QtBot, panel: NotesPanel) -> None:
    rows = [str(panel.model.index(row).data()).splitlines() for row in range(2)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d, by (you|the research agent)", row[1]) for row in rows)
    lines = panel.list.fontMetrics().lineSpacing() * 2
    assert panel.list.sizeHintForRow(0) >= lines
