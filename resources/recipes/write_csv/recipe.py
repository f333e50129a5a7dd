"""Write a CSV file that a spreadsheet opens as data: no cell of it becomes a formula."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TextIO

TRIGGERS = frozenset("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell must not begin with: the signs of formulas, also in full width, and what shifts the cell."""

MAX_CELL = 32_767
"""Most characters in a cell of Excel; what is longer would run into the next one."""

SPLIT = re.compile(r"([;\t\r\n][\s\"'\u200b-\u200f\u2028-\u202e\u2060\ufeff]*)(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20])")
"""Where a cell would begin for a program that splits at semicolons or tabs, as Excel does in much of Europe."""


class CellRefusedError(ValueError):
    """A cell is too long for a spreadsheet."""


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write `header` and `rows` to `file`, opened with newline="" and encoding="utf-8-sig" (Excel needs the mark).

    int, float and Decimal stay numbers, None is an empty cell, everything else is text. Text that could be taken for
    a formula gets an apostrophe in front, which spreadsheets take as "this is text", also after a semicolon, tab or
    line break in it. Raises CellRefusedError.
    """
    # Every cell is quoted, so that a comma or line break in one cannot start another; for other separators see SPLIT.
    writer = csv.writer(file, dialect="excel", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_cell(title) for title in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    text = str(value).replace("\0", "")
    if len(text) >= MAX_CELL:
        raise CellRefusedError(f"a cell has {MAX_CELL} characters or more")
    # Some programs trim what cannot be seen (spaces, controls, marks of direction) before they look.
    begin = next((sign for sign in text if unicodedata.category(sign)[0] not in "ZC"), "")
    text = SPLIT.sub(r"\1'", text)
    return "'" + text if begin in TRIGGERS or text[:1] in TRIGGERS | {"'"} else text
