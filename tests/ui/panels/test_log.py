import threading
from collections.abc import Iterator

import pytest
from loguru import logger
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench import logs
from workbench.places import Places
from workbench.ui.models.log_model import SHOWN_CHARACTERS, LogModel
from workbench.ui.panels.log import LogPanel

pytestmark = pytest.mark.expects_warnings


@pytest.fixture(autouse=True)
def log(places: Places) -> Iterator[None]:
    logs._recent.clear()
    logs.start(places.logs)
    yield
    logs.stop()


@pytest.fixture
def panel(qtbot: QtBot) -> LogPanel:
    model = LogModel()
    panel = LogPanel(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(700, 260)
    panel.show()
    return panel


def lines(panel: LogPanel) -> list[str]:
    return [str(panel.model.index(row).data()) for row in range(panel.model.rowCount())]


def wait_for_rows(qtbot: QtBot, panel: LogPanel, count: int) -> None:
    qtbot.waitUntil(lambda: panel.model.rowCount() == count)


def test_what_was_logged_before_is_there(qtbot: QtBot) -> None:
    logger.info("before the panel")
    model = LogModel()
    assert model.index(0).data().endswith("before the panel")
    model.deleteLater()


def test_lines_of_any_thread_arrive_in_order(qtbot: QtBot, panel: LogPanel) -> None:
    QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    worker = threading.Thread(target=lambda: [logger.info("line {}", number) for number in range(50)])
    worker.start()
    worker.join()
    wait_for_rows(qtbot, panel, 50)
    assert [line.rpartition(" ")[2] for line in lines(panel)] == [str(number) for number in range(50)]


def test_secrets_and_control_characters_never_reach_the_panel(qtbot: QtBot, panel: LogPanel) -> None:
    logger.info("password=hunter2hunter2 \x1b[31m\u202e\nsecond line")
    wait_for_rows(qtbot, panel, 1)
    (line,) = lines(panel)
    assert "hunter2" not in line
    assert not set(line) & set("\x1b\u202e\n")
    assert "‹U+001B›" in line


def test_filters_by_level_and_words(qtbot: QtBot, panel: LogPanel) -> None:
    logger.info("alpha")
    logger.warning("beta")
    logger.error("gamma beta")
    wait_for_rows(qtbot, panel, 3)
    panel.level.setCurrentText("Warnings and errors")
    assert panel.model.rowCount() == 2
    panel.words.setText("GAMMA")
    wait_for_rows(qtbot, panel, 1)
    assert panel.held_back.text() == "2 lines held back"
    logger.error("delta")
    logger.error("more gamma")
    wait_for_rows(qtbot, panel, 2)
    panel.words.clear()
    panel.level.setCurrentText("All")
    wait_for_rows(qtbot, panel, 5)


def test_only_the_latest_lines_are_kept(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "RECENT_LINES", 20)
    model = LogModel()
    for number in range(50):
        logger.info("line {}", number)
    qtbot.waitUntil(lambda: model.rowCount() == 20)
    assert model.index(0).data().endswith("line 30")
    assert model.index(19).data().endswith("line 49")
    model.deleteLater()


def test_the_end_is_followed_only_by_a_reader_who_is_there(qtbot: QtBot, panel: LogPanel) -> None:
    for number in range(60):
        logger.info("line {}", number)
    wait_for_rows(qtbot, panel, 60)
    bar = panel.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    bar.setValue(5)
    logger.info("one more")
    wait_for_rows(qtbot, panel, 61)
    qtbot.wait(20)
    assert bar.value() == 5
    bar.setValue(bar.maximum())
    logger.info("and another")
    wait_for_rows(qtbot, panel, 62)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())


def test_a_long_line_is_cut_in_the_list_and_whole_below(qtbot: QtBot, panel: LogPanel) -> None:
    logger.info("x" * 2_000)
    wait_for_rows(qtbot, panel, 1)
    assert lines(panel)[0].count("x") == SHOWN_CHARACTERS
    panel.list.setCurrentIndex(panel.model.index(0))
    assert panel.detail.toPlainText().count("x") == 2_000


def test_copies_what_is_selected_or_else_what_is_shown(qtbot: QtBot, panel: LogPanel) -> None:
    for word in ("alpha", "beta", "gamma"):
        logger.info(word)
    wait_for_rows(qtbot, panel, 3)
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert [line.rpartition(" ")[2] for line in QApplication.clipboard().text().splitlines()] == [
        "alpha", "beta", "gamma",
    ]  # fmt: skip
    panel.list.setCurrentIndex(panel.model.index(1))
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text().endswith("beta")
    assert "\n" not in QApplication.clipboard().text()


def test_clearing_empties_the_view_and_new_lines_come_again(qtbot: QtBot, panel: LogPanel) -> None:
    logger.info("old")
    wait_for_rows(qtbot, panel, 1)
    qtbot.mouseClick(panel.clear, Qt.MouseButton.LeftButton)
    assert panel.model.rowCount() == 0
    logger.info("new")
    wait_for_rows(qtbot, panel, 1)
    assert lines(panel)[0].endswith("new")


def test_a_closed_panel_stops_listening(qtbot: QtBot) -> None:
    before = len(logs._listeners)
    model = LogModel()
    assert len(logs._listeners) == before + 1
    model.deleteLater()
    qtbot.waitUntil(lambda: len(logs._listeners) == before)
    logger.info("nobody listens")


def test_every_input_has_a_name_for_screen_readers(panel: LogPanel) -> None:
    for widget in (panel.level, panel.words, panel.list, panel.detail):
        assert widget.accessibleName()
