"""Checks that look at a value in another form than the one that is used: decoded afterwards, or only for `..`."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.families.path import CLEANERS, JOINERS
from workbench.core.analysis.flow import Atom, strongest
from workbench.core.analysis.module import Scope
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan, describe
from workbench.core.evidence import Severity

TOPIC = "canonical"

LATE_RULE = Rule(
    "decoded-after-check", "CWE-180", "Value is checked first and decoded afterwards", Severity.MEDIUM,
    "What the check forbids comes encoded: `%2e%2e%2f` has no `../` in it until it is decoded.",
    "Decode and normalise first, once; then check, and use what was checked.",
)  # fmt: skip
ABSOLUTE_RULE = Rule(
    "path-absolute-passes", "CWE-36", "Only `..` is refused, and an absolute name drops the folder", Severity.HIGH,
    "Joined with an absolute path, the folder in front of it is left out: the name /etc/passwd is opened as it is.",
    "Resolve the joined path and check that it is below the folder (Path.is_relative_to), or use safe_join.",
)  # fmt: skip

DECODERS = frozenset({
    "urllib.parse.unquote", "urllib.parse.unquote_plus", "unquote", "unquote_plus", "urllib.unquote", "html.unescape",
    "unicodedata.normalize", "normalize", "base64.b64decode", "unescape",
})  # fmt: skip
"""Calls that give another form of a text, in which other characters stand."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Decoders whose text was checked before, and joins of a folder with a name that was checked for dots only."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        if dotted in DECODERS and call.args:
            yield from _late(scan, call, call.args[-1 if dotted.endswith("normalize") else 0])
        elif dotted in JOINERS:
            yield from _absolute(scan, call, call.args[1:])
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield from _absolute(scan, node, [node.right])


def _late(scan: Scan, call: ast.Call, given: ast.expr) -> Iterator[Match]:
    atoms = frozenset(atom for atom in scan.flow.atoms(given) if atom.origin is Origin.REQUEST)
    scope = scan.module.scope_of(call)
    before = [test for test in _refusing(scope) if test.lineno < call.lineno and _looks_inside(test)]
    after = [test for test in _tests(scope) if test.lineno >= call.lineno]
    names = _targets(scan, call) | {ast.unparse(call)}
    if atoms and _named(before) & _spellings(atoms) and not _named(after) & names:
        yield Match(LATE_RULE, call, 0.7, f"{describe(atoms)} is checked some lines above")


def _absolute(scan: Scan, join: ast.expr, names: list[ast.expr]) -> Iterator[Match]:
    if scan.checks.looks_at_result(join):
        return
    for given in names:
        atoms = frozenset(
            atom
            for atom in scan.flow.atoms(given)
            if atom.origin is Origin.REQUEST and not atom.calls & CLEANERS | atom.calls & {"lstrip"}
        )
        scope = scan.module.scope_of(join)
        about = [test for test in _tests(scope) if _named([test]) & _spellings(atoms)]
        dots = [test for test in about if _asks_for_dots(test)]
        if strongest(atoms) is Origin.REQUEST and dots and dots == about and not _is_checked(atoms):
            yield Match(ABSOLUTE_RULE, join, 0.75, f"the folder is joined with {describe(atoms)}")
            return


def _is_checked(atoms: frozenset[Atom]) -> bool:
    words = ("secure", "safe", "clean", "valid", "sanit", "check")
    return any(word in name.lower() for atom in atoms for name in atom.calls for word in words)


def _tests(scope: Scope) -> list[ast.expr]:
    """Conditions of a function."""
    kinds = (ast.If, ast.While, ast.IfExp, ast.Assert)
    return [node.test for node in ast.walk(scope) if isinstance(node, kinds)]


def _refusing(scope: Scope) -> list[ast.expr]:
    """Conditions under which the function ends: by an exception, an answer or abort()."""
    found = []
    for node in ast.walk(scope):
        if isinstance(node, ast.If):
            last = node.body[-1]
            aborts = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
            if isinstance(last, ast.Raise | ast.Return) or (aborts and "abort" in ast.unparse(last)):
                found.append(node.test)
    return found


def _looks_inside(test: ast.expr) -> bool:
    """Whether a condition asks what characters or parts a text has, not whether there is one or which it is."""
    return any(_is_look_inside(part) for part in ast.walk(test))


def _is_look_inside(part: ast.AST) -> bool:
    match part:
        case ast.Compare(
            left=ast.Constant() | ast.Name(), ops=[ast.In() | ast.NotIn(), *_], comparators=[ast.Name(), *_]
        ):
            return True
        case ast.Call(func=ast.Attribute(attr="match" | "search" | "fullmatch" | "startswith" | "endswith" | "find")):
            return True
        case _:
            return False


def _asks_for_dots(test: ast.expr) -> bool:
    """Whether a condition is nothing but `".." in name`, or a few of that kind."""
    if isinstance(test, ast.BoolOp):
        return all(_asks_for_dots(value) for value in test.values)
    if isinstance(test, ast.UnaryOp):
        return _asks_for_dots(test.operand)
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.In | ast.NotIn):
        return False
    return isinstance(test.left, ast.Constant) and test.left.value in {"..", "../", "..\\"}


def _named(tests: list[ast.expr]) -> set[str]:
    parts = (part for test in tests for part in ast.walk(test))
    return {
        ast.unparse(part) for part in parts if isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    }


def _spellings(atoms: frozenset[Atom]) -> set[str]:
    return {
        name for atom in atoms for name in (atom.root, *atom.through) if not name.endswith("()") or name == atom.root
    }


def _targets(scan: Scan, node: ast.AST) -> set[str]:
    statement = scan.module.statement_of(node)
    return {ast.unparse(target) for target in getattr(statement, "targets", [])}
