"""Code as attached, made readable: whole files and fragments alike become a syntax tree with the right line numbers.

Fragments are normalised in steps, each only when the one before did not parse: raw; tabs and margins levelled; syntax
newer or older than the running interpreter's rewritten; single lines that still do not parse left out. Nothing here
runs the code.
"""

import ast
import re
import sys
import textwrap
import warnings
from dataclasses import dataclass

from workbench.core.analysis.new_syntax import rewrite_format_strings
from workbench.core.analysis.old_syntax import modernise_line
from workbench.wording import counted

MAX_CHARACTERS = 1_000_000
"""Longest unit that is parsed; longer Python is generated code, and the parser's memory grows with it."""

MAX_MENDED_LINES = 60
"""How many unreadable lines are mended or left out one by one, before the rest of the unit is given up."""

_LINE_END = re.compile(r"\r\n|\r|\n")

MAX_NESTING = 100
"""Brackets within brackets that LibCST is given; CPython's own parser refuses 200, LibCST crashes near 2,000."""

MAX_LINE = 10_000
"""Longest line that LibCST is given: a chain of thousands of operators nests as deeply as brackets do."""


@dataclass(frozen=True)
class Source:
    """A parsed unit. `text` and `tree` are what the analysers read; line n of `text` is line n of the attached text."""

    name: str
    original: str
    text: str
    tree: ast.Module
    skipped_lines: frozenset[int]
    notices: tuple[str, ...]

    @property
    def lines_total(self) -> int:
        """Lines of the attached text that hold anything but blanks."""
        return sum(1 for line in code_lines(self.original) if line.strip())

    @property
    def lines_read(self) -> int:
        """Of those, the lines that are in the tree."""
        lines = code_lines(self.original)
        return sum(1 for number, line in enumerate(lines, 1) if line.strip() and number not in self.skipped_lines)

    def excerpt(self, line_start: int, line_end: int) -> str:
        """The attached text's lines from `line_start` to `line_end`, counted from 1, both included."""
        return "\n".join(code_lines(self.original)[line_start - 1 : line_end])


class UnreadableError(Exception):
    """Code that cannot be parsed at all; its text is the reason, fit to show."""


def read_source(name: str, original: str) -> Source:
    """Parse attached Python.

    Raises UnreadableError where nothing of it could be parsed: too long, nested too deeply, or not Python.
    """
    if len(original) > MAX_CHARACTERS:
        raise UnreadableError(
            f"it has {len(original):,} characters, and {MAX_CHARACTERS:,} are the most that is parsed"
        )
    text = "\n".join(code_lines(original.replace("\0", " "))) + "\n"
    notices: list[str] = []
    tree = _parse(text)
    if tree is None:
        text = _level_margin(text)
        tree = _parse(text)
    if tree is None and sys.version_info < (3, 12) and not is_deep(text):
        newer = rewrite_format_strings(text)
        if newer is not None and (tree := _parse(newer)) is not None:
            text = newer
    if tree is not None:
        return Source(name, original, text, tree, frozenset(), tuple(notices))
    return _mend(name, original, text)


def code_lines(text: str) -> list[str]:
    """The lines of code as Python counts them: unlike str.splitlines, a form feed or U+2028 ends no line."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def is_deep(text: str) -> bool:
    """Whether the text may be nested so deeply that LibCST's recursive parser would exhaust the stack and crash."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest > MAX_NESTING or max(map(len, code_lines(text)), default=0) > MAX_LINE


def _parse(text: str) -> ast.Module | None:
    try:
        return _parse_or_raise(text)
    except SyntaxError:
        return None


def _parse_or_raise(text: str) -> ast.Module:
    """Raises SyntaxError for bad grammar, UnreadableError for what exhausts the parser."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (RecursionError, MemoryError) as error:
            raise UnreadableError("it is nested so deeply that the parser gives up") from error
        except ValueError as error:
            raise SyntaxError(str(error)) from error


def _level_margin(text: str) -> str:
    """The text without its common margin, tabs as eight columns (Python 2's rule), the first line moved in."""
    lines = code_lines(text.expandtabs(8))
    levelled = textwrap.dedent("\n".join(lines))
    if levelled[:1] not in {" ", "\n"} and _parse(levelled) is None:
        margin = min((_margin(line) for line in lines[1:] if line.strip()), default=0)
        if margin and not _is_block_start(lines[0]):
            levelled = textwrap.dedent(" " * margin + "\n".join(lines))
    return levelled + "\n"


def _mend(name: str, original: str, text: str) -> Source:
    """Rewrite old grammar line by line where parsing stops, and leave out the lines that stay unreadable."""
    lines = code_lines(text)
    skipped: set[int] = set()
    modernised = 0
    for _ in range(MAX_MENDED_LINES):
        try:
            tree = _parse_or_raise("\n".join(lines) + "\n")
        except SyntaxError as error:
            number = min(max(error.lineno or 1, 1), len(lines))
            modernised += _mend_line(lines, number, skipped, error)
        else:
            break
    else:
        tree, lines = _longest_readable_head(lines, skipped)
    kept = (line.strip() for number, line in enumerate(lines, 1) if number not in skipped)
    if not any(line not in {"", "pass"} for line in kept):
        raise UnreadableError("it does not parse as Python")
    return Source(name, original, "\n".join(lines) + "\n", tree, frozenset(skipped), _notices(modernised, skipped))


def _mend_line(lines: list[str], number: int, skipped: set[int], error: SyntaxError) -> int:
    """Mend or leave out line `number` (from 1); returns 1 when old grammar was rewritten, else 0."""
    message = str(error.msg)
    if "expected an indented block" in message or number in skipped or not lines[number - 1].strip():
        number = max((n for n in range(1, number) if lines[n - 1].strip()), default=number)
    line = lines[number - 1]
    better = modernise_line(line)
    if better != line and number not in skipped:
        lines[number - 1] = better
        return 1
    if "triple-quoted" in message:
        for rest in range(number, len(lines) + 1):
            _leave_out(lines, rest, skipped)
    elif _is_block_start(line):
        # An opening that only lacks its body gets one; an opening out of place (a stray `except`) keeps its block.
        empty = "expected an indented block" in message
        lines[number - 1] = (line.split("#")[0].rstrip() + " pass") if empty else " " * _margin(line) + "if 1:"
        skipped.update(() if empty else {number})
    else:
        _leave_out(lines, number, skipped)
    return 0


def _leave_out(lines: list[str], number: int, skipped: set[int]) -> None:
    line = lines[number - 1]
    already = number in skipped
    lines[number - 1] = "" if already or not line.strip() else " " * _margin(line) + "pass"
    skipped.add(number)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_block_start(line: str) -> bool:
    return line.split("#", maxsplit=1)[0].rstrip().endswith(":")


def _longest_readable_head(lines: list[str], skipped: set[int]) -> tuple[ast.Module, list[str]]:
    """The longest head of the text that parses, found by halving; the tail is left out. Lines keep their number."""
    low, high, best = 0, len(lines), ast.Module(body=[], type_ignores=[])
    while low < high:
        middle = (low + high + 1) // 2
        tree = _parse("\n".join(lines[:middle]) + "\n")
        if tree is None:
            high = middle - 1
        else:
            low, best = middle, tree
    skipped.update(range(low + 1, len(lines) + 1))
    return best, lines[:low]


def _notices(modernised: int, skipped: set[int]) -> tuple[str, ...]:
    notices = []
    if modernised:
        notices.append(f"{counted(modernised, 'line was', 'lines were')} read as Python 3 though written for Python 2")
    if skipped:
        numbers = ", ".join(str(number) for number in sorted(skipped)[:8]) + (" ..." if len(skipped) > 8 else "")
        told = counted(len(skipped), "line does not parse and was", "lines do not parse and were")
        notices.append(f"{told} not looked at (line{'s' * (len(skipped) > 1)} {numbers})")
    return tuple(notices)
