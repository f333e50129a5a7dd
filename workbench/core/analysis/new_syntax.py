# ruff: noqa: N802 - LibCST names visitor methods after node classes
"""Newer Python than the one that runs us: f-strings of Python 3.12 rewritten as `str.format` for an older parser.

Since PEP 701 (Python 3.12) an f-string may hold its own quotes, backslashes and comments. The running interpreter's
parser decides what Bandit and our rules can read, so on 3.11 such strings are rewritten; LibCST reads both grammars.
Line numbers never move. The rewritten text is only looked at.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst


def rewrite_format_strings(text: str) -> str | None:
    """The text with each f-string as a call of `str.format`; None where LibCST cannot read it either."""
    import libcst as cst

    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError, UnicodeError):
        return None
    rewritten = module.visit(_transformer())
    return rewritten.code


def _transformer() -> "cst.CSTTransformer":
    import libcst as cst

    class FormatStrings(cst.CSTTransformer):
        """Replaces f-strings from the inside out."""

        def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
            return False

        def leave_ConcatenatedString(
            self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
        ) -> cst.BaseExpression:
            return cst.parse_expression(f"({_joined(original_node)})")

        def leave_FormattedString(
            self, original_node: cst.FormattedString, updated_node: cst.FormattedString
        ) -> cst.BaseExpression:
            return cst.parse_expression(_as_format_call(updated_node))

    def _joined(node: cst.ConcatenatedString) -> str:
        blank = cst.Module([])
        parts: list[str] = []
        rest: cst.BaseExpression = node
        while isinstance(rest, cst.ConcatenatedString):
            parts += [_code(rest.left), blank.code_for_node(rest.whitespace_between)]
            rest = rest.right
        parts.append(_code(rest))
        return "".join(part if i % 2 == 0 else f"{part}+" for i, part in enumerate(parts))

    def _code(part: cst.BaseExpression) -> str:
        visited = part.visit(FormatStrings())
        assert isinstance(visited, cst.CSTNode)
        return cst.Module([]).code_for_node(visited)

    return FormatStrings()


def _as_format_call(node: "cst.FormattedString") -> str:
    import libcst as cst

    blank = cst.Module([])
    prefix = "".join(letter for letter in node.prefix if letter in "rR")
    quote = node.end
    text, arguments = "", ""
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text += part.value
            continue
        assert isinstance(part, cst.FormattedStringExpression)
        text += "{}"
        lead = blank.code_for_node(part.whitespace_before_expression)
        trail = blank.code_for_node(part.whitespace_after_expression)
        arguments += f"{lead}({blank.code_for_node(part.expression)}){trail},"
    return f"{prefix}{quote}{text}{quote}.format({arguments})"
