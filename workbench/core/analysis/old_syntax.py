"""Python 2 syntax that still turns up in attached code, rewritten line by line so that today's parser reads it.

Only the forms that occur on one line are handled; line numbers never move. The rewritten text is only looked at.
"""

import re

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(\s*)print[ \t]*>>[ \t]*([\w.]+)[ \t]*,[ \t]*(.+?)[ \t]*,?[ \t]*$"), r"\1print(\3, file=\2)"),
    (re.compile(r"^(\s*|.*?:[ \t]+)print[ \t]+([^\s=(,.][^;#]*?)[ \t]*,?[ \t]*$"), r"\1print(\2)"),
    (re.compile(r"^(\s*)print[ \t]+(\(.+\)[ \t]*%.+)$"), r"\1print(\2)"),
    (re.compile(r"^(\s*)print[ \t]*$"), r"\1print()"),
    (re.compile(r"^(\s*except[ \t]+)([\w.]+|\([^()]*\))[ \t]*,[ \t]*(\w+)[ \t]*:"), r"\1\2 as \3:"),
    (re.compile(r"^(\s*raise[ \t]+)([\w.]+)[ \t]*,[ \t]*(.+?)[ \t]*$"), r"\1\2(\3)"),
    (re.compile(r"^(\s*)exec[ \t]+(?!\()(.+?)[ \t]*$"), r"\1exec(\2)"),
    (re.compile(r"<>"), "!="),
    (re.compile(r"\b[uU][rR](?=['\"])"), "r"),
    (re.compile(r"(?<![\w.])0(\d+)\b(?![.\w])"), r"0o\1"),
    (re.compile(r"(?<![\w.])(\d+|0[xX][0-9a-fA-F]+)[lL]\b"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"repr(\1)"),
)
"""What is rewritten, in this order; the rules of https://docs.python.org/3/whatsnew/3.0.html that change grammar."""


def modernise_line(line: str) -> str:
    """The line with Python 2 grammar replaced; a line of today's grammar may change too, so use it on bad lines."""
    for pattern, replacement in _REWRITES:
        line = pattern.sub(replacement, line)
    return line
