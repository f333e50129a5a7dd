"""The panel of findings and evidence, as a run grows."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.core import events as ev
from workbench.ui.models.findings_model import Column
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.evidence import EvidencePanel


@pytest.fixture
def panel(qtbot: QtBot) -> EvidencePanel:
    run = RunModel()
    made = EvidencePanel(run)
    run.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    return made


def _run(panel: EvidencePanel) -> RunModel:
    run = panel.findChild(RunModel)
    assert run is not None
    return run


def test_without_a_run_it_says_how_to_get_one(panel: EvidencePanel) -> None:
    assert panel.findings.message.startswith("No run is shown. Start one")
    assert panel.evidence.message.startswith("No run is shown. Start one")


def test_it_grows_with_the_run(panel: EvidencePanel) -> None:
    seen: list[tuple[int, int]] = []
    for event in sample_run.events():
        _run(panel).apply(event)
        now = (panel.evidence_model.rowCount(), panel.findings_model.rowCount())
        if now not in seen:
            seen.append(now)
    assert seen == [(0, 0), (8, 0), (8, 5)]
    assert [panel.tabs.tabText(0), panel.tabs.tabText(1)] == ["Findings (5)", "Evidence (8)"]


def test_before_the_review_and_the_sources_it_says_what_is_awaited(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.journal(sample_run.bodies()[:2]))
    assert panel.findings.message == "No findings yet. They appear here as soon as a review finishes."
    assert panel.evidence.message == "The sources are being asked; what they find appears here."


def test_a_run_that_found_nothing_claims_no_safety(panel: EvidencePanel) -> None:
    said = [*sample_run.bodies()[:2], ev.EvidenceFound(passages=()), ev.RunCompleted()]
    _run(panel).show(sample_run.journal(said))
    assert "not a proof that there is none" in panel.findings.message
    assert panel.evidence.message.startswith("No passage was found.")


def test_a_stopped_run_says_that_it_was_stopped_before(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.journal([*sample_run.bodies()[:2], ev.RunCancelled()]))
    assert panel.findings.message == "This run ended before a review finished, so it has no findings."
    assert panel.evidence.message == "This run ended before its sources had answered."


def test_sources_that_failed_are_named(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.events())
    line = panel.sources.text()
    assert line.startswith("2 of 5 sources answered in full")
    assert "advisories (MongoDB): timeout" in line
    assert "no answer within 10 s" in panel.sources.toolTip()
    assert not panel.tabs.tabIcon(1).isNull()


def test_a_chosen_finding_is_told_in_full(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.events())
    assert panel.finding_details.isHidden()
    panel.findings.choose(1)
    told = panel.finding_details.toPlainText()
    for words in (
        "Shell command built from request data",
        "CWE-78",
        "shop/views.py:25",
        "subprocess.run",
        "Give the prog",
    ):
        assert words in told


def test_a_passage_tells_which_quotes_are_not_in_it(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.events())
    panel.evidence.choose(4)
    told = panel.evidence_details.toPlainText()
    assert "THE QUOTE IS NOT IN THE PASSAGE" in told
    assert "Deserialise only formats" in told


def test_opening_a_finding_asks_for_its_lines(panel: EvidencePanel, qtbot: QtBot) -> None:
    _run(panel).show(sample_run.events())
    with qtbot.waitSignal(panel.open_code) as asked:
        panel.findings.opened.emit(1)
    assert asked.args == ["shop/views.py", 25, 25, False]


def test_a_finding_of_the_repair_is_told_apart_and_opens_the_repaired_file(panel: EvidencePanel, qtbot: QtBot) -> None:
    _run(panel).show(sample_run.events(sample_run.recheck()))
    assert panel.tabs.tabText(0) == "Findings (5)"
    assert panel.findings_model.rowCount() == 6
    assert panel.findings_model.index(5, Column.TITLE).data().startswith("Repaired code: ")
    assert "shop/views.py:17, repaired" in panel.findings_model.index(5, Column.PLACE).data(Qt.ItemDataRole.ToolTipRole)
    with qtbot.waitSignal(panel.open_code) as asked:
        panel.findings.opened.emit(5)
    assert asked.args == ["shop/views.py", 17, 17, True]


def test_opening_a_passage_asks_for_it_by_id(panel: EvidencePanel, qtbot: QtBot) -> None:
    _run(panel).show(sample_run.events())
    with qtbot.waitSignal(panel.open_passage) as asked:
        panel.evidence.opened.emit(2)
    assert asked.args == ["p3"]


def test_another_run_leaves_nothing_of_the_one_before(panel: EvidencePanel) -> None:
    _run(panel).show(sample_run.events())
    panel.findings.choose(0)
    _run(panel).show([])
    assert panel.findings_model.rowCount() == panel.evidence_model.rowCount() == 0
    assert panel.finding_details.isHidden()
    assert panel.sources.isHidden()
    assert [panel.tabs.tabText(0), panel.tabs.tabText(1)] == ["Findings", "Evidence"]


def test_both_tables_have_names_for_screen_readers(panel: EvidencePanel) -> None:
    named = (panel.findings.table, panel.evidence.table, panel.findings.filter, panel.evidence.filter, panel.sources)
    assert all(widget.accessibleName() for widget in named)
