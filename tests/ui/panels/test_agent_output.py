"""The streams show everything that was said, in batches, and do not run away from a reader."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.core import events as ev
from workbench.ui.models.agent_stream import Entry
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.agent_output import ALL, AgentOutput
from workbench.ui.widgets.stream_view import StreamView


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def output(qtbot: QtBot, run: RunModel) -> AgentOutput:
    output = AgentOutput(run, QWidget())
    qtbot.addWidget(output)
    output.resize(600, 300)
    output.show()
    return output


def said(count: int) -> list[ev.RunEvent]:
    lines = [ev.StepSaid(step="research", agent="research", text=f"line {number}") for number in range(count)]
    return sample_run.journal([*sample_run.bodies()[:9], *lines])


def test_a_live_run_fills_the_stream_on_screen(qtbot: QtBot, run: RunModel, output: AgentOutput) -> None:
    for event in sample_run.events():
        run.apply(event)
    qtbot.waitUntil(lambda: "Decision: do not use (provisional)" in output.views[ALL].toPlainText())
    assert output.views["security"].toPlainText() == ""
    output.tabs.setCurrentIndex(list(output.views).index("security"))
    assert "5 findings, 3 of high severity" in output.views["security"].toPlainText()


def test_a_reopened_run_reads_as_it_did_live(qtbot: QtBot, run: RunModel, output: AgentOutput) -> None:
    for event in sample_run.events():
        run.apply(event)
    qtbot.waitUntil(lambda: not any(output._pending[ALL]))
    live = output.views[ALL].toPlainText()
    run.show(sample_run.events())
    qtbot.waitUntil(lambda: output.views[ALL].toPlainText() == live)
    assert "Review: Are the new order views" in live


def test_no_run_shows_the_welcome(run: RunModel, output: AgentOutput) -> None:
    assert not output.tabs.isVisible()
    run.show(sample_run.events())
    assert output.tabs.isVisible()
    run.show([])
    assert not output.tabs.isVisible()


def test_a_reader_at_the_end_follows_and_one_further_up_is_left_alone(
    qtbot: QtBot, run: RunModel, output: AgentOutput
) -> None:
    events = said(300)
    for event in events[:150]:
        run.apply(event)
    view = output.views[ALL]
    qtbot.waitUntil(lambda: "line 140" in view.toPlainText())
    bar = view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    bar.setValue(0)
    for event in events[150:]:
        run.apply(event)
    qtbot.waitUntil(lambda: f"line {299}" in view.toPlainText())
    assert bar.value() == 0


def test_thousands_of_lines_keep_the_latest(qtbot: QtBot, run: RunModel, output: AgentOutput) -> None:
    run.show(said(6_000))
    view = output.views[ALL]
    qtbot.waitUntil(lambda: "line 5999" in view.toPlainText(), timeout=20_000)
    assert "line 3\n" not in view.toPlainText()


def test_markup_and_hidden_characters_stay_text(qtbot: QtBot, run: RunModel, output: AgentOutput) -> None:
    evil = ev.StepSaid(
        step="research", agent="research", text="<b>bold</b>\x1b[31m \u202e<img src='file:///etc/passwd'>"
    )
    for event in sample_run.journal([*sample_run.bodies()[:9], evil]):
        run.apply(event)
    view = output.views[ALL]
    qtbot.waitUntil(lambda: "<b>bold</b>" in view.toPlainText())
    assert "\x1b" not in view.toPlainText()
    assert "\u202e" not in view.toPlainText()
    assert "<img src=" in view.toPlainText()


def test_a_changed_theme_keeps_the_text(qtbot: QtBot, run: RunModel, output: AgentOutput) -> None:
    run.show(sample_run.events())
    view = output.views[ALL]
    qtbot.waitUntil(lambda: not any(output._pending[ALL]))
    before = view.toPlainText()
    palette = view.palette()
    palette.setColor(palette.ColorRole.Base, "#101010")
    palette.setColor(palette.ColorRole.Window, "#101010")
    palette.setColor(palette.ColorRole.WindowText, "#f0f0f0")
    view.setPalette(palette)
    assert view.toPlainText() == before


def test_a_line_stands_under_the_heading_of_its_own_step(qtbot: QtBot) -> None:
    view = StreamView(named=True)
    qtbot.addWidget(view)
    view.add(
        [
            Entry("code", "heading", "Read the code", "running", "read"),
            Entry("security", "heading", "Analyse the code", "running", "analyse"),
            Entry("research", "heading", "Find the threats", "running", "threats"),
            Entry("security", "line", "Analysing invoices.py", step="analyse"),
            Entry("code", "line", "2 functions", step="read"),
            Entry("security", "heading", "Analyse the code (done)", "done", "analyse"),
            Entry("security", "result", "16 weaknesses", step="analyse"),
            Entry("research", "line", "Nothing known", step="threats"),
            Entry("code", "result", "Proposal: safe after fixes"),
            Entry("research", "result", "Proposal: safe"),
        ]
    )
    assert view.toPlainText().splitlines() == [
        "◐ Code: Read the code",
        "2 functions",
        "✓ Security: Analyse the code (done)",
        "Analysing invoices.py",
        "16 weaknesses",
        "◐ Research: Find the threats",
        "Nothing known",
        "code  Proposal: safe after fixes",
        "research  Proposal: safe",
    ]


def test_a_heading_rewritten_before_any_line_keeps_its_lines_beneath_it(qtbot: QtBot) -> None:
    view = StreamView(named=False)
    qtbot.addWidget(view)
    view.add(
        [
            Entry("code", "heading", "Read", "running", "read"),
            Entry("code", "heading", "Repair", "running", "repair"),
            Entry("code", "heading", "Read (failed, 2 s)", "failed", "read"),
            Entry("code", "trouble", "why", step="read"),
            Entry("code", "heading", "Repair (done)", "done", "repair"),
            Entry("code", "line", "one", step="repair"),
        ]
    )
    assert view.toPlainText().splitlines() == ["✗ Read (failed, 2 s)", "⚠ why", "✓ Repair (done)", "one"]
