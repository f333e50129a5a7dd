"""The consensus panel shows the decision as it is, says what it waits for, and passes judgements on."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.core import events as ev
from workbench.core.engine import AgentRecord
from workbench.ui.models import consensus_model as model
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.consensus import ConsensusPanel
from workbench.ui.widgets.odds_bars import Bar, OddsBars


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def panel(qtbot: QtBot, run: RunModel) -> ConsensusPanel:
    panel = ConsensusPanel(run)
    qtbot.addWidget(panel)
    panel.resize(420, 800)
    panel.show()
    return panel


def show_decision(run: RunModel, **fields: object) -> None:
    """The sample run with this decision instead of its own."""
    made = ev.DecisionMade(decision=sample_run.decision(**fields))
    bodies = [made if isinstance(body, ev.DecisionMade) else body for body in sample_run.bodies()]
    run.show(sample_run.journal([*bodies, ev.RunCompleted()]))


def a_record(**fields: object) -> AgentRecord:
    return AgentRecord.model_validate(
        {"agent": "security", "domain": "review/python", "expertise": "expert", "right": 14, "judged": 17,
         "accuracy": 0.79, **fields}
    )  # fmt: skip


def test_without_a_run_it_says_what_will_stand_here(panel: ConsensusPanel) -> None:
    assert panel.empty.isVisible()
    assert "No run on screen" in panel.empty.text()
    assert not panel.verdict.isVisible()


def test_while_agents_work_it_names_the_proposals_that_are_sealed(panel: ConsensusPanel, run: RunModel) -> None:
    events = sample_run.events()
    decided = next(index for index, event in enumerate(events) if isinstance(event.body, ev.DecisionMade))
    run.show([])
    for event in events[:decided]:
        run.apply(event)
    assert panel.empty.isVisible()
    for agent in ("research", "code", "security"):
        assert agent in panel.empty.text()
    run.apply(events[decided])
    assert panel.verdict.isVisible()
    assert panel.verdict.text() == "do not use"


@pytest.mark.parametrize(
    ("final", "word"),
    [(ev.RunCancelled(), "cancelled"), (ev.RunFailed(reason="the disk is full; free some space"), "disk is full")],
)
def test_a_run_that_ended_before_its_decision_says_why(panel, run, final, word) -> None:
    bodies = sample_run.bodies()
    decided = next(index for index, body in enumerate(bodies) if isinstance(body, ev.DecisionMade))
    run.show(sample_run.journal([*bodies[:decided], final]))
    assert word in panel.empty.text()


def test_verdict_standing_reason_gates_and_dissent_are_shown(panel: ConsensusPanel, run: RunModel) -> None:
    show_decision(run, contributions=[
        each.model_copy(update={"rationale": f"{each.agent} has its reasons"})
        for each in sample_run.decision().contributions
    ])  # fmt: skip
    assert panel.standing.text() == "provisional"
    assert "10 more judged decisions" in panel.reason.text()
    assert "2 confirmed findings of high severity stand against “safe”" in panel.gated.text()
    assert not panel.gates.isVisible(), "the bars and the question come first"
    panel.show_gates.click()
    assert panel.gates.isVisible()
    assert panel.gates.text().count("Gate: ") == 2
    assert panel.dissent.text() == "code says “safe after fixes”:\ncode has its reasons"


def test_a_unanimous_ungated_decision_has_no_empty_headings(panel: ConsensusPanel, run: RunModel) -> None:
    show_decision(run, gates=(), dissent=())
    assert not panel.gated.isVisible()
    assert not panel.show_gates.isVisible()
    assert not panel.gates.isVisible()
    assert not panel.dissent.isVisible()
    assert not panel.dissent_heading.isVisible()


def test_bars_tell_the_posterior_and_each_agents_points(panel: ConsensusPanel, run: RunModel) -> None:
    show_decision(run)
    assert [(bar.label, bar.number, bar.leads) for bar in panel.posterior.bars] == [
        ("safe", "6\u00a0%", False),
        ("safe after fixes", "27\u00a0%", False),
        ("do not use", "67\u00a0%", True),
    ]
    assert [(bar.label, bar.number) for bar in panel.contributions.bars] == [
        ("security", "+8.0"),
        ("research", "+5.0"),
        ("code", "−2.5"),
    ]
    assert "right 3 of 5 in review/python" in panel.contributions.bars[2].note
    assert "no record yet" in panel.contributions.bars[0].note
    assert "would be another one" in panel.contributions.bars[0].more
    assert "code −2.5" in panel.contributions.accessibleDescription()


def test_the_tool_tip_says_what_points_are_made_of() -> None:
    contribution = (
        sample_run.decision()
        .contributions[0]
        .model_copy(update={"capped": True, "independence": 0.5, "remark": "on probation: it did worse lately"})
    )
    decision = sample_run.decision(contributions=(contribution,))
    more = model.contribution_bars(decision)[0].more
    for words in (
        "+4.0 points",
        "its record",
        "−0.5 points",
        "its checks",
        "Cut to the most",
        "shares",
        "On probation",
    ):
        assert words in more


def test_judging_is_offered_when_the_run_is_over_and_says_what_was_right(qtbot, panel, run) -> None:
    bodies = sample_run.bodies()
    run.show(sample_run.journal(bodies))
    assert not panel.right.isEnabled()
    run.show(sample_run.journal([*bodies, ev.RunCompleted()]))
    with qtbot.waitSignal(panel.judged) as judged:
        qtbot.mouseClick(panel.right, Qt.MouseButton.LeftButton)
    assert judged.args == [True, ""]
    choices = {action.text(): action for action in panel.wrong.menu().actions()}
    assert set(choices) == {"safe", "safe after fixes"}, "what was decided is no choice for what it should have been"
    with qtbot.waitSignal(panel.judged) as judged:
        choices["safe after fixes"].trigger()
    assert judged.args == [False, "safe after fixes"]


def test_untrusted_words_are_never_markup_and_show_their_controls(panel: ConsensusPanel, run: RunModel) -> None:
    spoof = "<b>safe</b>\u202e"
    contributions = [each.model_copy(update={"rationale": spoof}) for each in sample_run.decision().contributions]
    show_decision(run, reason=spoof, contributions=contributions)
    for words in (panel.reason, panel.dissent):
        assert words.textFormat() is Qt.TextFormat.PlainText
        assert "<b>safe</b>‹U+202E›" in words.text()


def test_the_records_are_a_table_with_a_remark_only_where_there_is_one(panel: ConsensusPanel) -> None:
    assert panel.no_records.isVisible()
    panel.show_records([a_record(), a_record(agent="code", right=2, judged=9)])
    table = panel.records.model()
    assert [table.index(row, 2).data() for row in range(2)] == ["14 of 17", "2 of 9"]
    assert panel.records.isColumnHidden(model.RecordColumn.REMARK)
    assert not panel.no_records.isVisible()
    panel.show_records([a_record(remark="on probation: it did worse")])
    assert not panel.records.isColumnHidden(model.RecordColumn.REMARK)


def test_records_sort_by_their_share_and_not_by_their_letters(panel: ConsensusPanel) -> None:
    panel.show_records([a_record(right=9, judged=10), a_record(agent="code", right=10, judged=90)])
    panel.records.sortByColumn(model.RecordColumn.RIGHT, Qt.SortOrder.AscendingOrder)
    assert panel.records.model().index(0, 0).data() == "code"


def test_another_run_does_not_keep_the_judgement_of_the_last(qtbot, panel, run) -> None:
    show_decision(run)
    panel.show_judgement("do not use")
    assert panel.judgement.isVisible()
    run.show([])
    assert not panel.judgement.isVisible()


def test_bars_grow_to_the_side_of_their_sign_and_stay_on_the_scale(qtbot: QtBot) -> None:
    bars = OddsBars("points")
    qtbot.addWidget(bars)
    bars.show_bars([Bar("for", 5, "+5"), Bar("against", -5, "−5"), Bar("off", 99, "+99")], -10, 10)
    bars.resize(200, bars.sizeHint().height())
    image, rows = bars.grab().toImage(), bars.sizeHint().height() // 3
    ground = image.pixelColor(2, bars._bar_top() + 5)

    def painted(row: int, x: int) -> bool:
        return image.pixelColor(x, row * rows + bars._bar_top() + 5) != ground

    assert [painted(0, x) for x in (60, 140, 190)] == [False, True, False]
    assert [painted(1, x) for x in (10, 60, 140)] == [False, True, False]
    assert [painted(2, x) for x in (60, 140, 190)] == [False, True, True]
    assert [bars.bar_at(y) and bars.bar_at(y).label for y in (0, rows, 3 * rows)] == ["for", "against", None]


def test_a_scale_without_zero_is_refused(qtbot: QtBot) -> None:
    bars = OddsBars("points")
    qtbot.addWidget(bars)
    with pytest.raises(ValueError, match="zero"):
        bars.show_bars([], 1, 2)


def test_an_agent_without_an_opinion_is_not_told_to_say_a_verdict(panel: ConsensusPanel, run: RunModel) -> None:
    first, *others = sample_run.decision().contributions
    silent = first.model_copy(
        update={
            "abstained": True,
            "remark": "no opinion: it adds nothing",
            "log_odds": dict.fromkeys(first.log_odds, 0.0),
        }
    )
    show_decision(run, contributions=(silent, *others))
    bar = next(bar for bar in model.contribution_bars(run.state.decision) if bar.label == first.agent)
    assert bar.note.startswith("no opinion")
    assert first.verdict not in bar.note + bar.more
