"""Where the value of an expression comes from, within one unit: a flow analysis of one function at a time.

It follows assignments, loops, comprehensions and calls backwards from a use. Branches are joined (a value has all the
origins that any branch gives it), loops are walked once, and a call of an unknown function hands on the origins of
what it was given. This is cheap and neither sound nor complete; rules say how sure they are instead.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from workbench.core.analysis import origins
from workbench.core.analysis.bindings import Path, are_exclusive, bindings, field_of, names_of
from workbench.core.analysis.module import Function, Module, Scope, parameters
from workbench.core.analysis.origins import Origin

MAX_DEPTH = 24
"""Assignments and calls followed backwards from one use; real chains are shorter, and adversarial ones end here."""

MAX_ATOMS = 24
"""Origins kept for one value; beyond them the strongest are kept."""

SAFE_ANNOTATIONS = frozenset({"int", "float", "bool", "UUID", "uuid.UUID", "datetime", "date", "Decimal", "complex"})
PASSING = frozenset({
    "str", "list", "tuple", "set", "dict", "sorted", "reversed", "enumerate", "zip", "map", "filter", "range", "join",
    "format", "strip", "lower", "upper", "encode", "decode", "repeat", "chain", "dedent", "repr", "bytes", "frozenset",
    "split", "keys", "values", "items", "replace", "lstrip", "rstrip", "title", "capitalize", "splitlines", "copy",
    "text", "min", "max", "next", "iter",
})  # fmt: skip
"""Calls that give nothing but what they were given, so that of constants they give a constant."""


@dataclass(frozen=True)
class Atom:
    """One origin of a value: `root` is the expression it begins at, `through` the names it went by and
    the calls (`name()`) it went through.
    """

    origin: Origin
    root: str
    through: frozenset[str] = frozenset()
    got_by: str = ""
    """The last call on the way whose result need not be what it was given, as `requests.get`; empty where the value
    was only handed on. It says what the value is; how far it is under someone else's control is the origin's."""

    @property
    def calls(self) -> frozenset[str]:
        """Last names of the calls that it went through."""
        return frozenset(name[:-2] for name in self.through if name.endswith("()"))

    @property
    def is_field(self) -> bool:
        """Whether it begins at a field of the object itself."""
        return self.root.startswith(origins.FIELD_PREFIXES)

    @property
    def is_of_operator(self) -> bool:
        """Whether it begins at the command line or the keyboard: whoever starts the program may do as much anyway."""
        return any(word in self.root for word in origins.OPERATOR_WORDS)


Atoms = frozenset[Atom]
NOTHING: Atoms = frozenset()


@dataclass(frozen=True)
class Definition:
    """One place where a name gets a value."""

    order: int
    path: Path
    value: ast.expr | None
    kind: str
    """`assign`, `augment`, `item` (an element of the value), or `opaque`."""


def strongest(atoms: Atoms) -> Origin:
    """The strongest origin; CONSTANT for a value without any."""
    return max((atom.origin for atom in atoms), default=Origin.CONSTANT)


class Flow:
    """Answers, for one module, where values come from."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._busy: set[int] = set()
        self._known: dict[int, Atoms] = {}
        self._reaching: dict[tuple[str, int], tuple[list[Definition], bool]] = {}

    @cached_property
    def _order(self) -> dict[int, int]:
        statements = [node for node in ast.walk(self.module.tree) if isinstance(node, ast.stmt)]
        statements.sort(key=lambda statement: (statement.lineno, statement.col_offset))
        return {id(statement): number for number, statement in enumerate(statements)}

    @cached_property
    def _definitions(self) -> dict[int, dict[str, list[Definition]]]:
        """By scope and name, in source order."""
        found: dict[int, dict[str, list[Definition]]] = defaultdict(lambda: defaultdict(list))
        for node in ast.walk(self.module.tree):
            for target, value, kind in bindings(node):
                scope = self.module.scope_of(node)
                for name, direct in names_of(target):
                    found[id(scope)][name].append(self._definition(node, value, kind if direct else "item"))
        for names in found.values():
            for definitions in names.values():
                definitions.sort(key=lambda definition: definition.order)
        return found

    def _definition(self, node: ast.AST, value: ast.expr | None, kind: str) -> Definition:
        statement = node if isinstance(node, ast.stmt) else self.module.statement_of(node)
        order = self._order.get(id(statement), 0)
        inside = isinstance(node, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith)
        return Definition(order, self._path(node, into_body=inside), value, kind)

    def _path(self, node: ast.AST, *, into_body: bool = False) -> Path:
        """The branches around a node, from the outside in, within its scope. A `with` is no branch."""
        path: list[tuple[int, str]] = []
        child: ast.AST = node
        for parent in self.module.enclosing(node):
            if isinstance(parent, Function | ast.Lambda | ast.Module):
                break
            if isinstance(parent, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Try | ast.ExceptHandler):
                path.append((id(parent), field_of(parent, child)))
            child = parent
        if into_body and isinstance(node, ast.For | ast.AsyncFor):
            path.insert(0, (id(node), "body"))
        return tuple(reversed(path))

    def reaching(self, name: str, use: ast.AST) -> tuple[list[Definition], bool]:
        """Definitions of a local name that may hold at `use`, latest first, and whether one of them must."""
        key = (name, id(use))
        if key not in self._reaching:
            self._reaching[key] = self._look_back(name, use)
        return self._reaching[key]

    def _look_back(self, name: str, use: ast.AST) -> tuple[list[Definition], bool]:
        scope = self.module.scope_of(use)
        statement = self.module.statement_of(use)
        order = self._order.get(id(statement), 0)
        path = self._path(use)
        found: list[Definition] = []
        for definition in reversed(self._definitions.get(id(scope), {}).get(name, [])):
            if definition.order >= order or are_exclusive(definition.path, path):
                continue
            found.append(definition)
            if definition.kind != "augment" and path[: len(definition.path)] == definition.path:
                return found, True
        return found, False

    def atoms(self, node: ast.expr | None, depth: int = 0) -> Atoms:
        """All origins of an expression's value. Nothing at all means that it is constant."""
        if node is None or depth > MAX_DEPTH or id(node) in self._busy:
            return NOTHING
        if id(node) in self._known:
            return self._known[id(node)]
        self._busy.add(id(node))
        try:
            found = _bounded(self._atoms(node, depth))
        finally:
            self._busy.discard(id(node))
        self._known[id(node)] = found
        return found

    def _atoms(self, node: ast.expr, depth: int) -> Atoms:  # noqa: PLR0911 - one case per kind of expression
        match node:
            case ast.Constant() | ast.Lambda():
                return NOTHING
            case ast.Name():
                return self._of_name(node, depth)
            case ast.Attribute():
                return self._of_attribute(node, depth)
            case ast.Subscript():
                return self._of_subscript(node, depth)
            case ast.Call():
                return self._of_call(node, depth)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return frozenset({Atom(Origin.SAFE, "comparison")})
            case ast.IfExp():
                return self.atoms(node.body, depth + 1) | self.atoms(node.orelse, depth + 1)
            case ast.DictComp():
                return self.atoms(node.key, depth + 1) | self.atoms(node.value, depth + 1)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.atoms(node.elt, depth + 1)
            case _:
                return self._union(
                    (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)), depth
                )

    def _union(self, nodes: Iterable[ast.expr | None], depth: int) -> Atoms:
        return frozenset().union(*(self.atoms(node, depth + 1) for node in nodes))

    def _of_name(self, node: ast.Name, depth: int) -> Atoms:
        comprehension = self._comprehension_value(node)
        if comprehension is not None:
            return _by(self.atoms(comprehension, depth + 1), node.id)
        definitions, certain = self.reaching(node.id, node)
        found = NOTHING
        for definition in definitions:
            found |= _opaque(node.id) if definition.value is None else self.atoms(definition.value, depth + 1)
        if certain:
            return _by(found, node.id)
        return _by(found | self._from_outside(node, bool(definitions), depth), node.id)

    def _comprehension_value(self, node: ast.Name) -> ast.expr | None:
        """What a comprehension around the name draws it from."""
        for around in self.module.enclosing(node):
            if isinstance(around, ast.stmt):
                return None
            if isinstance(around, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                for generator in around.generators:
                    if node.id in {name for name, _ in names_of(generator.target)}:
                        return generator.iter
        return None

    def _from_outside(self, node: ast.Name, defined: bool, depth: int) -> Atoms:
        """Origins of a name that its own function does not surely define: parameters, outer scopes, the module."""
        scope: Scope = self.module.scope_of(node)
        while not isinstance(scope, ast.Module):
            if node.id in parameters(scope):
                return frozenset({Atom(self._parameter_origin(scope, node.id), node.id)})
            outer = self.module.scope_of(scope)
            if not isinstance(outer, ast.Module) and (values := self._definitions.get(id(outer), {}).get(node.id)):
                return self._union((definition.value for definition in values), depth)
            scope = outer
        return NOTHING if defined else self._of_global(node, depth)

    def _of_global(self, node: ast.Name, depth: int) -> Atoms:
        values = self._definitions.get(id(self.module.tree), {}).get(node.id, [])
        if values:
            found = self._union((definition.value for definition in values), depth)
            cap = Origin.CONFIG if node.id.isupper() else Origin.UNKNOWN
            return frozenset(replace(atom, origin=min(atom.origin, cap)) for atom in found)
        name = self.module.aliases.get(node.id, node.id)
        if node.id in {"self", "cls", "__file__", "__name__", "True", "False", "None"}:
            return frozenset({Atom(Origin.CONFIG, node.id)})
        if name in origins.REQUEST_NAMES:
            return frozenset({Atom(Origin.REQUEST, name)})
        return frozenset({Atom(Origin.CONFIG if node.id.isupper() else Origin.UNKNOWN, node.id)})

    def global_value(self, node: ast.Name) -> ast.expr | None:
        """What the module's one assignment to a name says, for a name that no function around it defines."""
        scope: Scope = self.module.scope_of(node)
        while not isinstance(scope, ast.Module):
            if node.id in parameters(scope) or node.id in self._definitions.get(id(scope), {}):
                return None
            scope = self.module.scope_of(scope)
        values = self._definitions.get(id(self.module.tree), {}).get(node.id, [])
        return values[0].value if len(values) == 1 and values[0].kind == "assign" else None

    def _parameter_origin(self, scope: Scope, name: str) -> Origin:
        if not isinstance(scope, ast.Module):
            every = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
            annotation = next((given.annotation for given in every if given.arg == name), None)
            if annotation is not None and ast.unparse(annotation) in SAFE_ANNOTATIONS:
                return Origin.SAFE
        return Origin.REQUEST if self.module.is_web_handler(scope) and name != "request" else Origin.PARAMETER

    def _of_attribute(self, node: ast.Attribute, depth: int) -> Atoms:
        dotted = self.module.dotted(node)
        if is_request(dotted) or dotted in origins.REQUEST_NAMES:
            return frozenset({Atom(Origin.REQUEST, dotted)})
        base = dotted.rsplit(".", 1)[0]
        if node.attr.isupper() or base in origins.SETTINGS_OBJECTS:
            return frozenset({Atom(Origin.CONFIG, dotted)})
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            origin = Origin.REQUEST if self._is_handlers(node) else Origin.UNKNOWN
            return frozenset({Atom(origin, dotted)})
        if node.attr in {"id", "pk"}:
            return frozenset(replace(atom, root=dotted) for atom in self.atoms(node.value, depth + 1))
        return _part(self.atoms(node.value, depth + 1), base, dotted, node.attr)

    def _is_handlers(self, node: ast.Attribute) -> bool:
        """Whether an attribute of `self` is what a client sent to a handler of http.server."""
        around = next((one for one in self.module.enclosing(node) if isinstance(one, ast.ClassDef)), None)
        bases = [] if around is None else [self.module.dotted(base) for base in around.bases]
        return node.attr in origins.HANDLER_FIELDS and any(base.endswith("HTTPRequestHandler") for base in bases)

    def _of_subscript(self, node: ast.Subscript, depth: int) -> Atoms:
        dotted = self.module.dotted(node.value)
        if is_request(dotted) or dotted in origins.REQUEST_NAMES:
            return frozenset({Atom(Origin.REQUEST, ast.unparse(node))})
        if isinstance(node.slice, ast.Slice):
            return self.atoms(node.value, depth + 1)
        return _part(self.atoms(node.value, depth + 1), ast.unparse(node.value), ast.unparse(node), "")

    def _of_call(self, node: ast.Call, depth: int) -> Atoms:
        dotted = self.module.dotted(node)
        last = dotted.rsplit(".", 1)[-1]
        if dotted in origins.REQUEST_CALLS or is_request(dotted) or last in origins.REQUEST_METHODS:
            return frozenset({Atom(Origin.REQUEST, ast.unparse(node))})
        if last in origins.NUMERIC or last.startswith(origins.TRUTH_PREFIXES):
            return frozenset({Atom(Origin.SAFE, dotted)})
        if dotted.rsplit(".", 1)[0] in origins.SETTINGS_OBJECTS or last.isupper():
            return frozenset({Atom(Origin.CONFIG, dotted)})
        given = [argument.value if isinstance(argument, ast.Starred) else argument for argument in node.args]
        found = self._union([*given, *(word.value for word in node.keywords)], depth)
        if isinstance(node.func, ast.Attribute) and not self._is_import(node.func.value):
            of_self = isinstance(node.func.value, ast.Name) and node.func.value.id in {"self", "cls"}
            found |= _opaque(f"{dotted}()") if of_self else self.atoms(node.func.value, depth + 1)
        if found and (last not in PASSING | origins.HANDING_ON or origins.is_web_client(dotted)):
            found = frozenset(replace(atom, got_by=dotted.removeprefix("?.")) for atom in found)
        if not found and last not in PASSING:
            found = frozenset({Atom(Origin.UNKNOWN, f"{dotted}()")})
        return _by(found, f"{last}()")

    def _is_import(self, node: ast.expr) -> bool:
        """Whether a method's receiver is a module; what a function of one gave is a value like any other."""
        if isinstance(node, ast.Call):
            return False
        first = self.module.dotted(node).split(".")[0]
        return first in self.module.imported or first in _COMMON_MODULES


_COMMON_MODULES = frozenset({
    "os", "re", "json", "sys", "time", "subprocess", "urllib", "html", "shlex", "hashlib", "base64", "random", "string",
    "math", "shutil", "itertools", "datetime", "requests", "yaml", "pickle", "logging",
})  # fmt: skip
"""Modules that a fragment uses without showing its imports; a module is no origin of a value."""


def is_request(dotted: str) -> bool:
    """Whether a dotted name reads something that a web client sent."""
    parts = dotted.split(".")
    for length in (1, 2):
        if ".".join(parts[:length]) in origins.REQUEST_OBJECTS and len(parts) > length:
            return parts[length] in origins.REQUEST_FIELDS
    return False


def _by(atoms: Atoms, name: str) -> Atoms:
    return frozenset(replace(atom, through=atom.through | {name}) for atom in atoms)


def _part(atoms: Atoms, whole: str, part: str, attribute: str) -> Atoms:
    """Origins of a part of a value: it begins at the part, and a check of the whole does not cover it.

    Attributes that are named for having been checked (`cleaned_data`, `validated_data`) count as a call that cleans.
    """
    cleaned = {f"{attribute}()"} if origins.is_checking(attribute) else set()
    return frozenset(
        Atom(
            atom.origin,
            part if atom.root == whole else atom.root,
            frozenset({f"{name}()" for name in atom.calls} | {part} | cleaned),
            atom.got_by,
        )
        for atom in atoms
    )


def _opaque(name: str) -> Atoms:
    return frozenset({Atom(Origin.UNKNOWN, name)})


def _bounded(atoms: Atoms) -> Atoms:
    if len(atoms) <= MAX_ATOMS:
        return atoms
    return frozenset(sorted(atoms, key=lambda atom: (-atom.origin, atom.root))[:MAX_ATOMS])
