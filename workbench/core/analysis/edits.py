"""Small changes to a text by the places of its syntax tree, so that everything else stays as it was written."""

import ast
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Edit:
    """Replace the text from `start` to `end` (offsets in characters) by `text`."""

    start: int
    end: int
    text: str


class Places:
    r"""Turns the tree's places (line, column in UTF-8 bytes) into offsets in characters.

    The text has `\n` line ends only, as `source.read_source` makes them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """Offset of a place; lines count from 1, columns are UTF-8 bytes as `ast` counts them."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)

    def written(self, node: ast.expr | ast.stmt) -> str:
        """The node as it is written."""
        start, end = self.span(node)
        return self.text[start:end]

    def replacing(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The edit that puts `text` in a node's place."""
        return Edit(*self.span(node), text)


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text with all edits made; ValueError when two of them overlap."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True)
    for later, earlier in pairwise(ordered):
        if earlier.end > later.start:
            raise ValueError("two changes of the same place")
    for edit in ordered:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def add_imports(text: str, imports: list[str]) -> str:
    """The text with import lines that it lacks, after its docstring and `__future__` imports."""
    tree = ast.parse(text)
    present = {ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)}
    wanted = [line for line in dict.fromkeys(imports) if line not in present and not _brought(tree, line)]
    if not wanted:
        return text
    after = 0
    for index, node in enumerate(tree.body):
        docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not docstring and not isinstance(node, ast.Import | ast.ImportFrom):
            break
        after = node.end_lineno or node.lineno
    lines = text.split("\n")
    first = tree.body[0] if tree.body else None
    only_docstring = after and isinstance(first, ast.Expr) and after == first.end_lineno
    block = ["", *wanted] if only_docstring else [*wanted, ""] if not after else wanted
    return "\n".join([*lines[:after], *block, *lines[after:]])


def _brought(tree: ast.Module, line: str) -> bool:
    """Whether a module's imports already bring the names of an import line."""
    wanted = ast.parse(line).body[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and isinstance(wanted, ast.ImportFrom) and node.module == wanted.module:
            names = {(alias.name, alias.asname) for alias in node.names}
            if {(alias.name, alias.asname) for alias in wanted.names} <= names:
                return True
        if isinstance(node, ast.Import) and isinstance(wanted, ast.Import):
            names = {(alias.name, alias.asname) for alias in node.names}
            if {(alias.name, alias.asname) for alias in wanted.names} <= names:
                return True
    return False
