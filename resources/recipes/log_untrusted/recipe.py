"""Log text from outside so that it cannot forge lines, move the cursor of a terminal or hide what it says."""

import logging
import re

MAX_CHARACTERS = 500
"""Most characters of one value that are logged."""

MAX_RECORD = 20_000
"""Most characters of a whole record, with its traceback."""

HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Signs that Python counts as printable and that show nothing: fillers, and selectors that can carry a whole text."""


def log_untrusted(value: object, limit: int = MAX_CHARACTERS) -> str:
    r"""`value` as one line of visible characters, for an argument of a log call.

    Line breaks, escape sequences, characters that turn the direction of writing, and invisible ones become \n, \x1b
    and the like; a backslash becomes two, so that what was escaped can be told from what came so. What is longer than
    `limit` is cut, and the line says so. Promises: the result is printable, has no line break, and is never empty.
    """
    text = value if isinstance(value, str) else repr(value)
    shown = "".join(_visible(character) for character in text[:limit])
    return f"{shown} [cut, {len(text)} characters]" if len(text) > limit else shown or "[empty]"


class OneLineFormatter(logging.Formatter):
    """Puts each record on one line, traceback included, whatever the arguments hold: the safety net for the rest."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        return log_untrusted(super().format(record), MAX_RECORD)


def _visible(character: str) -> str:
    # isprintable() is false for control, format, surrogate, private, unassigned and separator characters but space.
    if character.isprintable() and character != "\\" and not HIDDEN.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")
