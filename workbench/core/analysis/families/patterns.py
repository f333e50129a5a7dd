"""Regular expressions as they are written: ones that can take exponential time, and ones that let too much through."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.core.analysis.ambiguity import exponential
from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import Function, argument
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import holes, literal
from workbench.core.evidence import Severity

TOPIC = "patterns"

SLOW_RULE = Rule(
    "pattern-exponential", "CWE-1333", "Regular expression can take exponential time", Severity.MEDIUM,
    "A loop in it reads the same text in two ways; on a text that does not match in the end, each further character "
    "doubles the work, so that a short text keeps the program busy for hours.",
    "Make each round of the loop begin with something that cannot stand inside it, or limit the length of the text "
    "first; google-re2 needs linear time for every pattern.",
)  # fmt: skip
OPEN_RULE = Rule(
    "pattern-open-end", "CWE-625", "Pattern that guards a value leaves its end open", Severity.LOW,
    "match() and search() are content with the beginning; whatever follows it passes too.",
    "Use fullmatch().",
)  # fmt: skip
DOT_RULE = Rule(
    "pattern-dot-not-escaped", "CWE-625", "Dot of a name stands for any character in the pattern", Severity.LOW,
    "`example.com` as a pattern also matches `exampleXcom`, a name that somebody else can have.",
    r"Write `\.`, or put fixed names through re.escape().",
)  # fmt: skip

PATTERN_CALLS = frozenset({
    "re.compile", "re.match", "re.search", "re.fullmatch", "re.findall", "re.finditer", "re.sub", "re.subn", "re.split",
    "django.core.validators.RegexValidator", "RegexValidator", "django.urls.re_path", "re_path",
})  # fmt: skip
GUARDS = frozenset({"re.match", "re.search"})
FLAGS = {name: getattr(re, name) for name in ("A", "ASCII", "I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "X",
                                              "VERBOSE", "U", "UNICODE")}  # fmt: skip

_UNESCAPED = re.compile(
    r"(?<!\\)\.(?:com|org|net|edu|gov|io|de|uk|pdf|png|jpe?g|gif|docx?|xlsx?|csv|zip|exe|html?)(?![A-Za-z0-9\]])"
)
"""A dot before a well-known ending, without a backslash before it."""

_POINTLESS_REPEAT = re.compile(r"(?:\[(?!\^)(?:\\.|[^\]\\])+\]|\\[dw])(?:\+|\{\d+,\d*\})\)?$")
"""A repeated class at the very end: without an end mark one character does as well, so the end was meant."""

ANSWERS = re.compile(r"^(?:is_|has_|can_|valid|check|allow|match)|valid|allowed")
"""Names of functions whose truth value is an answer about what they are given."""


@dataclass(frozen=True)
class Given:
    """A pattern that the code writes: its text, flags (None when they are not written) and the call it is given to."""

    call: ast.Call
    name: str
    text: str
    flags: int | None


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Every written pattern, looked at by itself, and those in conditions also for what they let through."""
    for call in scan.module.calls:
        given = _given(scan, call)
        if given is None:
            continue
        yield from _slow(given)
        yield from _dot(given)
        if given.name in GUARDS:
            yield from _open_end(scan, given, argument(call, 1, "string"))
    yield from _compiled(scan)


def _compiled(scan: Scan) -> Iterator[Match]:
    """Guards by the name of a compiled pattern: `NAME.match(value)`."""
    for call in scan.module.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"match", "search"} or not call.args:
            continue
        for made in values(scan.flow, call.func.value):
            given = _given(scan, made) if isinstance(made, ast.Call) else None
            if given is not None and given.name == "re.compile":
                yield from _open_end(scan, replace(given, call=call), call.args[0])


def _given(scan: Scan, call: ast.Call) -> Given | None:
    name = scan.module.dotted(call)
    node = argument(call, 0, "pattern", "regex", "route") if name in PATTERN_CALLS else None
    shapes = scan.shapes.of(node) if node is not None else []
    if len(shapes) != 1 or holes(shapes[0]):
        return None
    return Given(call, name, literal(shapes[0]), _flags(call, name))


def _flags(call: ast.Call, name: str) -> int | None:
    position = {"re.compile": 1, "re.sub": 4, "re.subn": 4, "re.split": 3}.get(name, 2)
    node = argument(call, position, "flags") if name.startswith("re.") else None
    if node is None:
        return 0
    words = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    if not words or any(word not in FLAGS for word in words):
        return None
    return int(sum({FLAGS[word] for word in words}))


def _slow(given: Given) -> Iterator[Match]:
    if given.flags is None:
        return
    found = exponential(given.text, given.flags, whole=given.name == "re.fullmatch")
    if found:
        end = f" and {found.end!r}" if found.end else ""
        start = f"{found.start!r}, then " if found.start else ""
        yield Match(SLOW_RULE, given.call, 0.8, f"the text {start}{found.pump!r} many times{end} shows it")


def _dot(given: Given) -> Iterator[Match]:
    spaced = given.flags is None or given.flags & re.VERBOSE or "(?x" in given.text
    if not spaced and given.name.startswith("re.") and _UNESCAPED.search(given.text):
        yield Match(DOT_RULE, given.call, 0.5, f"the pattern is {given.text[:60]!r}")


def _open_end(scan: Scan, given: Given, value: ast.expr | None) -> Iterator[Match]:
    if value is None or not _POINTLESS_REPEAT.search(given.text) or not _refuses(scan, given.call):
        return
    atoms = frozenset(atom for atom in scan.flow.atoms(value) if atom.origin >= Origin.PARAMETER)
    if atoms:
        severity = Severity.MEDIUM if strongest(atoms) is Origin.REQUEST else Severity.LOW
        detail = f"{describe(atoms)} is held against {given.text[:60]!r}"
        yield Match(OPEN_RULE, given.call, 0.7 * SURE_OF[strongest(atoms)], detail, severity)


def _refuses(scan: Scan, call: ast.Call) -> bool:
    """Whether the match decides by itself: `if not match: raise` and its like, or the answer of an `is_valid`."""
    child: ast.AST = call
    refused = False
    for around in scan.module.enclosing(call):
        match around:
            case ast.UnaryOp(op=ast.Not()) | ast.Compare(ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
                refused = True
            case (
                ast.BoolOp() | ast.Compare(comparators=[ast.Constant(value=None)]) | ast.Call(func=ast.Name(id="bool"))
            ):
                pass
            case ast.If(test=test) if test is child:
                return refused and _ends(around.body[-1])
            case ast.Return():
                scope = scan.module.scope_of(around)
                return child is not call and isinstance(scope, Function) and bool(ANSWERS.search(scope.name))
            case _:
                return False
        child = around
    return False


def _ends(statement: ast.stmt) -> bool:
    """Whether a branch ends by refusing: an exception, abort() or an early answer."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.func).rsplit(".", 1)[-1] in {"abort", "exit", "fail", "deny", "send_error"}
    return isinstance(statement, ast.Raise | ast.Return)
