"""What a fix works with, and what it gives."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from workbench.core.analysis.edits import Edit, Places
from workbench.core.analysis.rules import Scan
from workbench.core.evidence import Finding


@dataclass(frozen=True)
class Change:
    """The edits of one fix, the imports they need, and what they do in one sentence."""

    edits: list[Edit]
    sentence: str
    imports: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """Where a fix is wanted: a finding in a parsed unit."""

    scan: Scan
    places: Places
    finding: Finding

    def calls(self) -> list[ast.Call]:
        """The calls that begin at the finding's lines, or hold them, in source order."""
        return [
            call
            for call in self.scan.module.calls
            if call.lineno <= self.finding.line_end and (call.end_lineno or call.lineno) >= self.finding.line_start
        ]

    def holds(self, node: ast.AST) -> bool:
        """Whether a node begins at the finding's lines."""
        return self.finding.line_start <= getattr(node, "lineno", 0) <= self.finding.line_end

    def name(self, call: ast.Call) -> str:
        """A call's dotted name."""
        return self.scan.module.dotted(call)

    def is_bound(self, name: str) -> bool:
        """Whether the unit gives a name a meaning of its own, other than by importing it."""
        tree = self.scan.module.tree
        stored = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        defined = (
            n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        )
        given = (node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))
        return name in {*stored, *defined, *given}


Fix = Callable[[Site], "Change | str"]
"""Gives the change, or the reason (a sentence's end, as in `not repaired: ...`) why there is none."""


def without_keyword(places: Places, call: ast.Call, name: str) -> Edit | None:
    """The edit that takes a keyword argument out of a call; None when it is not there."""
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    given.sort(key=lambda node: places.span(node)[0])
    for index, node in enumerate(given):
        if isinstance(node, ast.keyword) and node.arg == name:
            start, end = places.span(node)
            if index:
                return Edit(places.span(given[index - 1])[1], end, "")
            following = places.span(given[1])[0] if len(given) > 1 else end
            return Edit(start, following, "")
    return None


def with_keyword(places: Places, call: ast.Call, name: str, value: str) -> Edit:
    """The edit that gives a call a keyword argument, or gives the one it has another value."""
    for word in call.keywords:
        if word.arg == name:
            return places.replacing(word.value, value)
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    if not given:
        end = places.span(call)[1] - 1
        return Edit(end, end, f"{name}={value}")
    last = max(places.span(node)[1] for node in given)
    return Edit(last, last, f", {name}={value}")


def quoted(text: str) -> str:
    """A Python literal for a text, in double quotes where that needs no escaping."""
    if "\n" in text and '"""' not in text and "\\" not in text and not text.endswith('"'):
        return f'"""{text}"""'
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    return repr(text)


def format_string(parts: list[str | ast.expr]) -> str:
    """An f-string of texts and expressions, in double quotes where that needs no escaping."""
    values: list[ast.expr] = [
        ast.Constant(part) if isinstance(part, str) else ast.FormattedValue(value=part, conversion=-1, format_spec=None)
        for part in parts
        if part != ""
    ]
    written = ast.unparse(ast.JoinedStr(values=values))
    if written.startswith("f'") and not written.startswith("f'''") and '"' not in written and "'" not in written[2:-1]:
        return f'f"{written[2:-1]}"'
    return written
