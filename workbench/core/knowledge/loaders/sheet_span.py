"""How many cells a sheet of a workbook spans, known before a library holds them all in memory."""

import re
from typing import Any

from workbench.core.knowledge.loaders.package import Package
from workbench.core.knowledge.loaders.raw import oversized

MAX_CELLS = 20_000_000
"""Most cells of one sheet, empty ones between filled ones included; calamine holds them all in memory at once."""

HEAD_BYTES = 4_096
"""Where a sheet says its dimension, before its rows (ISO/IEC 29500-1, 18.3.1.99)."""

DIMENSION = re.compile(rb'<(?:\w+:)?dimension ref="([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?"')
FILLED = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
"""A cell that holds something; an empty one with a format closes itself."""


def refuse_wide_sheets(package: Package) -> None:
    """Raise LoadError when a sheet of an Office Open XML workbook spans more than MAX_CELLS."""
    for name in package.names:
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        data = package.data(name) or b""
        said = DIMENSION.search(data[:HEAD_BYTES])
        if said and said.group(3) and _span([said.group(1, 2), said.group(3, 4)]) <= MAX_CELLS:
            continue
        span = _span([cell.group(1, 2) for cell in FILLED.finditer(data)])
        if span > MAX_CELLS:
            raise oversized(package.file.name, f"a sheet of it spans {span:,} cells", f"{MAX_CELLS:,}")


def _span(cells: list[tuple[Any, ...]]) -> int:
    """The cells of the smallest rectangle around these, which are letters of a column and number of a row."""
    if not cells:
        return 0
    columns = [_column(letters) for letters in {letters for letters, _ in cells}]
    rows = [int(number) for number in {number for _, number in cells}]
    return (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)


def _column(letters: bytes) -> int:
    """A column's number: A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
