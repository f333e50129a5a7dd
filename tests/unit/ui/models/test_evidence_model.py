"""The table of passages."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.models.evidence_model import Column, EvidenceModel, evidence_rows
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE


def _model() -> EvidenceModel:
    model = EvidenceModel()
    model.set_rows(evidence_rows(sample_run.state()))
    return model


def test_it_keeps_the_rules_of_models(qtbot: QtBot) -> None:
    model = EvidenceModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(evidence_rows(sample_run.state()))
    model.set_rows([])
    assert tester.model() is model


def test_a_row_says_what_was_found_and_where(qtbot: QtBot) -> None:
    model = _model()
    assert [model.index(4, column).data() for column in Column] == [
        "0.66", "document", "Secure coding rules, 4th edition", "library",
        "/home/analyst/rules/secure-coding.pdf, 12 Deserialisation, page 31", "", "1x, 1 not found",
    ]  # fmt: skip


def test_a_citation_of_a_step_and_its_proposal_counts_once(qtbot: QtBot) -> None:
    rows = {row.passage.id: row for row in evidence_rows(sample_run.state())}
    assert [(agent, citation.claim) for agent, citation in rows["p1"].citations] == [
        ("research", "joined SQL is injectable")
    ]
    assert rows["p3"].citations == ()


def test_relevance_sorts_as_a_number(qtbot: QtBot) -> None:
    model = _model()
    assert [model.index(row, Column.RELEVANCE).data(SORT_ROLE) for row in range(2)] == [0.94, 0.91]


def test_the_filter_text_holds_the_passage_itself(qtbot: QtBot) -> None:
    assert "A shell reads untrusted input" in _model().index(1, 0).data(FILTER_ROLE)


def test_the_key_is_the_passages_id(qtbot: QtBot) -> None:
    assert _model().index(2, 0).data(KEY_ROLE) == "p3"


def test_a_tool_tip_is_never_markup(qtbot: QtBot) -> None:
    passage = sample_run.passages()[0].model_copy(update={"title": "<b>x</b>"})
    state = sample_run.state()
    state.passages = {passage.id: passage}
    model = EvidenceModel()
    model.set_rows(evidence_rows(state))
    assert "&lt;b&gt;x&lt;/b&gt;" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
