"""Whether the code looks at a value before it uses it: the checks that make a dangerous use harmless."""

import ast
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from workbench.core.analysis.flow import Atom, Flow
from workbench.core.analysis.module import Module
from workbench.core.analysis.origins import is_checking

TESTING_METHODS = frozenset({
    "isalnum", "isdigit", "isalpha", "isidentifier", "isnumeric", "isdecimal", "match", "fullmatch", "search",
    "startswith", "endswith", "is_relative_to", "commonpath", "commonprefix", "isabs", "relative_to", "realpath",
    "resolve",
})  # fmt: skip
"""Calls that look at what a value is made of; in a condition they are a check."""

WEAK_METHODS = frozenset({"startswith", "endswith"})
"""Those that look at one end only."""

RAISING_METHODS = frozenset({"relative_to"})
"""Those that raise when the check fails, so that they need no condition."""

ADDRESS_PARTS = frozenset({"scheme", "netloc", "hostname"})
"""Parts of a parsed address; comparing one is a check of the address."""


@dataclass(frozen=True)
class Check:
    """One check: where it stands and the expressions that it looks at."""

    line: int
    expressions: frozenset[str]
    weak: bool = False


class Checks:
    """Finds the checks of one module, by scope."""

    def __init__(self, module: Module, flow: Flow) -> None:
        self._module = module
        self._flow = flow

    @cached_property
    def _by_scope(self) -> dict[int, list[Check]]:
        found: dict[int, list[Check]] = defaultdict(list)
        for node in ast.walk(self._module.tree):
            looked_at = self._looked_at(node)
            if looked_at and isinstance(node, ast.expr):
                weak = isinstance(node, ast.Call) and self._last(node) in WEAK_METHODS
                found[id(self._module.scope_of(node))].append(Check(node.lineno, looked_at, weak))
        return found

    def _last(self, call: ast.Call) -> str:
        return self._module.dotted(call).rsplit(".", 1)[-1]

    def _looked_at(self, node: ast.AST) -> frozenset[str]:
        """Expressions that this node checks; empty when it is no check."""
        match node:
            case ast.Call():
                name = self._last(node)
                alone = self._stands_alone(node)
                if self._module.dotted(node) == "ast.walk" and self._allows_only_listed(node):
                    return _expressions(*node.args)
                if is_checking(name) and (alone or self._in_condition(node)):
                    return _expressions(*node.args, *(word.value for word in node.keywords))
                if (name in TESTING_METHODS and self._in_condition(node)) or (name in RAISING_METHODS and alone):
                    receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
                    return _expressions(*receiver, *node.args)
            case ast.Compare(ops=[ast.In() | ast.NotIn()]) if self._in_condition(node):
                return _expressions(node.left, *node.comparators) | self._address(node.left)
            case ast.Compare() if self._in_condition(node):
                return self._address(node.left)
        return frozenset()

    def _allows_only_listed(self, walk: ast.Call) -> bool:
        """Whether a walk over a syntax tree lets only listed kinds of nodes through; a list of forbidden ones leaks."""
        for around in self._module.enclosing(walk):
            if isinstance(around, ast.Call) and self._module.dotted(around) == "all":
                return "isinstance" in ast.unparse(around)
            if isinstance(around, ast.For) and around.iter is walk:
                tests = (node.test for node in ast.walk(around) if isinstance(node, ast.If))
                return any(ast.unparse(test).startswith("not isinstance") for test in tests)
            if isinstance(around, ast.stmt):
                return False
        return False

    def _address(self, node: ast.expr) -> frozenset[str]:
        """The address whose scheme or host a comparison looks at, through the name of its parsed form."""
        if not isinstance(node, ast.Attribute) or node.attr not in ADDRESS_PARTS:
            return frozenset()
        atoms = self._flow.atoms(node.value)
        return frozenset().union(*({atom.root} | atom.through for atom in atoms))

    def _stands_alone(self, node: ast.AST) -> bool:
        """Whether a call is made for its effect (it raises), not for its result."""
        around = self._module.parents.get(node)
        return isinstance(around, ast.Expr) or (isinstance(around, ast.Await) and self._stands_alone(around))

    def _in_condition(self, node: ast.AST) -> bool:
        child = node
        for around in self._module.enclosing(node):
            if isinstance(around, ast.If | ast.While | ast.IfExp | ast.Assert) and around.test is child:
                return True
            if isinstance(around, ast.comprehension) and child in around.ifs:
                return True
            if isinstance(around, ast.Return | ast.Assign):
                return isinstance(around, ast.Assign)
            child = around
        return False

    def covers(self, atom: Atom, use: ast.expr, *, strictly: bool = False) -> bool:
        """Whether a check before (or around) `use` looks at where the atom begins or at a name it went by, or whether
        it went through a function that says that it cleans. `strictly` leaves out checks of one end only.
        """
        if any(is_checking(name) for name in atom.calls):
            return True
        names = atom.through | {atom.root}
        return any(
            check.line <= use.lineno and check.expressions & names and not (strictly and check.weak)
            for check in self._by_scope.get(id(self._module.scope_of(use)), [])
        )

    def looks_at_result(self, use: ast.expr) -> bool:
        """Whether a later check looks at the name that `use` is assigned to: a path is joined first, then checked."""
        statement = self._module.statement_of(use)
        names = {ast.unparse(target) for target in getattr(statement, "targets", [])}
        checks = self._by_scope.get(id(self._module.scope_of(use)), [])
        return any(check.line >= use.lineno and check.expressions & names for check in checks)


def _expressions(*nodes: ast.expr) -> frozenset[str]:
    """Every name, attribute and element that stands in these expressions, as text."""
    return frozenset(
        ast.unparse(part)
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute | ast.Subscript)
    )
