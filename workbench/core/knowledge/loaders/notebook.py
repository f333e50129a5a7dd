"""Jupyter notebooks (IPYNB) cell by cell: text under its headings, code, and what the code printed."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.decoding import clean, decode_text
from workbench.core.knowledge.loaders.headings import HeadingPath
from workbench.core.knowledge.loaders.markdown import load_markdown
from workbench.core.knowledge.loaders.raw import RawFile, broken

MAX_OUTPUT_CHARS = 2_000
"""Most that is kept of what one cell printed; the rest is data, not text, and a notice says how often."""

TERMINAL_CODE = re.compile("[\x1b\x9b]\\[[0-9;?]*[A-Za-z]")
"""Colours and movements that programs print for a terminal."""


def load_notebook(file: RawFile) -> LoadedDocument:
    """The cells in order; row_key names them, as in "cell 3" and "cell 3 output", counted from 1.

    Raises LoadError when the file is empty or no notebook.
    """
    text, notices = decode_text(file)
    try:
        notebook = json.loads(text)
    except ValueError as error:
        raise broken(file.name, f"it is no JSON: {error}") from error
    path = HeadingPath()
    reader = _Cells(file, path)
    blocks = [
        block for number, cell in enumerate(_cells(file, notebook), start=1) for block in reader.read(number, cell)
    ]
    metadata = notebook.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return LoadedDocument(
        path=str(file.path),
        title=" ".join(clean(title).split())[:300]
        if isinstance(title, str) and title.strip()
        else path.first or file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=notices + reader.notices,
    )


def _cells(file: RawFile, notebook: object) -> list[dict[str, Any]]:
    """The cells of a notebook, in the formats 3 (which has them in worksheets) and 4."""
    if not isinstance(notebook, dict):
        raise broken(file.name, "it is JSON, but no notebook")
    sheets = [notebook, *(sheet for sheet in _list(notebook.get("worksheets")) if isinstance(sheet, dict))]
    if not any(isinstance(sheet.get("cells"), list) for sheet in sheets):
        raise broken(file.name, "it is JSON, but no notebook")
    return [cell for sheet in sheets for cell in _list(sheet.get("cells")) if isinstance(cell, dict)]


class _Cells:
    """Reads one cell after the other, under the headings of those before."""

    def __init__(self, file: RawFile, path: HeadingPath) -> None:
        self._file = file
        self._path = path
        self._cut = 0
        self._pictures = 0

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out of the cells read so far."""
        name, cut, pictures = self._file.name, self._cut, self._pictures
        return (
            *([f"Of {cut} outputs of {name} the first {MAX_OUTPUT_CHARS:,} characters are kept"] if cut else []),
            *([f"{name} has {pictures} pictures among its outputs, which cannot be searched"] if pictures else []),
        )

    def read(self, number: int, cell: dict[str, Any]) -> Iterator[Block]:
        """The blocks of one cell."""
        source = clean(_joined(cell.get("source", cell.get("input"))))
        key = f"cell {number}"
        if cell.get("cell_type") == "heading":
            source = f"{'#' * min(6, max(1, _int(cell.get('level'))))} {source}"
        if cell.get("cell_type") in ("markdown", "heading"):
            yield from self._markdown(source, key)
        elif source.strip():
            yield Block(text=source.strip("\n"), heading=str(self._path), row_key=key)
        for output in _list(cell.get("outputs")):
            text = self._output(output) if isinstance(output, dict) else ""
            if text:
                yield Block(text=text, heading=str(self._path), row_key=f"{key} output")

    def _markdown(self, source: str, key: str) -> Iterator[Block]:
        if not source.strip():
            return
        for block in load_markdown(replace(self._file, data=source.encode("utf-8", "replace"))).blocks:
            if block.is_heading:
                lines = block.text.strip().split("\n")
                level = len(lines[0]) - len(lines[0].lstrip("#")) or (1 if lines[-1].startswith("=") else 2)
                self._path.enter(level, lines[0].strip("# "))
            yield Block(text=block.text, heading=str(self._path), row_key=key, is_heading=block.is_heading)

    def _output(self, output: dict[str, Any]) -> str:
        """What a cell printed, as text."""
        data = output.get("data")
        shown = data if isinstance(data, dict) else output
        self._pictures += any(str(kind).startswith("image/") or kind in ("png", "jpeg", "svg") for kind in shown)
        parts = [_joined(output.get("ename")), _joined(output.get("evalue"))]
        text = ": ".join(filter(None, parts)) or _joined(shown.get("text/plain", shown.get("text")))
        text = clean(TERMINAL_CODE.sub("", text)).strip("\n")
        self._cut += len(text) > MAX_OUTPUT_CHARS
        return text[:MAX_OUTPUT_CHARS] if text.strip() else ""


def _joined(source: object) -> str:
    """A multi-line string of the notebook format: one string, or its lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _int(value: object) -> int:
    return value if isinstance(value, int) else 1
