"""Write a CSV file that a spreadsheet opens as data: no cell of it becomes a formula."""

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TextIO

TRIGGERS = frozenset("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell must not begin with: the signs of formulas, also in full width, and what shifts the cell."""

MAX_CELL = 32_767
"""Most characters in a cell of Excel; what is longer would run into the next one."""

IGNORED = " \0\ufeff\u200b\u00a0"


class CellRefusedError(ValueError):
    """A cell is too long for a spreadsheet."""


def write_csv(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write `header` and `rows` to `file`, opened with newline="" and encoding="utf-8-sig" (Excel needs the mark).

    int, float and Decimal stay numbers, None is an empty cell, everything else is text. Text that could be taken for
    a formula gets an apostrophe in front, which spreadsheets take as "this is text". Raises CellRefusedError.
    """
    # Every cell is quoted, so that a separator or line break in one cannot start another, whatever the locale's is.
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
    begin = text.lstrip(IGNORED)[:1]  # some programs trim what cannot be seen before they look
    return "'" + text if (begin in TRIGGERS and begin) or text[:1] == "'" else text
