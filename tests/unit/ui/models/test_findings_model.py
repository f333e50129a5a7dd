"""The table of findings."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.models.findings_model import HEADERS, Column, FindingsModel, short_names
from workbench.ui.models.roles import FILTER_ROLE, KEY_ROLE, SORT_ROLE


def _shown(model: FindingsModel, row: int) -> list[str]:
    return [model.index(row, column).data() for column in Column]


def test_it_keeps_the_rules_of_models(qtbot: QtBot) -> None:
    model = FindingsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_findings(sample_run.findings())
    model.set_findings(sample_run.findings()[:2])
    model.set_findings([])
    assert tester.model() is model


def test_a_row_says_what_and_where(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    assert _shown(model, 0) == [
        "high", "CWE-89", "SQL built from request data", "views.py:17", "93\u00a0%", "bandit 1.9.4, taint",
    ]  # fmt: skip
    assert [model.headerData(column, Qt.Orientation.Horizontal) for column in Column] == list(HEADERS.values())


def test_severity_sorts_by_rank_and_place_by_line(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings([sample_run.a_finding(line_start=9), sample_run.a_finding(line_start=10, line_end=30)])
    places = [model.index(row, Column.PLACE).data(SORT_ROLE) for row in range(2)]
    assert places == sorted(places)
    ranks = {name: sample_run.a_finding(severity=name).severity.rank for name in ("high", "medium", "low")}
    for name, rank in ranks.items():
        model.set_findings([sample_run.a_finding(severity=name)])
        assert model.index(0, Column.SEVERITY).data(SORT_ROLE) == rank


def test_the_filter_text_holds_the_explanation_and_the_rule(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    text = model.index(0, 0).data(FILTER_ROLE)
    assert "B608" in text
    assert "every table the account can reach" in text


def test_the_key_tells_findings_apart(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    assert len({model.index(row, 0).data(KEY_ROLE) for row in range(model.rowCount())}) == 5


def test_the_same_findings_again_do_not_disturb_the_view(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.set_findings(sample_run.findings())
    assert resets == []


def test_hostile_text_is_shown_and_never_markup(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings([sample_run.a_finding(title="<img src=x>\u202e", file="a\nb", cwe="\x1b")])
    assert model.index(0, Column.TITLE).data() == "<img src=x>‹U+202E›"
    assert model.index(0, Column.PLACE).data() == "a b:17"
    assert "&lt;img src=x&gt;‹U+202E›" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_table_has_no_rows_below_a_cell(qtbot: QtBot) -> None:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 5


def test_a_file_is_called_by_the_shortest_name_that_no_other_has() -> None:
    assert short_names(["shop/views.py", "admin/views.py", "shop/models.py", "app.py", "x/app.py"]) == {
        "shop/views.py": "shop/views.py",
        "admin/views.py": "admin/views.py",
        "shop/models.py": "models.py",
        "app.py": "app.py",
        "x/app.py": "x/app.py",
    }


@given(st.sets(st.text(alphabet="ab/\\", max_size=8)))
def test_no_two_files_share_a_name_in_the_table(files: set[str]) -> None:
    assert len(set(short_names(files).values())) == len(files)
