"""A parsed unit with what every rule asks of it: who encloses a node, what a name was imported as, which scopes."""

import ast
from collections.abc import Iterator
from functools import cached_property

from workbench.core.analysis.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.Lambda | ast.Module

ROUTE_DECORATORS = frozenset({
    "route", "get", "post", "put", "patch", "delete", "api_view", "view_config", "expose", "action", "websocket",
    "csrf_exempt", "login_required", "require_http_methods", "require_POST", "require_GET", "endpoint", "view",
})  # fmt: skip
"""Last names of decorators that make a function a web handler (Flask, Django, FastAPI, Pyramid, Bottle, CherryPy)."""


class Module:
    """Parents, imports and scopes of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = source.tree
        self.parents: dict[ast.AST, ast.AST] = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }

    @cached_property
    def calls(self) -> list[ast.Call]:
        """Every call, in source order."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        return sorted(found, key=lambda call: (call.lineno, call.col_offset))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What each imported name stands for, e.g. `sp` for `subprocess`, `run` for `subprocess.run`."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    if name.asname:
                        found[name.asname] = name.name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    found[name.asname or name.name] = f"{node.module}.{name.name}"
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """First names of all imported modules."""
        names = {alias.name for node in ast.walk(self.tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {n.module for n in ast.walk(self.tree) if isinstance(n, ast.ImportFrom) and n.module and not n.level}
        return frozenset(name.split(".")[0] for name in names)

    def dotted(self, node: ast.AST) -> str:
        """The dotted name of a name, attribute or call's function, imports resolved; `?` stands for what has none.

        `sp.run` after `import subprocess as sp` is `subprocess.run`; `f(x).run` is `?.run`.
        """
        if isinstance(node, ast.Call):
            node = node.func
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        first = self.aliases.get(node.id, node.id) if isinstance(node, ast.Name) else "?"
        return ".".join([first, *reversed(parts)])

    def scope_of(self, node: ast.AST) -> Scope:
        """The innermost function or the module around a node."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, Function | ast.Lambda | ast.Module):
            current = self.parents.get(current)
        return current if current is not None else self.tree

    def statement_of(self, node: ast.AST) -> ast.stmt | None:
        """The statement that holds a node."""
        current: ast.AST | None = node
        while current is not None and not isinstance(current, ast.stmt):
            current = self.parents.get(current)
        return current

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, from the inside out."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def is_web_handler(self, scope: Scope) -> bool:
        """Whether a function answers web requests: by its decorators, or by a parameter named `request`."""
        if not isinstance(scope, Function):
            return False
        names = {self.dotted(decorator).rsplit(".", 1)[-1] for decorator in scope.decorator_list}
        return bool(names & ROUTE_DECORATORS) or "request" in parameters(scope)


def parameters(scope: Scope) -> list[str]:
    """Names of a function's parameters, without `self` and `cls`."""
    if isinstance(scope, ast.Module):
        return []
    given = scope.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return [argument.arg for argument in every if argument.arg not in {"self", "cls"}]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument, None when it is not given."""
    return next((given.value for given in call.keywords if given.arg == name), None)


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """An argument by position or by any of its names; None when it is not given, or hides behind a star."""
    before = call.args[: position + 1]
    if len(before) > position and not any(isinstance(given, ast.Starred) for given in before):
        return call.args[position]
    return next((value for name in names if (value := keyword(call, name)) is not None), None)


def constant(node: ast.AST | None) -> object:
    """The value of a literal; Ellipsis when it is none, so that a literal None can be told apart."""
    return node.value if isinstance(node, ast.Constant) else ...
