"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) sheet by sheet, through calamine; its values are those last calculated."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError
from workbench.core.knowledge.loaders.compound import open_compound, summary
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.embedded import embedded_blocks, objects_in
from workbench.core.knowledge.loaders.open_document import document_properties, refuse_encrypted
from workbench.core.knowledge.loaders.package import OLE_HEADER, Package, open_package
from workbench.core.knowledge.loaders.properties import sound_moment
from workbench.core.knowledge.loaders.raw import RawFile, broken, empty, encrypted, oversized
from workbench.core.knowledge.loaders.sheet_span import MAX_CELLS, refuse_wide_sheets
from workbench.core.knowledge.loaders.tables import GROUP_CHARS

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

HEADER_ROWS = 10
"""Among so many first rows with something in them the names of the columns are looked for."""

HEADER_SHARE = 0.6
"""How many of the columns in use a row must name to be the header; a title above the table fills one or two."""

BESIDE_THE_CELLS = {
    "xl/comments": "Comments", "xl/threadedcomments/": "Comments", "xl/drawings/drawing": "Text boxes",
    "xl/charts/chart": "Charts",
}  # fmt: skip
"""Parts with text that stands in no cell, by how their names begin, and the heading it is put under."""

TEXT_TAGS = frozenset({"t", "text"})
"""Elements that hold the text of comments, text boxes and titles, whatever their namespace."""

PARAGRAPH_TAGS = frozenset({"p", "comment", "threadedComment"})


def load_workbook(file: RawFile) -> LoadedDocument:
    """The rows of each sheet with the names of their columns; row_key says sheet and rows, as in "Hosts!rows 3-9".

    Rows count as the program shows them. Sheets that it hides are read as well and named so. Raises LoadError when the
    file is encrypted, broken, or would unpack beyond the limits.
    """
    if not file.data.strip():
        raise empty(file.name)
    package = None
    notices: list[str] = []
    embedded: list[Block] = []
    if file.data.startswith(OLE_HEADER):
        with open_compound(file) as compound:
            title, saved, created = summary(compound)
            dated = sound_moment(saved) or sound_moment(created)
            embedded = objects_in(file, compound, notices)
    elif file.data.startswith(b"PK"):
        package = open_package(file)
        refuse_encrypted(package)
        refuse_wide_sheets(package)
        is_open = package.data("meta.xml") is not None
        title, dated = document_properties(package) if is_open else package.core_properties()
    else:
        return _in_disguise(file)
    blocks = [block for sheet in _sheets(file, notices) for block in sheet]
    if package is not None:
        blocks += [*_beside(package), *embedded_blocks(package)]
        notices += package.notices
    blocks += embedded
    return LoadedDocument(
        path=str(file.path),
        title=title or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=tuple(notices),
        dated=dated,
    )


def _in_disguise(file: RawFile) -> LoadedDocument:
    """A page or a table that a program exported under a workbook's name, which Excel opens too."""
    from workbench.core.knowledge.loaders.html import load_html, load_xml
    from workbench.core.knowledge.loaders.tables import load_table

    head = file.data[:1024].lower()
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise broken(file.name, "it does not begin as a workbook")
    if b"<html" in head or b"<table" in head:
        return load_html(file)
    return load_xml(file) if head.lstrip().startswith(b"<?xml") else load_table(file)


def _sheets(file: RawFile, notices: list[str]) -> Iterator[Iterator[Block]]:
    """The blocks of each sheet that has cells; those that cannot be read become notices."""
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    except python_calamine.PasswordError as error:
        raise encrypted(file.name) from error
    except (MemoryError, RecursionError):
        raise
    except BaseException as error:  # calamine raises its own errors, and a panic of Rust is no Exception
        raise broken(file.name, f"calamine cannot read it: {_reason(error)}") from error
    for index, metadata in enumerate(workbook.sheets_metadata):
        if metadata.typ in (python_calamine.SheetTypeEnum.ChartSheet, python_calamine.SheetTypeEnum.Vba):
            continue
        hidden = metadata.visible != python_calamine.SheetVisibleEnum.Visible
        sheet = _sheet(file, workbook, index, metadata.name, notices)
        if sheet is not None:
            yield _blocks(sheet, clean(metadata.name), hidden=hidden)


def _sheet(
    file: RawFile, workbook: "CalamineWorkbook", index: int, name: str, notices: list[str]
) -> "CalamineSheet | None":
    """The sheet, or None with a notice. Raises LoadError when it spans too many cells."""
    try:
        sheet = workbook.get_sheet_by_index(index)
    except (MemoryError, RecursionError):
        raise
    except BaseException as error:
        notices.append(f"The sheet {clean(name)} of {file.name} cannot be read: {_reason(error)}")
        return None
    if sheet.height * sheet.width > MAX_CELLS:
        raise oversized(
            file.name, f"the sheet {clean(name)} spans {sheet.height * sheet.width:,} cells", f"{MAX_CELLS:,}"
        )
    return sheet


def _reason(error: BaseException) -> str:
    """What a library says about a file, in one line; interrupts of the process go on."""
    if isinstance(error, KeyboardInterrupt | SystemExit | LoadError):
        raise error
    return " ".join(str(error).split())[:120] or type(error).__name__


def _blocks(sheet: "CalamineSheet", name: str, *, hidden: bool) -> Iterator[Block]:
    """The rows in groups; those above the header as they stand."""
    first = (sheet.start or (0, 0))[0] + 1
    heading = f"{name} (hidden)" if hidden else name
    rows = [(first + index, [_shown(cell) for cell in row]) for index, row in enumerate(sheet.iter_rows())]
    rows = [(number, row) for number, row in rows if any(row)]
    header = _header(sheet, first)
    names: list[str] = []
    lines: list[str] = []
    begin = last = 0
    for number, row in rows:
        if number == header:
            names = row
            if number != rows[-1][0]:
                continue
        begin, last = begin if lines else number, number
        lines.append(_row_text(names if number != header else [], row))
        if sum(map(len, lines)) >= GROUP_CHARS:
            yield _group(heading, name, lines, begin, last)
            lines = []
    if lines:
        yield _group(heading, name, lines, begin, last)


def _group(heading: str, name: str, lines: list[str], begin: int, last: int) -> Block:
    rows = f"row {begin}" if begin == last else f"rows {begin}-{last}"
    return Block(text="\n".join(lines), heading=heading, row_key=f"{name}!{rows}")


def _header(sheet: "CalamineSheet", first: int) -> int:
    """The number of the row that names the columns, 0 when none does: texts only, in most of the columns in use."""
    filled = []
    for index, row in enumerate(sheet.iter_rows()):
        cells = [cell for cell in row if _shown(cell)]
        if cells:
            filled.append((first + index, cells))
        if len(filled) == HEADER_ROWS:
            break
    widest = max((len(cells) for _, cells in filled), default=0)
    for number, cells in filled:
        if len(cells) >= max(2, widest * HEADER_SHARE):
            return number if all(isinstance(cell, str) for cell in cells) else 0
    return 0


def _row_text(names: list[str], row: list[str]) -> str:
    """`name: cell` for each cell that holds something, or the cells side by side where nothing names them."""
    if not names:
        return " | ".join(filter(None, row))
    pairs = [(names[column] if column < len(names) else "", cell) for column, cell in enumerate(row) if cell]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)


def _shown(cell: Any) -> str:
    """A value as a reader would write it."""
    if isinstance(cell, str):
        return " ".join(clean(cell).split())
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return str(cell) if isinstance(cell, int | date | time | timedelta) else ""


def _beside(package: Package) -> Iterator[Block]:
    """The text of comments, text boxes and charts, a line for each paragraph."""
    for name in package.names:
        heading = next((found for begin, found in BESIDE_THE_CELLS.items() if name.startswith(begin)), None)
        if heading is None or not name.endswith(".xml"):
            continue
        root = package.optional_xml(name)
        lines: list[str] = [""]
        for element in root.iter() if root is not None else ():
            tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
            if tag in PARAGRAPH_TAGS:
                lines.append("")
            elif tag in TEXT_TAGS:
                lines[-1] += element.text or ""
        text = "\n".join(filter(None, (" ".join(clean(line).split()) for line in lines)))
        if text:
            yield Block(text=text, heading=heading)
