"""The history is a well-behaved table of runs."""

from datetime import UTC, datetime

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester

from workbench.core.engine import RunSummary
from workbench.ui.models.history_model import RUN_ROLE, SORT_ROLE, Column, HistoryModel


def a_run(name: str, **fields: object) -> RunSummary:
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return RunSummary.model_validate(
        {"run_id": name, "title": f"Task {name}", "kind": "review", "started": at, "ended": at, "attempt": 1,
         "state": "completed", "verdict": "safe", "standing": "provisional", **fields}
    )  # fmt: skip


def cell(model: QAbstractItemModel, row: int, column: Column) -> str:
    return str(model.index(row, column).data())


def test_the_model_keeps_the_rules_of_qt(qtmodeltester: object) -> None:
    model = HistoryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_runs([a_run("a"), a_run("b")])
    model.set_runs([a_run("b")])
    model.set_runs([])
    assert tester.model() is model


def test_rows_tell_what_became_of_each_run() -> None:
    model = HistoryModel()
    model.set_runs([a_run("a", state="failed", verdict="", standing="")])
    assert [cell(model, 0, column) for column in (Column.TITLE, Column.KIND, Column.STATE, Column.VERDICT)] == [
        "Task a",
        "review",
        "failed",
        "",
    ]
    assert model.index(0, 0).data(RUN_ROLE) == "a"
    assert not model.index(0, Column.STATE).data(Qt.ItemDataRole.DecorationRole).isNull()


def test_times_sort_by_time_and_not_by_their_text() -> None:
    model = HistoryModel()
    model.set_runs([a_run("a")])
    assert model.index(0, Column.STARTED).data(SORT_ROLE) == "2026-03-01T12:00:00+00:00"


def test_the_same_runs_again_do_not_reset_the_table(qtbot: object) -> None:
    model = HistoryModel()
    model.set_runs([a_run("a", state="running")])
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.set_runs([a_run("a", state="completed")])
    assert resets == []
    assert cell(model, 0, Column.STATE) == "completed"


def test_a_title_cannot_smuggle_in_hidden_characters() -> None:
    model = HistoryModel()
    model.set_runs([a_run("a", title="evil\u202etxt.exe")])
    assert "\u202e" not in cell(model, 0, Column.TITLE)


def test_the_title_of_a_run_is_no_markup_in_its_tool_tip() -> None:
    model = HistoryModel()
    model.set_runs([a_run("a", title="<img src=x>")])
    tip = model.index(0, Column.TITLE).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img src=x&gt;" in tip
    assert "<img" not in tip
