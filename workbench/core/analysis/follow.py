"""What an expression is made of, with local names followed to what was assigned to them."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.flow import Flow

MAX_DEPTH = 4
"""Assignments followed one after another; a text or a list is rarely put together in more."""

MAX_EXPRESSIONS = 400
"""Expressions given for one; a longer text says nothing new."""


def values(flow: Flow, node: ast.expr, depth: int = MAX_DEPTH) -> list[ast.expr]:
    """What a name may stand for; the expression itself where it is no name, or nothing is known of it."""
    if not isinstance(node, ast.Name) or depth == 0:
        return [node]
    definitions, _ = flow.reaching(node.id, node)
    assigned = [one.value for one in definitions if one.value is not None and one.kind == "assign"]
    outer = flow.global_value(node)
    found = assigned or ([outer] if outer is not None else [])
    return [value for one in found for value in values(flow, one, depth - 1)] or [node]


def inside(flow: Flow, node: ast.expr, depth: int = MAX_DEPTH) -> Iterator[ast.expr]:
    """The expression and everything in it, and in what its names were assigned."""
    for count, part in enumerate(_inside(flow, node, depth, set())):
        if count == MAX_EXPRESSIONS:
            return
        yield part


def _inside(flow: Flow, node: ast.expr, depth: int, seen: set[int]) -> Iterator[ast.expr]:
    for part in ast.walk(node):
        if not isinstance(part, ast.expr) or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if isinstance(part, ast.Name) and depth > 0:
            for value in values(flow, part, 1):
                yield from _inside(flow, value, depth - 1, seen)


def last_word(node: ast.expr) -> str:  # noqa: PLR0911 - one case per kind of expression
    """The word by which an expression is known: `sig` for `sig`, `x.sig`, `x['sig']`, `x.get('sig')`, `sig.strip()`."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key.replace("-", "_")
        case ast.Call(func=ast.Attribute(attr="get" | "getlist" | "pop"), args=[ast.Constant(value=str() as key), *_]):
            return key.replace("-", "_")
        case ast.Call(func=ast.Attribute(attr="strip" | "encode" | "decode" | "lower" | "upper", value=receiver)):
            return last_word(receiver)
        case ast.Call(func=ast.Name(id="str" | "bytes"), args=[given, *_]):
            return last_word(given)
        case ast.Await(value=awaited):
            return last_word(awaited)
        case _:
            return ""
