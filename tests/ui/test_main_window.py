"""The window as a whole: a task goes in, the panels live, the decision is said, and nothing is lost on the way out."""

from pathlib import Path

import pytest
from loguru import logger
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests import sample_run
from tests.ui.fake_engine import FakeEngine
from workbench.config import ConfigStore
from workbench.core.tasks import TaskKind
from workbench.places import Places
from workbench.ui import aio
from workbench.ui.dialogs.export_report import ExportDialog
from workbench.ui.dialogs.settings import SettingsDialog
from workbench.ui.furnishing import furnish
from workbench.ui.main_window import MainWindow
from workbench.ui.theme import Theme


def run_sample(qtbot: QtBot, window: MainWindow) -> None:
    window.form.show_task(sample_run.task())
    window.commands.invoke("run.start")
    qtbot.waitUntil(lambda: window.run_model.state.final is not None)
    qtbot.waitUntil(lambda: not window.control.busy)


def dialog(qtbot: QtBot, kind: type[QDialog]) -> QDialog:
    """The dialog of that kind that is open, once it is."""
    found: list[QDialog] = []

    def look() -> bool:
        found[:] = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
        return bool(found)

    qtbot.waitUntil(look)
    return found[0]


def test_a_task_runs_to_its_decision_and_every_panel_shows_it(qtbot: QtBot, window: MainWindow) -> None:
    run_sample(qtbot, window)
    assert any("Decision: do not use (provisional)" in text for text in window.messages.texts)
    graph = window.docks.panel("graph")
    qtbot.waitUntil(lambda: set(graph.view._nodes) == {"research", "code", "security"})
    qtbot.waitUntil(lambda: "Decision: do not use" in window.output.views["All agents"].toPlainText())
    assert window.history.model.rowCount() == 1
    assert window.status.badge.text() == "2 requests left this machine"


def test_run_is_not_offered_while_a_run_goes_on(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.hold_at = 10
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 9)
    qtbot.waitUntil(lambda: not window.form.run.isEnabled())
    assert window.form.run.text() == "Running ..."
    assert not window.commands.action("run.start").isEnabled()
    window.form.ask_to_run()
    engine.runs.go.set()
    qtbot.waitUntil(window.form.run.isEnabled)
    assert len(engine.runs.submitted) == 1


@pytest.mark.parametrize("field", ["title", "description", "code"])
def test_ctrl_return_runs_the_task_from_any_field(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine, field: str
) -> None:
    window.form.show_task(sample_run.task())
    before = window.form.contents()
    qtbot.keyClick(getattr(window.form, field), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(engine.runs.submitted) == 1)
    assert window.form.contents() == before
    qtbot.waitUntil(lambda: not window.control.busy)


def test_escape_stops_a_run_and_offers_to_go_on(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.hold_at = 14
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 13)
    window.commands.refresh()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.control.busy)
    assert window.run_model.state.final.kind == "run_cancelled"
    message = window.messages.message("run")
    assert message is not None
    assert "What it found is kept" in message.text
    message.buttons[0].click()
    qtbot.waitUntil(lambda: window.run_model.state.final.kind == "run_completed")
    assert window.run_model.state.attempt == 2


def test_another_run_can_be_looked_at_while_one_goes_on(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.keep("old", 20, days_ago=3)
    engine.runs.hold_at = 12
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 11)
    live = window.control.live_id
    reopening = aio.spawn(window.control.reopen("old"), "reopening")
    qtbot.waitUntil(reopening.done)
    assert window.run_model.state.run_id == "old"
    back = aio.spawn(window.control.reopen(live), "coming back")
    qtbot.waitUntil(back.done)
    engine.runs.go.set()
    qtbot.waitUntil(lambda: not window.control.busy)
    assert window.run_model.state.run_id == live
    assert window.run_model.state.final.kind == "run_completed"


def test_events_of_a_run_that_is_not_on_screen_do_not_change_the_screen(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    engine.runs.keep("old", 20, days_ago=3)
    engine.runs.hold_at = 12
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 11)
    reopening = aio.spawn(window.control.reopen("old"), "reopening")
    qtbot.waitUntil(reopening.done)
    engine.runs.go.set()
    qtbot.waitUntil(lambda: not window.control.busy)
    assert window.run_model.state.run_id == "old"
    assert window.run_model.state.last_seq == 20


def test_an_interrupted_run_is_offered_at_the_start(qtbot: QtBot, bare_window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.keep("killed", 15)
    engine.runs.interrupted.add("killed")
    attaching = aio.spawn(bare_window.attach(engine), "attaching")
    qtbot.waitUntil(attaching.done)
    message = bare_window.messages.message("interrupted")
    assert message is not None
    assert "A run was interrupted" in message.text
    assert [button.text() for button in message.buttons] == ["Go on", "Show", "Later"]
    message.buttons[0].click()
    qtbot.waitUntil(lambda: bare_window.run_model.state.final is not None)
    assert bare_window.run_model.state.run_id == "killed"


def test_a_complete_run_is_not_offered_again_at_the_start(
    qtbot: QtBot, bare_window: MainWindow, engine: FakeEngine
) -> None:
    engine.runs.keep("whole", len(sample_run.events()))
    attaching = aio.spawn(bare_window.attach(engine), "attaching")
    qtbot.waitUntil(attaching.done)
    assert bare_window.messages.texts == []


def test_before_the_engine_is_ready_the_form_says_what_it_waits_for(bare_window: MainWindow) -> None:
    bare_window.form.show_task(sample_run.task())
    assert bare_window.form.run.text() == "Preparing the library ..."
    assert not bare_window.form.run.isEnabled()
    assert not bare_window.commands.action("run.start").isEnabled()


def test_closing_asks_by_name_while_a_run_goes_on_and_stays_when_told_to(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    engine.runs.hold_at = 12
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 11)
    window.close()
    box = dialog(qtbot, QMessageBox)
    assert sample_run.task().title in box.text()
    box.defaultButton().click()
    qtbot.waitUntil(lambda: not box.isVisible())
    qtbot.wait(50)
    assert window.isVisible()
    assert window.control.busy


def test_closing_stops_the_run_when_told_to(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    engine.runs.hold_at = 12
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.last_seq == 11)
    with qtbot.waitSignal(window.closed):
        window.close()
        box = dialog(qtbot, QMessageBox)
        next(button for button in box.buttons() if button.text() == "Stop and close").click()
    assert engine.runs.journal["run-1"][-1].body.kind == "run_cancelled"
    assert not window.isVisible()


def test_draft_and_layout_survive_a_restart(qtbot: QtBot, window: MainWindow, places: Places, theme: Theme) -> None:
    window.form.show_task(sample_run.task())
    window.form.title.setText("A draft that is not finished")
    window.docks["log"].close()
    window.resize(790, 700)
    with qtbot.waitSignal(window.closed):
        window.close()
    again = MainWindow(places, theme)
    furnishing = aio.spawn(furnish(again, ConfigStore(places.config_file)), "furnishing")
    qtbot.waitUntil(furnishing.done)
    assert again.form.title.text() == "A draft that is not finished"
    assert again.form.attachments.units == sample_run.task().attachments
    assert not again.docks.is_shown("log")
    assert (again.width(), again.height()) == (790, 700)
    again.commands.invoke("layout.reset")
    assert again.docks.is_shown("log")
    again.deleteLater()


def test_the_report_is_exported_in_the_formats_and_to_the_folder_chosen(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine, tmp_path: Path
) -> None:
    run_sample(qtbot, window)
    window.commands.invoke("run.export")
    export = dialog(qtbot, ExportDialog)
    assert isinstance(export, ExportDialog)
    export.boxes["html"].setChecked(False)
    export.boxes["json"].setChecked(True)
    export.folder.setText(str(tmp_path))
    export.export.click()
    qtbot.waitUntil(lambda: bool(engine.runs.reports))
    assert engine.runs.reports == [("run-1", ("pdf", "json"), tmp_path)]
    qtbot.waitUntil(lambda: window.messages.message("report") is not None)


def test_reading_files_in_tells_what_became_of_each(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    window.ingest.start([Path("/tmp/rules.md"), Path("/tmp/broken.pdf")])
    qtbot.waitUntil(lambda: "Reading rules.md" in window.status.text.text())
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: not window.ingest.busy)
    message = window.messages.message("ingest")
    assert message is not None
    assert "2 files, 1 added, 1 failed" in message.text


def test_an_error_nobody_foresaw_is_shown_with_its_details(qtbot: QtBot, window: MainWindow) -> None:
    from workbench.ui.reporting import describe

    try:
        raise ZeroDivisionError("by nought")
    except ZeroDivisionError as error:
        window.report(describe(error, "weighing"))
        window.report(describe(error, "weighing"))
    assert len(window.messages.texts) == 1
    assert "“weighing” (ZeroDivisionError: by nought)" in window.messages.texts[0]


def test_a_judgement_reaches_the_record_and_comes_back(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    run_sample(qtbot, window)
    panel = window.docks.panel("consensus")
    panel.judged.emit(False, "safe after fixes")
    qtbot.waitUntil(lambda: engine.record.judged == [("run-1", False, "safe after fixes")])
    qtbot.waitUntil(lambda: "it was “safe after fixes”" in panel.judgement.text())


def test_evidence_opens_in_the_source_viewer(qtbot: QtBot, window: MainWindow) -> None:
    run_sample(qtbot, window)
    evidence, viewer = window.docks.panel("evidence"), window.docks.panel("source")
    evidence.open_code.emit("shop/views.py", 17, 17, False)
    qtbot.waitUntil(lambda: viewer.marked_lines == (17, 17))
    evidence.open_passage.emit("p5")
    qtbot.waitUntil(lambda: "Deserialise only formats" in viewer.text.toPlainText())


def test_a_sample_fills_the_form(qtbot: QtBot, window: MainWindow) -> None:
    sample = next(command for command in window.commands if command.id == "sample.review-flask-view")
    window.commands.invoke(sample.id)
    qtbot.waitUntil(lambda: window.form.title.text() != "")
    assert window.form.kind.kind is TaskKind.REVIEW
    assert window.form.attachments.units
    assert window.form.run.isEnabled()


def test_no_two_commands_share_a_shortcut_and_each_has_a_caption(window: MainWindow) -> None:
    owners: dict[str, str] = {}
    for command in window.commands:
        assert command.caption.strip()
        for keys in window.commands.action(command.id).shortcuts():
            text = keys.toString(QKeySequence.SequenceFormat.PortableText)
            assert text, f"{command.id} has a shortcut that Qt does not know"
            assert text not in owners, f"{text} means both {owners.get(text)} and {command.id}"
            owners[text] = command.id
    assert len(owners) > 15


def test_every_command_stands_in_a_menu(window: MainWindow) -> None:
    def actions(menu: QWidget) -> set[object]:
        found = set(menu.actions())
        for action in menu.actions():
            if action.menu():
                found |= actions(action.menu())
        return found

    offered = actions(window.menuBar())
    assert [each.id for each in window.commands if window.commands.action(each.id) not in offered] == []


NAMED = (QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QAbstractButton)


def is_inside(widget: QWidget, kinds: tuple[type[QWidget], ...]) -> bool:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, kinds):
        parent = parent.parentWidget()
    return parent is not None


def test_every_input_has_a_name_for_screen_readers(window: MainWindow) -> None:
    own_parts = (QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QTabBar)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()} in {widget.parentWidget()}"
        for widget in window.findChildren(QWidget)
        if isinstance(widget, NAMED)
        and not is_inside(widget, own_parts)
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]
    assert nameless == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_theme_is_kept_for_the_next_start(qtbot: QtBot, window: MainWindow, scheme: str) -> None:
    window.commands.invoke(f"theme.{scheme}")
    qtbot.waitUntil(lambda: window.config.current.theme == scheme)
    assert window.commands.action(f"theme.{scheme}").isChecked()
    assert ConfigStore(window.places.config_file).load().theme == scheme


def test_the_status_line_says_what_is_prepared_while_a_task_can_be_written(
    qtbot: QtBot, bare_window: MainWindow, engine: FakeEngine
) -> None:
    engine.stage, engine.is_ready = "Taking in the starter knowledge", False
    attaching = aio.spawn(bare_window.attach(engine), "attaching")
    qtbot.waitUntil(attaching.done)
    qtbot.waitUntil(lambda: bare_window.status.text.text() == "Taking in the starter knowledge ...")
    bare_window.form.show_task(sample_run.task())
    assert bare_window.form.run.isEnabled()
    engine.stage, engine.is_ready = "", True
    qtbot.waitUntil(lambda: bare_window.status.text.text() == "Ready")


def test_saved_settings_hold_for_the_next_new_task_at_once(qtbot: QtBot, window: MainWindow) -> None:
    window.show_settings()
    settings = dialog(qtbot, SettingsDialog)
    assert isinstance(settings, SettingsDialog)
    settings.editors["task.seconds"].widget.setValue(77)
    settings.editors["sources_off"].widget.setPlainText("my library")
    settings.save.click()
    qtbot.waitUntil(lambda: not settings.isVisible())
    window.new_task()
    assert window.form.seconds.value() == 77
    assert window.form.contents()["sources"] == ["starter knowledge"]


def test_the_log_says_in_words_how_a_run_ended(qtbot: QtBot, window: MainWindow) -> None:
    said: list[str] = []
    sink = logger.add(lambda message: said.append(message.record["message"]))
    run_sample(qtbot, window)
    logger.remove(sink)
    assert "Run run-1 ended: completed" in said
