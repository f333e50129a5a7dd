"""CSV and TSV: every row with the names of its columns, so that a cell still says what it is."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import decode_text
from workbench.core.knowledge.loaders.raw import RawFile, broken

if TYPE_CHECKING:
    from _csv import Reader

GROUP_CHARS = 800
"""Rows are grouped up to about this much text, which is what one chunk holds."""

MAX_CELL_CHARS = 1_000_000
"""A longer cell means that a quotation mark was never closed."""

MAX_COLUMNS = 2_000
"""A table with more columns is no table."""

SAMPLE_CHARS = 16_000
"""How much of a table the delimiter is told by."""

DELIMITERS = ",;\t|"
"""What may stand between cells; of equals the first is taken."""


@dataclass
class _Group:
    """The rows collected so far, with the lines and row numbers they span."""

    first_row: int
    first_line: int
    lines: list[str] = field(default_factory=list)
    chars: int = 0

    def add(self, text: str) -> None:
        self.lines.append(text)
        self.chars += len(text)

    def block(self, last_row: int, last_line: int) -> Block:
        rows = f"row {self.first_row}" if self.first_row == last_row else f"rows {self.first_row}-{last_row}"
        return Block(text="\n".join(self.lines), row_key=rows, line_start=self.first_line, line_end=last_line)


def load_table(file: RawFile) -> LoadedDocument:
    """A table whose first row names the columns; rows count from 1 after it.

    Raises LoadError when a row cannot be read.
    """
    text, notices = decode_text(file)
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, file))
        blocks = tuple(_blocks(reader, file))
    except csv.Error as error:
        raise broken(file.name, f"a row cannot be read: {error}") from error
    return LoadedDocument(
        path=str(file.path), title=file.name, media_type=file.media_type, blocks=blocks, notices=notices
    )


def _delimiter(text: str, file: RawFile) -> str:
    """Tab by the file's name, else what cuts the first rows most evenly into the most cells; comma where none does."""
    if file.media_type == "text/tab-separated-values":
        return "\t"
    sample = text[:SAMPLE_CHARS].rpartition("\n")[0] or text[:SAMPLE_CHARS]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """Which share of the rows has as many cells as the first, and how many those are; nothing for single cells."""
    widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def _blocks(reader: "Reader", file: RawFile) -> Iterator[Block]:
    """The rows in groups. The header alone is a block too, when there are no rows."""
    header: list[str] = next((row for row in reader if any(cell.strip() for cell in row)), [])
    if len(header) > MAX_COLUMNS:
        raise broken(file.name, f"{len(header)} columns in its first row")
    names = [" ".join(name.split()) for name in header]
    group: _Group | None = None
    row_number, last_line = 0, reader.line_num
    for row in reader:
        first_line, last_line = last_line + 1, reader.line_num
        text = _row_text(names, row)
        if not text:
            continue
        row_number += 1
        group = group or _Group(row_number, first_line)
        group.add(text)
        if group.chars >= GROUP_CHARS:
            yield group.block(row_number, last_line)
            group = None
    if group is not None:
        yield group.block(row_number, last_line)
    if row_number == 0 and names:
        yield Block(text=" | ".join(names), row_key="header", line_start=1, line_end=max(1, last_line))


def _row_text(names: list[str], row: list[str]) -> str:
    """`name: cell` for each cell that holds something; cells beyond the header have no name."""
    cells = []
    for column, cell in enumerate(row[:MAX_COLUMNS]):
        value = " ".join(cell.split())
        if value:
            name = names[column] if column < len(names) else ""
            cells.append(f"{name}: {value}" if name else value)
    return "; ".join(cells)
