"""The answer in the window: it comes to the front when its run ends, opens what it quotes, and its code is saved."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from tests import research_run, sample_run
from tests.ui.doing import dialog_of, finish
from tests.ui.fake_engine import FakeEngine
from workbench.core.engine import WorkbenchError
from workbench.core.tasks import Task
from workbench.ui.file_actions import write_whole
from workbench.ui.main_window import MainWindow


def run_task(qtbot: QtBot, window: MainWindow, task: Task) -> None:
    window.form.show_task(task)
    window.commands.invoke("run.start")
    qtbot.waitUntil(lambda: window.run_model.state.final is not None and not window.control.busy)
    qtbot.wait(20)


@pytest.fixture
def answered(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> MainWindow:
    """A window in which a research task has just been answered while the keyboard was in the form."""
    engine.runs.recorded = research_run.events
    window.activateWindow()
    window.form.title.setFocus()
    run_task(qtbot, window, research_run.task())
    return window


def test_an_answer_comes_to_the_front_and_the_keyboard_stays_where_it_was(answered: MainWindow) -> None:
    assert answered.docks.is_in_front("answer")
    assert not answered.docks.is_in_front("consensus")
    assert answered.form.isAncestorOf(QApplication.focusWidget())


def test_a_decision_without_an_answer_leaves_the_consensus_in_front(
    qtbot: QtBot, answered: MainWindow, engine: FakeEngine
) -> None:
    engine.runs.recorded = sample_run.events
    run_task(qtbot, answered, sample_run.task())
    assert answered.docks.is_in_front("consensus")
    answered.docks.show("evidence")
    run_task(qtbot, answered, sample_run.task())
    assert answered.docks.is_in_front("evidence")


def test_a_panel_with_the_keyboard_in_it_is_not_covered(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.recorded = research_run.events
    window.activateWindow()
    window.form.show_task(research_run.task())
    window.docks.show("evidence")
    evidence = window.docks.panel("evidence")
    window.commands.invoke("run.start")
    qtbot.waitUntil(lambda: window.run_model.state.final is not None and not window.control.busy)
    qtbot.wait(20)
    assert window.docks.is_in_front("evidence")
    assert QApplication.focusWidget() is evidence


def test_a_closed_panel_stays_closed(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.recorded = research_run.events
    window.docks["answer"].close()
    run_task(qtbot, window, research_run.task())
    assert not window.docks.is_shown("answer")


def test_a_run_opened_from_the_history_shows_what_it_showed_live(qtbot: QtBot, answered: MainWindow) -> None:
    live = (answered.answer.text.toPlainText(), answered.answer.drafts.code.toPlainText())
    run_id = answered.run_model.state.run_id
    answered.new_task()
    assert answered.answer.empty.isVisible()
    finish(qtbot, answered.history.open(run_id))
    assert (answered.answer.text.toPlainText(), answered.answer.drafts.code.toPlainText()) == live
    assert research_run.WHAT in live[0]


def test_a_section_opens_its_passage_in_the_source_viewer(qtbot: QtBot, answered: MainWindow) -> None:
    qtbot.keyClick(answered.answer.text, Qt.Key.Key_Tab)
    qtbot.keyClick(answered.answer.text, Qt.Key.Key_Return)
    viewer = answered.docks.panel("source")
    qtbot.waitUntil(lambda: research_run.WHAT in viewer.text.toPlainText())
    qtbot.waitUntil(lambda: answered.docks.is_in_front("source"))


def test_the_commands_of_code_wait_for_code(qtbot: QtBot, answered: MainWindow) -> None:
    answered.commands.invoke("code.copy")
    assert QApplication.clipboard().text() == research_run.draft().text
    answered.new_task()
    answered.commands.refresh()
    assert not answered.commands.action("code.copy").isEnabled()
    assert not answered.commands.action("code.save").isEnabled()


def test_code_is_saved_where_the_analyst_says(qtbot: QtBot, answered: MainWindow, tmp_path: Path) -> None:
    answered.commands.invoke("code.save")
    asked = dialog_of(qtbot, QFileDialog)
    assert asked.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert Path(asked.selectedFiles()[0]).name == "bound_query.py"
    asked.filesSelected.emit([str(tmp_path / "mine.py")])
    asked.done(1)
    qtbot.waitUntil(lambda: any("test it first" in text for text in answered.messages.texts))
    assert (tmp_path / "mine.py").read_text("utf-8") == research_run.draft().text


def test_a_dialog_that_is_cancelled_saves_nothing(qtbot: QtBot, answered: MainWindow) -> None:
    answered.commands.invoke("code.save")
    dialog_of(qtbot, QFileDialog).reject()
    qtbot.wait(50)
    assert answered.messages.message("code") is None


def test_code_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"x\.py could not be written to .*nowhere.*choose another folder$"):
        write_whole(tmp_path / "nowhere" / "x.py", "x = 1\n")


@pytest.mark.parametrize(("width", "height"), [(800, 800), (1024, 700), (1440, 900)])
def test_the_answer_fits_into_small_windows(qtbot: QtBot, answered: MainWindow, width: int, height: int) -> None:
    answered.resize(width, height)
    answered.docks.arrange()
    answered.docks.show("answer")
    qtbot.wait(20)
    assert (answered.width(), answered.height()) == (width, height)
    assert answered.answer.text.horizontalScrollBar().maximum() == 0
    for button in (answered.answer.drafts.copy, answered.answer.drafts.save):
        assert button.visibleRegion().boundingRect() == button.rect()
