"""A table that is filtered, copied, and says why it is empty."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.ui.models.findings_model import Column, FindingsModel
from workbench.ui.widgets.filtered_table import FilteredTable


@pytest.fixture
def table(qtbot: QtBot) -> FilteredTable:
    model = FindingsModel()
    model.set_findings(sample_run.findings())
    made = FilteredTable(model, "findings", "Filter")
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    return made


def _column(table: FilteredTable, column: Column) -> list[str]:
    model = table.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def _filter(table: FilteredTable, text: str) -> None:
    table.filter.setText(text)
    table.apply_filter()


def test_every_word_must_be_in_the_row_in_any_column_and_order(table: FilteredTable) -> None:
    _filter(table, "REQUEST high sql")
    assert _column(table, Column.CWE) == ["CWE-89"]
    _filter(table, "bandit medium")
    assert _column(table, Column.CWE) == ["CWE-798"]
    _filter(table, "")
    assert table.shown == 5


def test_typing_filters_after_a_pause(table: FilteredTable, qtbot: QtBot) -> None:
    table.filter.setText("pickle")
    assert table.shown == 5
    qtbot.waitUntil(lambda: table.shown == 1, timeout=2000)


def test_a_filter_that_matches_nothing_says_so(table: FilteredTable) -> None:
    _filter(table, "no such thing")
    assert table.message == "None of the 5 rows holds all these words."
    _filter(table, "md5")
    assert table.message == ""


def test_an_empty_table_says_what_it_was_told(table: FilteredTable) -> None:
    table.say_when_empty("Nothing has been looked at yet.")
    table.table.model().sourceModel().set_findings([])  # type: ignore[attr-defined]
    assert table.message == "Nothing has been looked at yet."
    assert not table.filter.isEnabled()


def test_sorting_by_severity_puts_the_worst_last_then_first(table: FilteredTable) -> None:
    table.table.sortByColumn(Column.SEVERITY, Qt.SortOrder.AscendingOrder)
    assert _column(table, Column.SEVERITY) == ["low", "medium", "high", "high", "high"]
    table.table.sortByColumn(Column.SEVERITY, Qt.SortOrder.DescendingOrder)
    assert _column(table, Column.SEVERITY) == ["high", "high", "high", "medium", "low"]


def test_the_row_announced_is_the_models_own_even_when_sorted(table: FilteredTable, qtbot: QtBot) -> None:
    table.table.sortByColumn(Column.SEVERITY, Qt.SortOrder.AscendingOrder)
    with qtbot.waitSignal(table.chosen) as chosen:
        table.table.setCurrentIndex(table.table.model().index(0, 0))
    assert chosen.args == [4]
    with qtbot.waitSignal(table.opened) as opened:
        table.table.activated.emit(table.table.model().index(1, 0))
    assert opened.args == [3]


def test_ctrl_c_copies_the_selected_rows_as_a_spreadsheet_takes_them(table: FilteredTable, qtbot: QtBot) -> None:
    table.table.setFocus()
    table.choose(3)
    qtbot.keyClick(table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().split("\t") == [
        "medium", "CWE-798", "Token in the source", "shop/views.py:9", "70 %", "bandit 1.9.4",
    ]  # fmt: skip


def test_copied_text_cannot_become_a_formula_or_another_cell(table: FilteredTable) -> None:
    evil = sample_run.a_finding(title='=HYPERLINK("http://e.example")', file="a\tb")
    table.table.model().sourceModel().set_findings([evil])  # type: ignore[attr-defined]
    table.table.selectAll()
    table.copy()
    cells = QGuiApplication.clipboard().text().split("\t")
    assert len(cells) == len(Column)
    assert cells[Column.TITLE] == '\'=HYPERLINK("http://e.example")'


def test_the_chosen_row_stays_chosen_when_more_come(table: FilteredTable) -> None:
    model = table.table.model().sourceModel()
    table.choose(3)
    model.set_findings([sample_run.a_finding(title="another", rule="X1"), *sample_run.findings()])  # type: ignore[attr-defined]
    assert table.row == 4
