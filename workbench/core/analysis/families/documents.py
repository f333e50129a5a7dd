"""Queries of document databases: operators smuggled in as values, and scripts put together as text (CWE-943)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atom, Atoms, strongest
from workbench.core.analysis.module import argument, constant
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.analysis.shapes import is_building
from workbench.core.evidence import Severity

TOPIC = "documents"

OPERATOR_RULE = Rule(
    "query-value-of-any-type", "CWE-943", "Value of a JSON request goes into a query whatever its type", Severity.HIGH,
    "Instead of a text it can be `{\"$ne\": null}`, which every record fulfils.",
    "Check that it is a text (isinstance or a schema), and compare with {\"$eq\": value}.",
)  # fmt: skip
SCRIPT_RULE = Rule(
    "query-script-built", "CWE-943", "Script of a query put together as text", Severity.HIGH,
    "$where runs JavaScript in the database; a quote in the value begins a script of somebody else's.",
    "Use query operators instead of $where.",
)  # fmt: skip

METHODS = frozenset({
    "find", "find_one", "find_one_and_update", "find_one_and_delete", "find_one_and_replace", "update_one",
    "update_many", "replace_one", "delete_one", "delete_many", "count_documents", "distinct",
})  # fmt: skip
MODULES = frozenset({"pymongo", "motor", "flask_pymongo", "mongoengine", "bson", "beanie"})

FROM_JSON = re.compile(r"(?:\.|^)(?:get_json|json)\b")
"""Roots of values that need not be texts: forms and query strings only hold texts."""

TYPING_CALLS = frozenset({"str", "int", "float", "bool", "ObjectId", "strip", "lower", "upper", "encode", "format"})
"""Calls that give a text or a number, or fail."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Filters of a document database, and `$where` wherever it stands."""
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Dict):
            yield from _script(scan, node)
    if not scan.module.imported & MODULES:
        return
    for call in scan.module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            position = 1 if call.func.attr == "distinct" else 0
            yield from _operators(scan, call, argument(call, position, "filter", "query"))


def _script(scan: Scan, node: ast.Dict) -> Iterator[Match]:
    for key, value in zip(node.keys, node.values, strict=True):
        if constant(key) in {"$where", "$function"} and is_building(_whole(scan, value)):
            atoms = scan.unchecked(scan.open_atoms(value), value)
            if strongest(atoms) >= Origin.UNKNOWN:
                yield Match(SCRIPT_RULE, value, SURE_OF[strongest(atoms)], f"the script has {describe(atoms)} in it")


def _whole(scan: Scan, node: ast.expr) -> ast.expr:
    """What a name stands for, where it can only be one thing."""
    if not isinstance(node, ast.Name):
        return node
    definitions, certain = scan.flow.reaching(node.id, node)
    value = definitions[0].value if certain and len(definitions) == 1 else None
    return value if value is not None else node


def _operators(scan: Scan, call: ast.Call, given: ast.expr | None) -> Iterator[Match]:
    filters = _whole(scan, given) if given is not None else None
    values = [filters] if filters is not None else []
    if isinstance(filters, ast.Dict):
        values = [value for value in filters.values if not isinstance(value, ast.Dict | ast.JoinedStr)]
    for value in values:
        atoms = _untyped(scan, call, value)
        if atoms:
            yield Match(OPERATOR_RULE, call, 0.8, f"the filter has {describe(atoms)} in it")
            return


def _untyped(scan: Scan, call: ast.Call, value: ast.expr) -> Atoms:
    found = scan.unchecked(scan.open_atoms(value, TYPING_CALLS), call)
    tested = _tested(scan, call)
    return frozenset(
        atom
        for atom in found
        if atom.origin is Origin.REQUEST and FROM_JSON.search(atom.root) and not _names(atom) & tested
    )


def _names(atom: Atom) -> frozenset[str]:
    return atom.through | {atom.root}


def _tested(scan: Scan, call: ast.Call) -> set[str]:
    """Expressions whose type the function tests with isinstance() or type()."""
    scope = scan.module.scope_of(call)
    tests = (node for node in ast.walk(scope) if isinstance(node, ast.Call) and node.args)
    first = (node.args[0] for node in tests if ast.unparse(node.func) in {"isinstance", "type"})
    return {ast.unparse(part) for node in first for part in ast.walk(node) if isinstance(part, ast.expr)}
