"""The history offers for each run what can be done with it, and nothing else."""

from pytestqt.qtbot import QtBot

from tests.ui.models.test_history_model import a_run
from workbench.ui.models.history_model import HistoryModel
from workbench.ui.panels.run_history import RunHistory


def panel_of(qtbot: QtBot, *runs: object) -> RunHistory:
    model = HistoryModel()
    panel = RunHistory(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    model.set_runs(list(runs))  # type: ignore[arg-type]
    panel.show()
    return panel


def test_only_an_unfinished_run_can_go_on(qtbot: QtBot) -> None:
    states = ("completed", "cancelled", "failed", "interrupted", "running")
    panel = panel_of(qtbot, *(a_run(state, state=state) for state in states))
    offered = {}
    for state in states:
        panel.choose(state)
        offered[state] = (panel.resume.isEnabled(), panel.delete.isEnabled())
    assert offered == {
        "completed": (False, True),
        "cancelled": (True, True),
        "failed": (True, True),
        "interrupted": (True, True),
        "running": (False, False),
    }


def test_a_double_click_opens_the_run(qtbot: QtBot) -> None:
    panel = panel_of(qtbot, a_run("a"), a_run("b"))
    panel.choose("b")
    with qtbot.waitSignal(panel.open_asked) as asked:
        panel.table.activated.emit(panel.table.selectionModel().selectedRows()[0])
    assert asked.args == ["b"]


def test_without_a_choice_nothing_is_offered(qtbot: QtBot) -> None:
    panel = panel_of(qtbot, a_run("a"))
    assert not any(button.isEnabled() for button in (panel.open, panel.resume, panel.again, panel.delete))


def test_the_filter_finds_runs_by_any_column(qtbot: QtBot) -> None:
    panel = panel_of(qtbot, a_run("a", verdict="do not use"), a_run("b", verdict="safe"))
    panel.filter.setText("NOT USE")
    qtbot.waitUntil(lambda: panel.table.model().rowCount() == 1)
