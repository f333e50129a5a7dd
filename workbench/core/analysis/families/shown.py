"""Errors shown to the client: a trace, or the text of an exception that the program did not mean for it (CWE-209)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import inside
from workbench.core.analysis.module import Function, parameters
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "shown"

TRACE_RULE = Rule(
    "trace-shown", "CWE-209", "Trace of an error is sent to the client", Severity.MEDIUM,
    "It tells files, versions, queries and values of variables, which make the next attempt easier.",
    "Log the error under a number, and answer with that number only.",
)  # fmt: skip
TEXT_RULE = Rule(
    "error-text-shown", "CWE-209", "Text of any error is sent to the client", Severity.LOW,
    "The text of an unforeseen error tells paths, queries or addresses of the inside.",
    "Log the error under a number, and answer with that number only; show texts of your own exceptions.",
)  # fmt: skip

TRACES = frozenset({"traceback.format_exc", "traceback.format_exception", "traceback.format_tb", "format_exc"})
ANY_ERROR = re.compile(
    r"(?:^|\.)(?:Exception|BaseException|InternalServerError|SQLAlchemyError|DatabaseError|OperationalError|"
    r"ProgrammingError|OSError|IOError|PyMongoError|500)$|^(?:sqlite3|psycopg2?|pymysql|MySQLdb|mysql\.connector)\.Error$"
)
"""Exceptions whose text nobody wrote for a client."""

HANDLING = frozenset({"errorhandler", "app_errorhandler", "exception_handler"})
"""Decorators of functions that answer for an error."""

SENDING = frozenset({"HTTPException", "abort", "flash", "send_error", "HTTPError"})
"""Calls that hand a text to the client without being returned."""

CALLS_OF_TEXT = frozenset({"str", "repr", "format", "HttpResponse", "Response", "make_response", "jsonify"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """What handlers of requests and of errors answer."""
    for function in ast.walk(scan.module.tree):
        if isinstance(function, Function) and (scan.module.is_web_handler(function) or _answers(scan, function)):
            for node in _sent(scan, function):
                yield from _at(scan, function, node)


def _sent(scan: Scan, function: Function) -> Iterator[ast.expr]:
    """Expressions that become an answer: what is returned, and arguments of calls that send."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None and scan.module.scope_of(node) is function:
            yield node.value
        elif isinstance(node, ast.Call) and scan.module.dotted(node).rsplit(".", 1)[-1] in SENDING:
            yield node


def _at(scan: Scan, function: Function, sent: ast.expr) -> Iterator[Match]:
    parts = list(inside(scan.flow, sent))
    if any(isinstance(part, ast.Call) and scan.module.dotted(part) in TRACES for part in parts):
        yield Match(TRACE_RULE, sent, 0.85)
        return
    caught = _caught(scan, function, sent)
    if caught and any(_tells(scan, part, caught) for part in parts):
        yield Match(TEXT_RULE, sent, 0.6)


def _tells(scan: Scan, node: ast.expr, caught: frozenset[str]) -> bool:
    """Whether an expression is the text of a caught error."""
    match node:
        case ast.FormattedValue(value=ast.Name(id=name)) | ast.Attribute(value=ast.Name(id=name), attr="args"):
            return name in caught
        case ast.BinOp(op=ast.Mod(), right=right):
            values = right.elts if isinstance(right, ast.Tuple) else [right]
            return any(isinstance(value, ast.Name) and value.id in caught for value in values)
        case ast.Call():
            if scan.module.dotted(node).rsplit(".", 1)[-1] not in CALLS_OF_TEXT:
                return False
            given = [*node.args, *(word.value for word in node.keywords)]
            return any(isinstance(value, ast.Name) and value.id in caught for value in given)
        case _:
            return False


def _caught(scan: Scan, function: Function, use: ast.expr) -> frozenset[str]:
    """Names that hold an error of any kind at `use`: of the clauses around it, and of a handler of errors."""
    names = {
        around.name
        for around in scan.module.enclosing(use)
        if isinstance(around, ast.ExceptHandler) and around.name and _is_any(scan, around.type)
    }
    if _answers(scan, function):
        names |= set(parameters(function)[-1:])
    return frozenset(names)


def _is_any(scan: Scan, caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is not None and ANY_ERROR.search(_kind(scan, kind)) for kind in kinds)


def _kind(scan: Scan, node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else scan.module.dotted(node)


def _answers(scan: Scan, function: Function) -> bool:
    """Whether a function is registered as the answer to any error."""
    return any(
        isinstance(decorator, ast.Call)
        and scan.module.dotted(decorator).rsplit(".", 1)[-1] in HANDLING
        and bool(decorator.args)
        and _is_any(scan, decorator.args[0])
        for decorator in function.decorator_list
    )
