"""Nothing is cut off without a way to scroll to it, in windows as small as they come."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QTabBar
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.docks import NARROW
from workbench.ui.main_window import MainWindow
from workbench.ui.models.findings_model import Column
from workbench.ui.panels.evidence import EvidencePanel

SIZES = [(800, 800), (1024, 700), (1440, 900)]


def arranged(qtbot: QtBot, window: MainWindow, width: int, height: int) -> MainWindow:
    window.resize(width, height)
    window.docks.arrange()
    qtbot.wait(20)
    return window


@pytest.fixture
def decided(qtbot: QtBot, window: MainWindow) -> MainWindow:
    window.form.show_task(sample_run.task())
    window.form.ask_to_run()
    qtbot.waitUntil(lambda: window.run_model.state.final is not None and not window.control.busy)
    return window


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_window_stays_as_small_as_it_was_made(qtbot: QtBot, decided: MainWindow, width: int, height: int) -> None:
    arranged(qtbot, decided, width, height)
    assert (decided.width(), decided.height()) == (width, height)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_form_fits_its_column(qtbot: QtBot, decided: MainWindow, width: int, height: int) -> None:
    arranged(qtbot, decided, width, height)
    scroll = decided.form.findChild(QScrollArea)
    assert scroll.horizontalScrollBar().maximum() == 0
    assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()


@pytest.mark.parametrize("panel", ["task", "consensus"])
def test_what_does_not_fit_a_column_can_be_scrolled_to(window: MainWindow, panel: str) -> None:
    for scroll in window.docks.panel(panel).findChildren(QScrollArea):
        assert scroll.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAsNeeded
        assert scroll.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAsNeeded


def test_a_narrow_window_has_two_columns_and_the_decision_in_front(qtbot: QtBot, decided: MainWindow) -> None:
    arranged(qtbot, decided, 800, 800)
    consensus = decided.docks["consensus"]
    assert decided.dockWidgetArea(consensus) is Qt.DockWidgetArea.BottomDockWidgetArea
    assert not consensus.visibleRegion().isEmpty()
    assert decided.centralWidget().width() > 400
    arranged(qtbot, decided, NARROW + 24, 700)
    assert decided.dockWidgetArea(consensus) is Qt.DockWidgetArea.RightDockWidgetArea


def test_no_name_of_a_panel_is_shortened_on_its_tab(qtbot: QtBot, window: MainWindow) -> None:
    arranged(qtbot, window, 800, 800)
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert bars
    assert all(bar.elideMode() is Qt.TextElideMode.ElideNone and bar.usesScrollButtons() for bar in bars)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_severity_title_and_place_of_findings_are_in_sight(
    qtbot: QtBot, decided: MainWindow, width: int, height: int
) -> None:
    arranged(qtbot, decided, width, height)
    decided.docks.show("evidence")
    panel = decided.docks.panel("evidence")
    assert isinstance(panel, EvidencePanel)
    table = panel.findings.table
    qtbot.waitUntil(table.isVisible)
    assert table.textElideMode() is Qt.TextElideMode.ElideRight
    right = table.columnViewportPosition(Column.PLACE) + table.columnWidth(Column.PLACE)
    assert right <= table.viewport().width()
    assert panel.findings_model.index(0, Column.PLACE).data() == "views.py:17"
    assert table.columnWidth(Column.TITLE) >= 150


def test_a_width_set_by_hand_is_kept(qtbot: QtBot, decided: MainWindow) -> None:
    arranged(qtbot, decided, 1440, 900)
    decided.docks.show("evidence")
    panel = decided.docks.panel("evidence")
    assert isinstance(panel, EvidencePanel)
    panel.findings.table.horizontalHeader().resizeSection(Column.TITLE, 333)
    arranged(qtbot, decided, 1300, 900)
    assert panel.findings.table.columnWidth(Column.TITLE) == 333
