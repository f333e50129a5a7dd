"""Changes to a module's text through LibCST, so that all that is not changed stays as it was written."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import libcst as cst

NodeT = TypeVar("NodeT", bound="cst.CSTNode")


def set_constant(text: str, name: str, expression: str) -> str:
    """The module with the value of its constant replaced; ValueError when it has no such constant."""
    import libcst as cst

    module = cst.parse_module(text)
    for line in module.body:
        parts = line.body if isinstance(line, cst.SimpleStatementLine) else ()
        for part in parts:
            if isinstance(part, cst.Assign) and _is_name(part.targets[0].target, name):
                return module.with_deep_changes(part, value=cst.parse_expression(expression)).code
    raise ValueError(f"no constant {name}")


def set_default(text: str, function: str, parameter: str, expression: str) -> str:
    """The module with a default for one parameter of a function; ValueError when that cannot be.

    Only the last parameter can get one without the others needing one as well.
    """
    import libcst as cst

    module = cst.parse_module(text)
    found = _function(module, function)
    last = found.params.params[-1] if found.params.params else None
    if last is None or last.name.value != parameter:
        raise ValueError(f"{parameter} is not the last parameter of {function}")
    return module.with_deep_changes(last, default=cst.parse_expression(expression)).code


def rename_function(text: str, old: str, new: str) -> str:
    """The module with a function renamed wherever it is used, in docstrings and comments as well."""
    import libcst as cst

    module = cst.parse_module(text)
    _function(module, old)
    if new in _names(module):
        raise ValueError(f"{new} already means something in it")
    return _renamed(module, {old: new}).code


def rename_parameters(text: str, function: str, renames: Mapping[str, str]) -> str:
    """The module with parameters of one function renamed inside of it; ValueError for a name that is taken."""
    import libcst as cst

    module = cst.parse_module(text)
    found = _function(module, function)
    taken = _names(found) & set(renames.values())
    if taken:
        raise ValueError(f"{', '.join(sorted(taken))} already means something in it")
    return module.with_changes(body=[_renamed(part, renames) if part is found else part for part in module.body]).code


def _is_name(node: "cst.CSTNode", name: str) -> bool:
    import libcst as cst

    return isinstance(node, cst.Name) and node.value == name


def _function(module: "cst.Module", name: str) -> "cst.FunctionDef":
    import libcst as cst

    for part in module.body:
        if isinstance(part, cst.FunctionDef) and part.name.value == name:
            return part
    raise ValueError(f"no function {name}")


def _names(node: "cst.CSTNode") -> set[str]:
    """Every name in the tree, whatever it stands for."""
    import libcst as cst

    found: set[str] = set()

    class Names(cst.CSTVisitor):
        def visit_Name(self, node: cst.Name) -> None:  # noqa: N802 (LibCST names it so)
            found.add(node.value)

    node.visit(Names())
    return found


def _renamed(node: NodeT, renames: Mapping[str, str]) -> NodeT:
    """The tree with these names renamed where they stand for variables, and in backticks in its texts."""
    import libcst as cst

    ticked = re.compile(rf"(`)({'|'.join(map(re.escape, renames))})(?=[`(])")

    class Renamer(cst.CSTTransformer):
        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:  # noqa: N802
            return updated_node.with_changes(value=renames.get(original_node.value, original_node.value))

        def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:  # noqa: N802
            return updated_node.with_changes(attr=original_node.attr)

        def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:  # noqa: N802
            return updated_node.with_changes(keyword=original_node.keyword)

        def leave_SimpleString(  # noqa: N802
            self, original_node: cst.SimpleString, updated_node: cst.SimpleString
        ) -> cst.SimpleString:
            return updated_node.with_changes(value=ticked.sub(_replacing(renames), original_node.value))

        def leave_Comment(self, original_node: cst.Comment, updated_node: cst.Comment) -> cst.Comment:  # noqa: N802
            return updated_node.with_changes(value=ticked.sub(_replacing(renames), original_node.value))

    changed = node.visit(Renamer())
    assert isinstance(changed, type(node))
    return changed


def _replacing(renames: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: found[1] + renames[found[2]]
