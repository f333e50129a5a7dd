"""A text from outside used as the format: `text.format(user=user)` reads attributes of what it is given."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import SURE_OF, Match, Rule, Scan, describe
from workbench.core.evidence import Severity

TOPIC = "formats"

FORMAT_RULE = Rule(
    "format-from-outside", "CWE-134", "Format text comes from outside", Severity.MEDIUM,
    "`{user.__init__.__globals__}` reads whatever can be reached from the values, secrets of the program included.",
    "Keep the texts in the code, or use string.Template, which knows names only.",
)  # fmt: skip

CHOOSING = frozenset({"get", "pop", "setdefault", "getattr", "next"})
"""Calls that choose by what they are given: their result is the table's, not the key's."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Every `.format()` and `.format_map()` of a value from outside, with values to show."""
    for call in scan.module.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"format", "format_map"}:
            continue
        if not call.args and not call.keywords:
            continue
        text = call.func.value
        atoms = scan.unchecked(scan.open_atoms(text), call)
        own = any(atom.is_of_operator for atom in atoms)
        if strongest(atoms) is Origin.REQUEST and not own and not _chosen(scan, text):
            yield Match(FORMAT_RULE, call, 0.9 * SURE_OF[Origin.REQUEST], f"the format is {describe(atoms)}")


def _chosen(scan: Scan, node: ast.expr) -> bool:
    """Whether the text was looked up in something of the program's own, or made by another function."""
    if isinstance(node, ast.Name):
        definitions, _ = scan.flow.reaching(node.id, node)
        return any(each.value is not None and _chosen(scan, each.value) for each in definitions)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return strongest(scan.flow.atoms(node.func.value)) < Origin.REQUEST
    return isinstance(node, ast.Call) and not _hands_on(node)


def _hands_on(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "str"
