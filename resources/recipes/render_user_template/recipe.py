"""Fill in a template that a user wrote, such as the text of a mail: names, conditions and loops, and nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_TEMPLATE = 20_000
"""Longest template, in characters."""

MAX_OUTPUT = 200_000
"""Longest result, in characters."""

MAX_ITEMS = 200
"""Longest list or dict in the data; with MAX_LOOPS it bounds how often a loop goes round."""

MAX_LOOPS = 2
"""How deep loops may stand in each other."""

MAX_DEPTH = 30
"""How deep anything may stand in anything."""

FILTERS = frozenset({"capitalize", "default", "length", "lower", "title", "trim", "upper"})
"""Filters that users may write. None of them runs code, formats, repeats or marks text as safe."""

NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Getattr, nodes.Const),
    *(nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
)
"""What a template may be made of: no call, no index, no arithmetic, no import, no macro, no assignment."""


class TemplateRefusedError(ValueError):
    """The template cannot be used; the text says why, for the person who wrote it."""


class _DataOnly(ImmutableSandboxedEnvironment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        # A dot looks into the data and never at Python's own attributes.
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)


def render_user_template(template: str, data: Mapping[str, object]) -> str:
    """`template` with `data` filled in, values escaped as HTML; raises TemplateRefusedError when it cannot be used.

    `data` holds plain values only: texts, numbers, lists of at most MAX_ITEMS, dicts of such. The template's own text
    stays as its author wrote it, HTML included; clean the result before other people see it.
    """
    environment = _environment()
    try:
        if len(template) > MAX_TEMPLATE:
            raise TemplateRefusedError(f"the template has more than {MAX_TEMPLATE} characters")
        _check(environment.parse(template))
        return "".join(_bounded(environment.from_string(template).generate(_plain(dict(data)))))
    except (TemplateError, TypeError, ValueError, RecursionError, SyntaxError, MemoryError) as error:
        if isinstance(error, TemplateRefusedError | _DataError):
            raise
        raise TemplateRefusedError(f"the template is not valid: {str(error)[:200]}") from None


class _DataError(TypeError):
    pass


class _Text(str):
    """A text of the data. A loop goes over lists, not over the letters of a text, of which there is no bound."""

    __slots__ = ()
    __iter__ = None  # type: ignore[assignment]


def _environment() -> _DataOnly:
    environment = _DataOnly(autoescape=True, undefined=StrictUndefined, cache_size=0)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


def _check(node: nodes.Node, depth: int = 0, loops: int = 0) -> None:
    loops += isinstance(node, nodes.For)
    if not isinstance(node, NODES) or (isinstance(node, nodes.Filter) and node.name not in FILTERS):
        name = f"the filter {node.name}" if isinstance(node, nodes.Filter) else type(node).__name__
        raise TemplateRefusedError(f"line {node.lineno}: {name} is not for templates of users")
    if isinstance(node, nodes.For) and not isinstance(node.iter, nodes.Name | nodes.Getattr):
        raise TemplateRefusedError(f"line {node.lineno}: a loop goes over a list of the data")
    if depth > MAX_DEPTH or loops > MAX_LOOPS:
        raise TemplateRefusedError(f"line {node.lineno}: too much stands in each other")
    for child in node.iter_child_nodes():
        _check(child, depth + 1, loops)


def _plain(value: Any) -> Any:
    if value is None or type(value) in (int, float, bool):
        return value
    if type(value) is str and len(value) <= MAX_OUTPUT:
        return _Text(value)
    if type(value) is dict and len(value) <= MAX_ITEMS and all(type(name) is str for name in value):
        return {name: _plain(item) for name, item in value.items()}
    if type(value) in (list, tuple) and len(value) <= MAX_ITEMS:
        return [_plain(item) for item in value]
    raise _DataError(f"{type(value).__name__} is no plain value, or has more than {MAX_ITEMS} items")


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > MAX_OUTPUT:
            raise TemplateRefusedError(f"the result has more than {MAX_OUTPUT} characters")
        yield piece
