"""Search with a regular expression that a user wrote, in time linear in the text whatever he wrote."""

from typing import Any

import re2  # type: ignore[import-untyped]

MAX_PATTERN = 200
"""Longest pattern, in characters."""

MAX_TEXT = 1_000_000
"""Longest text searched, in characters."""

MAX_MEMORY = 1_000_000
r"""Most bytes for a compiled pattern; large classes repeated often, such as \pL{300}, are refused by it."""

MAX_MATCHES = 1_000


class PatternRefusedError(ValueError):
    """The pattern is wrong, too long or too large, or the text is too long."""


def match_pattern(pattern: str, text: str, ignore_case: bool = False) -> list[tuple[int, int]]:
    """Where `pattern` fits in `text`, as (begin, end), at most MAX_MATCHES; an empty list when nowhere.

    The engine is RE2: it never goes back, so (a+)+$ costs no more than a+. For that it has no backreferences and no
    look-around, and a pattern with them is refused. Raises PatternRefusedError with the reason, to be shown to the
    user.
    """
    if len(text) > MAX_TEXT:
        raise PatternRefusedError(f"the text has more than {MAX_TEXT} characters")
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise PatternRefusedError("the text holds half a surrogate pair")
    compiled = _compile(pattern, ignore_case)
    found = []
    for match in compiled.finditer(text):
        found.append(match.span())
        if len(found) == MAX_MATCHES:
            break
    return found


def check_pattern(pattern: str) -> None:
    """Raise PatternRefusedError for a pattern that match_pattern would refuse; call it when the user saves one."""
    _compile(pattern, ignore_case=False)


def _compile(pattern: str, ignore_case: bool) -> Any:
    if not pattern or len(pattern) > MAX_PATTERN:
        raise PatternRefusedError(f"a pattern has 1 to {MAX_PATTERN} characters")
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.case_sensitive = not ignore_case
    options.log_errors = False  # or whoever sends wrong patterns writes to our standard error
    try:
        return re2.compile(pattern, options=options)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else "it cannot be read"
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternRefusedError(f"the pattern is refused: {shown}") from error
