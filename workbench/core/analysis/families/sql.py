"""SQL put together by formatting (CWE-89): where a hole stands in the statement decides what can be done with it.

A hole where SQL expects a value should be a bound parameter. A hole where it expects a name (a table, a column) cannot
be bound, so it only matters when somebody else chooses the name. Source of the positions: the grammar of
SQL:2016 as the common engines implement it.
"""

import ast
import re
from collections.abc import Iterator
from enum import Enum

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atoms, strongest
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import Hole, Shape, holes, is_building, literal
from workbench.core.evidence import Severity

TOPIC = "sql"

VALUE_RULE = Rule(
    "sql-value-formatted",
    "CWE-89",
    "SQL statement with a value formatted into it",
    Severity.HIGH,
    "Whoever controls the value can end the literal and go on in SQL: read, change or delete other rows.",
    "Put a placeholder where the value stands and hand the value to execute() as a bound parameter.",
)
NAME_RULE = Rule(
    "sql-name-formatted",
    "CWE-89",
    "SQL statement with a name or clause formatted into it",
    Severity.MEDIUM,
    "A table, column or clause cannot be bound; whoever chooses it chooses part of the statement.",
    "Take the name from a fixed set of allowed names, or quote it with the driver's identifier quoting.",
)
UNSEEN_RULE = Rule(
    "sql-template-formatted",
    "CWE-89",
    "Formatted text is executed as SQL",
    Severity.MEDIUM,
    "The statement itself is defined elsewhere, but it is filled by formatting instead of by the driver.",
    "Hand the values to execute() as bound parameters.",
)

EXECUTORS = frozenset({
    "execute", "executemany", "executescript", "exec_driver_sql", "execute_sql", "executeQuery", "execute_query",
    "read_sql", "read_sql_query", "fetchrow", "fetchval", "fetch_all", "fetch_one", "mogrify", "RawSQL", "raw",
    "runQuery", "runOperation", "query", "exec", "prepare", "callproc", "sql", "execute_async", "select_all",
})  # fmt: skip
"""Last names of calls that take a statement (DB-API 2.0, Django, SQLAlchemy, asyncpg, Twisted, Spark)."""

STRICT_EXECUTORS = frozenset({"execute", "executemany", "executescript", "exec_driver_sql", "RawSQL"})
"""Those that are so used for SQL alone that a formatted text of unseen content counts."""

SPEAKING = frozenset({
    "print", "debug", "info", "warning", "warn", "error", "critical", "exception", "log", "write", "append", "len",
    "format", "join", "repr", "pprint", "echo", "say", "reply", "msg", "send", "isinstance", "strip", "encode",
    "add_argument", "skip", "fail", "assertEqual", "startswith", "endswith", "split", "replace",
})  # fmt: skip
"""Calls that show or handle a text but do not run it."""

QUOTERS = frozenset({
    "escape_string", "quote_ident", "Identifier", "Literal", "literal", "quote_identifier", "real_escape_string",
    "mogrify", "quote_name", "Placeholder", "adapt", "sqlescape", "escape_sql", "quote_literal", "quoteident",
    "format_dialect", "escape_name", "QuotedString", "escapestr",
})  # fmt: skip
"""Calls whose result a driver made fit to stand in SQL."""

_STARTS = re.compile(
    r"\s*\(?\s*(?:select\b.*?\bfrom\b|select\s+[\w.]+\s*\(|insert\s+(?:or\s+\w+\s+|ignore\s+)?into\b|replace\s+into\b"
    r"|update\s+[^\s]+(?:\s+\w+)?\s+set\b|delete\s+from\b|truncate\s+(?:table\s+)?\S|merge\s+into\b"
    r"|create\s+(?:\w+\s+){0,3}(?:table|database|user|role|index|view|schema|function|trigger|sequence)\b"
    r"|drop\s+(?:table|database|user|role|index|view|schema|function|trigger|sequence)\b"
    r"|alter\s+(?:table|database|user|role|view|schema|sequence|system)\b|grant\s+.+?\bto\b|revoke\s+.+?\bfrom\b"
    r"|with\s+(?:recursive\s+)?\w+.*?\bas\s*\(|call\s+\w+\s*\(|pragma\s+\w|show\s+(?:tables|columns|create)\b"
    r"|copy\s+.+?\b(?:from|to)\b|lock\s+tables?\b|attach\s+database\b|load\s+data\b|set\s+(?:session|global)\b)",
    re.IGNORECASE | re.DOTALL,
)
_TITLE_CASE = re.compile(r"\s*[A-Z][a-z]")
_CLAUSE = re.compile(r"\b(?:where|and|or|having|order\s+by|group\s+by|limit|values|set|from)\b", re.IGNORECASE)
_KEYWORD = re.compile(
    r"\b(select|distinct|from|join|into|update|set|table|where|and|or|on|having|values?|by|limit|offset|in|like|ilike|"
    r"between|database|schema|view|index|user|role|returning|add|column|rename|to|as|exists|truncate|case|when|then|"
    r"else|top|interval|regexp|rlike|match|against|not|is|key|references|pragma|call|identified|password)\b",
    re.IGNORECASE,
)
_NAMING = frozenset({
    "select", "distinct", "from", "join", "into", "update", "table", "by", "database", "schema", "view", "index",
    "user", "role", "returning", "add", "column", "rename", "to", "as", "exists", "truncate", "key", "references",
    "pragma", "call", "on",
})  # fmt: skip
_VALUING = frozenset({
    "values", "value", "limit", "offset", "like", "ilike", "between", "then", "else", "when", "top", "interval",
    "regexp", "rlike", "match", "against", "is", "password", "identified",
})  # fmt: skip


class Position(Enum):
    """What SQL expects where a hole stands."""

    VALUE = "value"
    NAME = "name"
    CLAUSE = "clause"


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Statements built by formatting: first where they are handed to a call, then where they are merely built."""
    seen: set[int] = set()
    for call in scan.module.calls:
        yield from _in_call(scan, call, seen)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.expr) and is_building(node) and not _inside_building(scan, node):
            yield from _built(scan, node, seen)


def _in_call(scan: Scan, call: ast.Call, seen: set[int]) -> Iterator[Match | Examined]:
    last = scan.module.dotted(call).rsplit(".", 1)[-1]
    if last in SPEAKING or last.endswith(("Error", "Exception", "Warning")) or _is_building_call(call):
        return
    executes = last in EXECUTORS
    given = [*call.args, *(word.value for word in call.keywords)]
    for position, value in enumerate(given):
        if isinstance(value, ast.Starred | ast.Constant | ast.Lambda):
            continue
        for shape in scan.shapes.of(value):
            if not holes(shape):
                if looks_like_sql(shape):
                    yield _looked_at(value)
                continue
            if looks_like_sql(shape) or (executes and position == 0 and _is_fragment(shape)):
                yield _looked_at(call)
                yield from _judge(scan, shape, seen, executes=executes)
            elif last in STRICT_EXECUTORS and position == 0:
                yield from _unseen(scan, call, value, shape, seen)


def _looked_at(node: ast.expr | ast.stmt) -> Examined:
    return Examined(topic=TOPIC, line_start=node.lineno, line_end=node.end_lineno or node.lineno)


def _unseen(scan: Scan, call: ast.Call, value: ast.expr, shape: Shape, seen: set[int]) -> Iterator[Match | Examined]:
    """`execute(QUERY % name)` where QUERY is not in this unit."""
    hole = shape[0]
    if len(shape) != 1 or not isinstance(hole, Hole) or not _is_formatting(hole.node):
        return
    statement = scan.module.statement_of(hole.node)
    if statement is None or id(statement) in seen or _is_driver_composed(scan, hole.node):
        return
    atoms = frozenset(atom for atom in hole.atoms if not atom.calls & QUOTERS)
    if strongest(atoms) >= Origin.UNKNOWN:
        seen.add(id(statement))
        yield Match(UNSEEN_RULE, hole.node, 0.5 * SURE_OF[strongest(atoms)] + 0.1, f"filled with {describe(atoms)}")


def _built(scan: Scan, node: ast.expr, seen: set[int]) -> Iterator[Match | Examined]:
    shown = _is_only_shown(scan, node)
    for shape in scan.shapes.of(node):
        if shown or not holes(shape) or _TITLE_CASE.match(literal(shape)):
            yield _looked_at(node)
        elif looks_like_sql(shape):
            yield from _judge(scan, shape, seen, executes=False)


def looks_like_sql(shape: Shape) -> bool:
    """Whether a text begins like an SQL statement."""
    return bool(_STARTS.match(literal(shape)[:2000]))


def _is_fragment(shape: Shape) -> bool:
    return len(literal(shape, "").strip()) > 6 and bool(_CLAUSE.search(literal(shape)))


def _judge(scan: Scan, shape: Shape, seen: set[int], *, executes: bool) -> Iterator[Match | Examined]:
    """One match per statement that puts the SQL together, for its worst hole; harmless ones are marked as examined."""
    worst: dict[int, Match] = {}
    for position, hole in positions(shape):
        statement = scan.module.statement_of(hole.place)
        if statement is None or id(statement) in seen:
            continue
        yield _looked_at(statement)
        match = _judge_hole(scan, position, hole, executes=executes)
        if match and (id(statement) not in worst or _rank(match) > _rank(worst[id(statement)])):
            worst[id(statement)] = match
    seen.update(worst)
    yield from worst.values()


def _rank(match: Match) -> tuple[int, float]:
    return (match.severity or match.rule.severity).rank, match.confidence


def _judge_hole(scan: Scan, position: Position, hole: Hole, *, executes: bool) -> Match | None:
    atoms = frozenset(atom for atom in hole.atoms if atom.origin >= Origin.CONFIG and not atom.calls & QUOTERS)
    origin = strongest(atoms)
    node = _building_around(scan, hole.place)
    if origin < Origin.CONFIG or _is_driver_composed(scan, hole.place):
        return None
    if position is Position.VALUE:
        return _judge_value(node, hole, atoms, executes=executes)
    atoms = frozenset(atom for atom in atoms if not atom.is_field)
    origin = strongest(scan.unchecked(atoms, hole.place))
    if origin < Origin.UNKNOWN:
        return None
    severity = Severity.HIGH if origin is Origin.REQUEST else Severity.MEDIUM
    sure = SURE_OF[origin] * (0.8 if origin >= Origin.PARAMETER else 0.6)
    return Match(NAME_RULE, node, sure, f"its {position.value} is {describe(atoms)}", severity)


def _judge_value(node: ast.expr, hole: Hole, atoms: Atoms, *, executes: bool) -> Match:
    origin = strongest(atoms)
    sure = max(SURE_OF[origin], 0.4) * (1.0 if executes else 0.85)
    if hole.numeric:
        detail = f"the format only lets numbers through, so {describe(atoms)} cannot break out; bind it all the same"
        return Match(VALUE_RULE, node, 0.4, detail, Severity.LOW)
    severity = Severity.MEDIUM if origin is Origin.CONFIG else Severity.HIGH
    return Match(VALUE_RULE, node, sure, f"the value is {describe(atoms)}", severity)


def positions(shape: Shape) -> Iterator[tuple[Position, Hole]]:
    """Each hole of a statement with what SQL expects there."""
    before = ""
    for index, piece in enumerate(shape):
        if isinstance(piece, str):
            before += piece
        else:
            yield _position(before, literal(shape[index + 1 :])), piece
            before += "\0"


def _position(before: str, after: str) -> Position:  # noqa: PLR0911 - a decision list, first match wins
    outside, quoted = _outside_quotes(before)
    if quoted == "'":
        return Position.VALUE
    if re.search(r"(?:[=<>~]|\b(?:like|ilike|regexp|rlike|between|limit|offset|values?))\s*\(?\s*$", outside, re.I):
        return Position.VALUE
    if outside.rstrip().endswith(("`", "[", ".")) or quoted == "`":
        return Position.NAME
    words = [match[1].lower() for match in _KEYWORD.finditer(outside)]
    last = words[-1] if words else ""
    if quoted == '"':
        return Position.NAME if last in _NAMING else Position.VALUE
    if last in _VALUING or (last == "in" and "(" in outside[outside.lower().rfind("in") :]):
        return Position.VALUE
    if last == "and" and "between" in words[-3:]:
        return Position.VALUE
    if last in _NAMING or re.match(r"\s*(?:[=<>!]|\b(?:like|in|is|between)\b)", after, re.IGNORECASE):
        return Position.NAME
    if re.search(r"\w\s*\(\s*$", outside) and last in {"where", "and", "or", "having"}:
        return Position.VALUE
    return Position.CLAUSE


def _outside_quotes(text: str) -> tuple[str, str]:
    """The text without what stands in closed quotes, and the quote that is open at its end, if any."""
    outside, quote = "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        else:
            outside += character
    return outside, quote


def _building_around(scan: Scan, node: ast.expr) -> ast.expr:
    """The outermost text-building expression around a node, within its statement."""
    best: ast.expr = node
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.stmt):
            break
        if isinstance(around, ast.expr) and is_building(around):
            best = around
    return best


def _inside_building(scan: Scan, node: ast.expr) -> bool:
    return any(isinstance(around, ast.expr) and is_building(around) for around in _within_statement(scan, node))


def _within_statement(scan: Scan, node: ast.AST) -> Iterator[ast.AST]:
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.stmt):
            return
        yield around


def _is_only_shown(scan: Scan, node: ast.expr) -> bool:
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.Call) and scan.module.dotted(around).rsplit(".", 1)[-1] in SPEAKING:
            return True
        if isinstance(around, ast.Raise | ast.Assert):
            return True
        if isinstance(around, ast.stmt):
            return False
    return False


def _is_building_call(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"format", "join", "format_map"}


def _is_formatting(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(op=ast.Mod()):
            return True
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
        case _:
            return False


def _is_driver_composed(scan: Scan, node: ast.expr) -> bool:
    """Whether psycopg's `sql.SQL(...)` composes it, which quotes what it is given."""
    for part in (node, *_within_statement(scan, node)):
        if isinstance(part, ast.Call):
            receiver = part.func.value if isinstance(part.func, ast.Attribute) else None
            if isinstance(receiver, ast.Call) and scan.module.dotted(receiver).endswith("sql.SQL"):
                return True
    return False
