"""The graph follows the run, opens its steps by mouse and by keyboard, and says each in words."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.task_graph import TaskGraph


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def graph(qtbot: QtBot, run: RunModel) -> TaskGraph:
    graph = TaskGraph(run)
    qtbot.addWidget(graph)
    graph.resize(900, 300)
    graph.show()
    return graph


def test_nodes_change_state_as_the_run_goes_on(qtbot: QtBot, run: RunModel, graph: TaskGraph) -> None:
    events = sample_run.events()
    begun = next(place for place, event in enumerate(events) if event.body.kind == "step_started") + 1
    for event in events[:begun]:
        run.apply(event)
    qtbot.waitUntil(lambda: bool(graph.view._nodes))
    assert {name: str(node.record.state) for name, node in graph.view._nodes.items()} == {
        "research": "running",
        "code": "waiting",
        "security": "waiting",
    }
    for event in events[begun:]:
        run.apply(event)
    qtbot.waitUntil(lambda: {str(node.record.state) for node in graph.view._nodes.values()} == {"done"})
    qtbot.waitUntil(lambda: graph.view._nodes["research"].took == "2.1 s")
    assert not graph._tick.isActive()


def test_a_click_opens_the_step(qtbot: QtBot, run: RunModel, graph: TaskGraph) -> None:
    run.show(sample_run.events())
    assert not graph.details.isVisible()
    node = graph.view._nodes["security"]
    middle = graph.view.mapFromScene(node.sceneBoundingRect().center())
    qtbot.mouseClick(graph.view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert graph.details.isVisible()
    text = graph.details.text.toPlainText()
    assert "findings with place, severity and fix" in text
    assert "5 findings, 3 of high severity" in text


def test_arrow_keys_reach_every_step(qtbot: QtBot, run: RunModel, graph: TaskGraph) -> None:
    run.show(sample_run.events())
    reached = set()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(graph.view, key)
        reached.add(graph.view.chosen)
        assert graph.view.accessibleDescription().startswith(run.state.steps[graph.view.chosen].step.title)
    assert reached == {"research", "code", "security"}


def test_the_choice_survives_a_revised_plan(qtbot: QtBot, run: RunModel, graph: TaskGraph) -> None:
    run.show(sample_run.events()[:-1])
    graph.view.choose("code")
    run.show(sample_run.events())
    assert graph.view.chosen == "code"


def test_zooming_has_limits_and_fitting_comes_back(run: RunModel, graph: TaskGraph) -> None:
    run.show(sample_run.events())
    for _ in range(50):
        graph.view.zoom(1.5)
    assert graph.view.transform().m11() == pytest.approx(2.5)
    graph.view.fit()
    assert graph.view.transform().m11() <= 1.0


def test_no_run_says_what_will_appear(run: RunModel, graph: TaskGraph) -> None:
    assert not graph.view.isVisible()
    run.show(sample_run.events())
    assert graph.view.isVisible()
    run.show([])
    assert not graph.view.isVisible()
