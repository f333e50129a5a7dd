"""Attributes and fields whose names somebody else chooses: mass assignment, and merges that reach too far."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.module import Function, constant, parameters
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.evidence import Severity

TOPIC = "attributes"

NAMED_RULE = Rule(
    "attribute-named-outside", "CWE-915", "Request chooses which attribute is set", Severity.MEDIUM,
    "Besides the fields of the form it can set those nobody thought of: the role, the owner, the balance.",
    "Name the fields that may be set, or read the request with a schema that refuses others.",
)  # fmt: skip
STORED_RULE = Rule(
    "record-filled-from-request", "CWE-915", "Record is filled with all that the request holds", Severity.MEDIUM,
    "Besides the fields of the form it can set those nobody thought of: the role, the owner, the balance.",
    "Name the fields that may be set, or read the request with a schema that refuses others.",
)  # fmt: skip
EVERY_RULE = Rule(
    "form-with-every-field", "CWE-915", "Form or serialiser takes every field of its model", Severity.LOW,
    "A field that is added to the model later can be set by users at once.",
    "List the fields.",
)  # fmt: skip
MERGE_RULE = Rule(
    "merge-sets-any-attribute", "CWE-1321", "Recursive merge sets any attribute by name", Severity.MEDIUM,
    "Names such as `__class__` and `__init__.__globals__` lead out of the object into classes and modules.",
    "Set only fields that are on a list, e.g. those of the dataclass.",
)  # fmt: skip

STORING = frozenset({"create", "update", "get_or_create", "update_or_create", "insert", "bulk_create"})
"""Methods of a table (Django's managers, Peewee) that store the fields they are given."""

KEEPING = frozenset({"add", "save", "merge", "insert", "add_all"})
"""Methods that store a record."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Names from outside given to setattr(), records filled whole, and merges."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        if dotted == "setattr" and len(call.args) == 3:
            yield from _set(scan, call)
        elif dotted.endswith("__dict__.update") or ast.unparse(call.func).startswith("vars("):
            yield from _filled(scan, call, call.args)
        elif any(word.arg is None for word in call.keywords) and _is_stored(scan, call, dotted):
            yield from _filled(scan, call, [word.value for word in call.keywords if word.arg is None])
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.ClassDef) and node.name == "Meta":
            yield from _every_field(node)


def _set(scan: Scan, call: ast.Call) -> Iterator[Match]:
    atoms = scan.unchecked(scan.open_atoms(call.args[1]), call)
    if strongest(atoms) is Origin.REQUEST and not any(atom.is_of_operator for atom in atoms):
        yield Match(NAMED_RULE, call, 0.8 * SURE_OF[Origin.REQUEST], f"the name is {describe(atoms)}")
    elif _in_merge(scan, call) and atoms:
        yield Match(MERGE_RULE, call, 0.5)


def _in_merge(scan: Scan, call: ast.Call) -> bool:
    """Whether setattr() stands in a function that calls itself and walks the items of what it was given."""
    scope = scan.module.scope_of(call)
    if not isinstance(scope, Function):
        return False
    inside = list(ast.walk(scope))
    again = any(isinstance(node, ast.Call) and _last(node) == scope.name for node in inside)
    given = set(parameters(scope))
    walked = (node for node in inside if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple))
    return again and any(
        isinstance(loop.iter, ast.Call)
        and isinstance(loop.iter.func, ast.Attribute)
        and loop.iter.func.attr == "items"
        and ast.unparse(loop.iter.func.value) in given
        and ast.unparse(loop.target.elts[0]) == ast.unparse(call.args[1])
        for loop in walked
        if isinstance(loop.target, ast.Tuple)
    )


def _last(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]


def _filled(scan: Scan, call: ast.Call, given: list[ast.expr]) -> Iterator[Match]:
    for value in given:
        atoms = scan.unchecked(scan.open_atoms(value), call)
        if strongest(atoms) is Origin.REQUEST and not isinstance(value, ast.Dict | ast.DictComp):
            yield Match(STORED_RULE, call, 0.8 * SURE_OF[Origin.REQUEST], f"the fields are {describe(atoms)}")
            return


def _is_stored(scan: Scan, call: ast.Call, dotted: str) -> bool:
    """Whether a call with `**` makes a record that is stored: by itself, or right away, or by its name later."""
    parts = dotted.split(".")
    if parts[-1] in STORING and ("objects" in parts or "objects" in ast.unparse(call.func)):
        return True
    if not parts[-1][:1].isupper():
        return False
    around = scan.module.parents.get(call)
    if isinstance(around, ast.Call):
        return _last(around) in KEEPING
    if isinstance(around, ast.Attribute):
        return around.attr in KEEPING
    targets = {ast.unparse(target) for target in around.targets} if isinstance(around, ast.Assign) else set()
    scope = scan.module.scope_of(call)
    return bool(targets) and any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in KEEPING
        and targets & {ast.unparse(part) for part in (node.func.value, *node.args)}
        for node in ast.walk(scope)
    )


def _every_field(meta: ast.ClassDef) -> Iterator[Match]:
    names = {ast.unparse(node.targets[0]) for node in meta.body if isinstance(node, ast.Assign)}
    for node in meta.body:
        named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "fields" and "model" in names
        if named and isinstance(node, ast.Assign) and constant(node.value) == "__all__":
            yield Match(EVERY_RULE, node, 0.6)
