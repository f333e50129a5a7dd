"""The text an expression builds: what is written in the code, and the holes that are filled at run time.

`"SELECT a FROM t WHERE n = '%s'" % name` has the shape `SELECT a FROM t WHERE n = '`, hole(name), `'`. Rules about SQL,
commands, paths and HTML look at the text around a hole to say what filling it badly can do.
"""

import ast
import itertools
import re
from dataclasses import dataclass, replace
from typing import ClassVar

from workbench.core.analysis.flow import Atoms, Flow, strongest
from workbench.core.analysis.origins import Origin

MAX_SHAPES = 6
"""Alternatives followed for one expression, when branches build different texts."""

MAX_PIECES = 200
"""Texts and holes kept of one alternative."""

MAX_DEPTH = 16
"""Expressions within expressions that are followed."""

MAX_VISITS = 500
"""Expressions followed for one text: names that many branches change would otherwise be followed without end."""


@dataclass(frozen=True)
class Hole:
    """A place in a text that is filled at run time. `numeric` where the format only takes numbers (`%d`, `:d`)."""

    node: ast.expr
    atoms: Atoms
    numeric: bool = False
    use: ast.expr | None = None
    """The name under which it stands in the text, when it was followed from there to `node`."""

    @property
    def place(self) -> ast.expr:
        """The expression that stands in the text: `name` in `f"{name}"`, wherever its value comes from."""
        return self.use or self.node

    @property
    def origin(self) -> Origin:
        """How far what fills it may be under someone else's control."""
        return strongest(self.atoms)


Shape = tuple[str | Hole, ...]


def holes(shape: Shape) -> list[Hole]:
    """The holes of a shape."""
    return [piece for piece in shape if isinstance(piece, Hole)]


def literal(shape: Shape, gap: str = "\0") -> str:
    """The written text of a shape, with `gap` for each hole."""
    return "".join(piece if isinstance(piece, str) else gap for piece in shape)


def is_building(node: ast.AST) -> bool:
    """Whether an expression puts a text together: an f-string, `+`, `%`, `.format` or `.join`."""
    match node:
        case ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "format_map")):
            return True
        case _:
            return False


class Shapes:
    """Answers, for one module, what texts its expressions build."""

    KEEPING: ClassVar[frozenset[str]] = frozenset({
        "strip", "lstrip", "rstrip", "lower", "upper", "encode", "decode", "dedent", "text", "str", "unicode", "bytes",
        "expandtabs", "cleandoc", "Template", "SQL", "gettext", "_", "ugettext", "mark_safe", "Markup",
    })  # fmt: skip
    """Calls after which a text is still the same text."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._busy: set[int] = set()
        self._visits = 0
        self._made: list[ast.expr] = []

    def of(self, node: ast.expr | None, depth: int = 0) -> list[Shape]:
        """The alternative shapes of an expression's text; one hole where nothing is known of it."""
        if node is None:
            return []
        self._visits = self._visits + 1 if depth else 0
        if depth > MAX_DEPTH or self._visits > MAX_VISITS or id(node) in self._busy:
            return [self._hole(node)]
        self._busy.add(id(node))
        try:
            found = self._of(node, depth + 1)
        finally:
            self._busy.discard(id(node))
        unique = list(dict.fromkeys(_joined(shape) for shape in found))
        return unique[:MAX_SHAPES] or [self._hole(node)]

    def _hole(self, node: ast.expr, *, numeric: bool = False) -> Shape:
        return (Hole(node, self.flow.atoms(node), numeric),)

    def _of(self, node: ast.expr, depth: int) -> list[Shape]:  # noqa: C901, PLR0911 - one case per kind of expression
        match node:
            case ast.Constant(value=bytes() as value):
                return [(value.decode("latin-1"),)]
            case ast.Constant(value=value):
                return [(str(value),)]
            case ast.JoinedStr():
                return _product([self._of_format_part(part, depth) for part in node.values])
            case ast.BinOp(op=ast.Add()):
                return _product([self.of(node.left, depth), self.of(node.right, depth)])
            case ast.BinOp(op=ast.Mod()):
                return self._of_percent(node, depth)
            case ast.BinOp(op=ast.Mult()):
                return self._of_repeat(node, depth)
            case ast.IfExp():
                return self.of(node.body, depth) + self.of(node.orelse, depth)
            case ast.BoolOp():
                return [shape for value in node.values for shape in self.of(value, depth)]
            case ast.Name():
                return self._of_name(node, depth)
            case ast.Call():
                return self._of_call(node, depth)
            case ast.NamedExpr() | ast.Await():
                return self.of(node.value, depth)
            case _:
                return [self._hole(node)]

    def _of_format_part(self, part: ast.expr, depth: int) -> list[Shape]:
        if not isinstance(part, ast.FormattedValue):
            return self.of(part, depth)
        spec = ast.unparse(part.format_spec) if part.format_spec else ""
        if re.search(r"[dxXbofeEgGn%]'$", spec):
            return [self._hole(part.value, numeric=True)]
        return self.of(part.value, depth)

    def _of_repeat(self, node: ast.BinOp, depth: int) -> list[Shape]:
        """A constant text times a number is as constant as the text."""
        left = node.left.elts[0] if isinstance(node.left, ast.List) and len(node.left.elts) == 1 else node.left
        shapes = self.of(left, depth)
        return shapes if all(not holes(shape) for shape in shapes) else [self._hole(node)]

    def _of_percent(self, node: ast.BinOp, depth: int) -> list[Shape]:
        values, named = _percent_values(node.right)
        found: list[Shape] = []
        for template in self.of(node.left, depth):
            if not any(isinstance(piece, str) and piece for piece in template):
                return [self._hole(node)]
            found += self._filled(template, values, named, depth)
        return found

    def _filled(self, template: Shape, values: list[ast.expr], named: dict[str, ast.expr], depth: int) -> list[Shape]:
        parts: list[list[Shape]] = []
        rest = iter(values)
        for piece in template:
            if isinstance(piece, Hole):
                parts.append([(piece,)])
                continue
            position = 0
            for match in _PERCENT.finditer(piece):
                parts.append([(piece[position : match.start()],)])
                position = match.end()
                if match["kind"] == "%":
                    parts.append([("%",)])
                    continue
                value = (
                    self._named(match["name"], named) if match["name"] else next(rest, values[-1] if values else None)
                )
                numeric = match["kind"] in "diouxXeEfFgG"
                parts.append(
                    [self._hole(value, numeric=True)] if value and numeric else self.of(value, depth) or [("",)]
                )
            parts.append([(piece[position:],)])
        return _product(parts)

    def _named(self, name: str, named: dict[str, ast.expr]) -> ast.expr | None:
        """The value of a named place: its own, or that of the mapping given for all; `locals()` gives the variable."""
        mapping = named.get("*")
        if name in named or mapping is None:
            return named.get(name)
        module = self.flow.module
        if isinstance(mapping, ast.Call) and module.dotted(mapping) in {"locals", "vars"} and name.isidentifier():
            variable = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), mapping)
            module.parents[variable] = mapping
            self._made.append(variable)
            return variable
        return mapping

    def _of_call(self, node: ast.Call, depth: int) -> list[Shape]:
        last = self.flow.module.dotted(node).rsplit(".", 1)[-1]
        if isinstance(node.func, ast.Attribute):
            if last in {"format", "format_map"}:
                return self._of_format(node, depth)
            if last == "join" and isinstance(node.func.value, ast.Constant) and len(node.args) == 1:
                return self._of_join(node, depth)
            if last == "replace" or (last in self.KEEPING and not node.args):
                return self.of(node.func.value, depth)
        if last in self.KEEPING and node.args:
            return self.of(node.args[0], depth)
        return [self._hole(node)]

    def _of_format(self, node: ast.Call, depth: int) -> list[Shape]:
        assert isinstance(node.func, ast.Attribute)
        named = {word.arg or "*": word.value for word in node.keywords}
        found: list[Shape] = []
        for template in self.of(node.func.value, depth):
            if not any(isinstance(piece, str) and piece for piece in template):
                return [self._hole(node)]
            parts: list[list[Shape]] = []
            count = itertools.count()
            for piece in template:
                if isinstance(piece, Hole):
                    parts.append([(piece,)])
                else:
                    parts += self._format_parts(piece, node, named, count, depth)
            found += _product(parts)
        return found

    def _format_parts(
        self, text: str, node: ast.Call, named: dict[str, ast.expr], count: "itertools.count[int]", depth: int
    ) -> list[list[Shape]]:
        parts: list[list[Shape]] = []
        position = 0
        for match in _BRACES.finditer(text):
            parts.append([(text[position : match.start()],)])
            position = match.end()
            if match["twice"]:
                parts.append([(match["twice"][0],)])
                continue
            key = re.split(r"[.\[]", match["name"])[0]
            index = next(count) if not key else int(key) if key.isdigit() else None
            value = self._named(key, named) if index is None else node.args[index] if index < len(node.args) else None
            if value is None or isinstance(value, ast.Starred):
                value = node
            numeric = (match["spec"] or "").endswith(tuple("dxXfeEgGn"))
            parts.append([self._hole(value, numeric=numeric)] if numeric or value is node else self.of(value, depth))
        return [*parts, [(text[position:],)]]

    def _of_join(self, node: ast.Call, depth: int) -> list[Shape]:
        assert isinstance(node.func, ast.Attribute)
        assert isinstance(node.func.value, ast.Constant)
        given, between = node.args[0], str(node.func.value.value)
        if isinstance(given, ast.List | ast.Tuple) and not any(isinstance(e, ast.Starred) for e in given.elts):
            parts: list[list[Shape]] = []
            for element in given.elts:
                parts += [self.of(element, depth), [(between,)]]
            return _product(parts[:-1])
        if isinstance(given, ast.ListComp | ast.GeneratorExp):
            return [(*shape, between) for shape in self.of(given.elt, depth)]
        if isinstance(given, ast.BinOp) and isinstance(given.op, ast.Mult):
            return [(*shape, between) for shape in self._of_repeat(given, depth)]
        return [self._hole(node)] if self.flow.atoms(given) else [(between,)]

    def _of_name(self, node: ast.Name, depth: int) -> list[Shape]:
        definitions, certain = self.flow.reaching(node.id, node)
        if not definitions:
            return self._of_global(node, depth)
        found: list[Shape] = []
        added: list[list[Shape]] = []
        for definition in definitions[: MAX_SHAPES * 2]:
            if definition.value is None or definition.kind not in {"assign", "augment"}:
                found.append(self._hole(node)[:1])
            elif definition.kind == "augment":
                added.insert(0, self.of(definition.value, depth))
            else:
                found += self.of(definition.value, depth)
        if not certain and not found:
            found = [self._hole(node)]
        if added:
            return _product([found, *added])
        return [_used_as(shape, node) for shape in found]

    def _of_global(self, node: ast.Name, depth: int) -> list[Shape]:
        value = self.flow.global_value(node)
        return self.of(value, depth) if value is not None else [self._hole(node)]


_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)
_BRACES = re.compile(r"(?P<twice>\{\{|\}\})|\{(?P<name>[^{}:!]*)(?:![rsa])?(?::(?P<spec>[^{}]*(?:\{[^{}]*\})?))?\}")


def _percent_values(node: ast.expr) -> tuple[list[ast.expr], dict[str, ast.expr]]:
    if isinstance(node, ast.Tuple):
        return list(node.elts), {}
    if isinstance(node, ast.Dict):
        named = {key.value: value for key, value in zip(node.keys, node.values, strict=True)
                 if isinstance(key, ast.Constant) and isinstance(key.value, str)}  # fmt: skip
        return [], named
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return [], {word.arg: word.value for word in node.keywords if word.arg}
    return [node], {"*": node}


def _product(parts: list[list[Shape]]) -> list[Shape]:
    """Every way to put the parts' alternatives in a row, MAX_SHAPES at most."""
    found: list[Shape] = [()]
    for alternatives in parts:
        found = [(*before, *after)[:MAX_PIECES] for before in found for after in alternatives or [()]][:MAX_SHAPES]
    return found


def _used_as(shape: Shape, name: ast.Name) -> Shape:
    """A shape that is nothing but one hole, as it stands where `name` is used."""
    only = shape[0] if len(shape) == 1 else None
    return (replace(only, use=name),) if isinstance(only, Hole) else shape


def _joined(shape: Shape) -> Shape:
    """The shape with neighbouring texts put together."""
    pieces: list[str | Hole] = []
    for piece in shape:
        if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += piece
        elif piece != "":
            pieces.append(piece)
    return tuple(pieces) or ("",)
