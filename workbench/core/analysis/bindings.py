"""What one piece of syntax binds, and in which branch it stands: the grammar that the flow analysis asks."""

import ast

Path = tuple[tuple[int, str], ...]
"""The branches around a node, from the outside in: the `id` of each branching statement, and the field of it."""


def bindings(node: ast.AST) -> list[tuple[ast.expr, ast.expr | None, str]]:  # noqa: PLR0911 - one case per kind
    """(target, value, kind) of each binding that a node makes."""
    match node:
        case ast.Assign():
            return [(target, node.value, "assign") for target in node.targets]
        case ast.AnnAssign(value=ast.expr() as value):
            return [(node.target, value, "assign")]
        case ast.AugAssign():
            return [(node.target, node.value, "augment")]
        case ast.NamedExpr():
            return [(node.target, node.value, "assign")]
        case ast.For() | ast.AsyncFor():
            return [(node.target, node.iter, "item")]
        case ast.With() | ast.AsyncWith():
            return [(item.optional_vars, item.context_expr, "item") for item in node.items if item.optional_vars]
        case ast.ExceptHandler(name=str() as name):
            return [(ast.Name(id=name, ctx=ast.Store()), None, "opaque")]
        case _:
            return []


def names_of(target: ast.expr) -> list[tuple[str, bool]]:
    """Names that a target binds, and whether each gets the value whole rather than a part of it."""
    match target:
        case ast.Name():
            return [(target.id, True)]
        case ast.Tuple() | ast.List():
            return [(name, False) for element in target.elts for name, _ in names_of(element)]
        case ast.Starred():
            return [(name, False) for name, _ in names_of(target.value)]
        case _:
            return []


def field_of(parent: ast.AST, child: ast.AST) -> str:
    """The field of a node that a child of it stands in, as `body` or `orelse`; empty for no child of it."""
    for field, value in ast.iter_fields(parent):
        if value is child or (isinstance(value, list) and any(part is child for part in value)):
            return field
    return ""


def are_exclusive(one: Path, other: Path) -> bool:
    """Whether two places stand in different branches of one `if`."""
    for (first, branch), (second, other_branch) in zip(one, other, strict=False):
        if first != second:
            return False
        if branch != other_branch:
            return {branch, other_branch} == {"body", "orelse"}
    return False
