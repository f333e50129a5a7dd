"""SQL built by formatting becomes a statement with placeholders and bound parameters."""

import ast
from dataclasses import dataclass, field

from workbench.core.analysis.edits import Edit
from workbench.core.analysis.families.sql import EXECUTORS, Position, positions
from workbench.core.analysis.repairs.base import Change, Site, format_string, quoted
from workbench.core.analysis.shapes import Hole, Shape, holes, is_building
from workbench.wording import counted

MARKS = {
    "sqlite3": "?", "aiosqlite": "?", "pyodbc": "?", "duckdb": "?", "psycopg": "%s", "psycopg2": "%s", "pymysql": "%s",
    "MySQLdb": "%s", "mysql": "%s", "pymssql": "%s", "django": "%s", "aiomysql": "%s", "asyncpg": "$",
}  # fmt: skip
"""Placeholder by driver (their paramstyle, DB-API 2.0, PEP 249)."""


def bind_values(site: Site) -> Change | str:
    """Values formatted into the statement become bound parameters; names and clauses cannot, and are left."""
    mark, known = _mark(site)
    if mark == "$":
        return "asyncpg numbers its placeholders and takes the values one by one; bind them by hand"
    for call in site.scan.module.calls:
        if site.name(call).rsplit(".", 1)[-1] not in EXECUTORS or len(call.args) != 1 or call.keywords:
            continue
        built = _built_at(site, call.args[0])
        if built is None:
            continue
        shapes = site.scan.shapes.of(built)
        if len(shapes) != 1:
            return "the statement has several forms, depending on a branch"
        bound = _bind(shapes[0], mark)
        if isinstance(bound, str):
            return bound
        after = site.places.span(call.args[0])[1]
        values = f"({', '.join(bound.values)}{',' if len(bound.values) == 1 else ''})"
        edits = [site.places.replacing(built, quoted(bound.text)), Edit(after, after, f", {values}")]
        sentence = counted(
            len(bound.values),
            "value of the statement became a bound parameter",
            "values of the statement became bound parameters",
        )
        return Change(
            edits, sentence if known else f"{sentence}; the placeholder is {mark}, check that your driver's is"
        )
    return "the statement is not run by a call in the same unit that takes nothing else"


def _mark(site: Site) -> tuple[str, bool]:
    """The placeholder, and whether the driver is known from the imports."""
    for module in sorted(site.scan.module.imported):
        if module in MARKS:
            return MARKS[module], True
    return ("?", False) if "sqlite" in site.places.text.lower() else ("%s", False)


def _built_at(site: Site, given: ast.expr) -> ast.expr | None:
    """The expression that builds the statement at the finding's lines: the argument, or what its name was given."""
    if is_building(given):
        return given if site.holds(given) else None
    if isinstance(given, ast.Name):
        definitions, certain = site.scan.flow.reaching(given.id, given)
        if certain and len(definitions) == 1 and definitions[0].kind == "assign":
            value = definitions[0].value
            return value if value is not None and is_building(value) and site.holds(value) else None
    return None


@dataclass
class _Bound:
    """A statement being rewritten: its text so far and the values taken out of it."""

    mark: str
    text: str = ""
    values: list[str] = field(default_factory=list)


def _bind(shape: Shape, mark: str) -> _Bound | str:
    kinds = {id(hole): position for position, hole in positions(shape)}
    if any(kinds[id(hole)] is not Position.VALUE for hole in holes(shape)):
        return "a name or clause of the statement is put in too, and those cannot be bound; choose it from a fixed set"
    bound = _Bound(mark)
    pieces = list(shape)
    while pieces:
        piece = pieces.pop(0)
        if isinstance(piece, str):
            bound.text += _literal(piece, mark)
            continue
        reason = _take_out(bound, piece, pieces)
        if reason:
            return reason
    return bound


def _take_out(bound: _Bound, hole: Hole, rest: list[str | Hole]) -> str:
    """Put a placeholder for a hole, with the quotes around it; returns why it cannot be done, or nothing."""
    start = _open_quote(bound.text)
    if start < 0:
        bound.text += bound.mark
        bound.values.append(ast.unparse(hole.place))
        return ""
    before = bound.text[start + 1 :].replace("%%", "%")
    if not rest or not isinstance(rest[0], str) or "'" not in rest[0]:
        return "two values stand inside one pair of quotes"
    after, remaining = rest[0].split("'", 1)
    rest[0] = remaining
    bound.text = bound.text[:start] + bound.mark
    bound.values.append(_value(before, hole.place, after))
    return ""


def _value(before: str, node: ast.expr, after: str) -> str:
    if not before and not after:
        return ast.unparse(node)
    return format_string([before, node, after])


def _open_quote(text: str) -> int:
    """Where the single quote stands that is open at the end of a text; -1 when none is."""
    start = -1
    for index, character in enumerate(text):
        if character == "'":
            start = -1 if start >= 0 else index
    return start


def _literal(text: str, mark: str) -> str:
    return text.replace("%", "%%") if mark == "%s" else text
