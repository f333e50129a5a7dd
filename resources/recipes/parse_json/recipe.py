"""Parse JSON from outside, strictly: bounded in size, depth and numbers, and with one meaning only."""

import json
import math
import re
from typing import Any, NoReturn

MAX_BYTES = 1_000_000
"""Largest text, in bytes."""

MAX_DEPTH = 32
"""Deepest nesting of objects and lists."""

MAX_DIGITS = 19
"""Most digits of a whole number: enough for 64 bits, and far from what takes long to read."""

STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class JsonRefusedError(ValueError):
    """The text is too large or deep, ambiguous, or no JSON. The message shows nothing of it."""


def parse_json(data: bytes) -> Any:
    """The value of `data`, UTF-8 as RFC 8259 has it.

    Refused are: an object that has a key twice (one program reads the first, another the last), NaN and Infinity,
    numbers that would become infinite or have too many digits, single halves of surrogate pairs, and whatever is too
    large or deep. Raises JsonRefusedError. Whether the value is of the right form is for a schema to say.
    """
    if len(data) > MAX_BYTES:
        raise JsonRefusedError(f"the text has more than {MAX_BYTES} bytes")
    _check_depth(data)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails for half a surrogate pair
    except JsonRefusedError:
        raise
    except (ValueError, RecursionError):  # of decoding and encoding too; both quote the text, so it is not chained
        raise JsonRefusedError("the text is no JSON in UTF-8") from None
    return value


def _check_depth(data: bytes) -> None:
    """Count brackets outside strings before parsing, since the parser goes as deep as it is led."""
    depth = 0
    for found in STRUCTURE.finditer(data):
        first = found[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_DEPTH:
            raise JsonRefusedError(f"the text is nested more than {MAX_DEPTH} deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise JsonRefusedError("an object has a key twice")
    return value


def _int(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise JsonRefusedError(f"a number has more than {MAX_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonRefusedError("a number is too large")
    return value


def _refuse_constant(_: str) -> NoReturn:
    raise JsonRefusedError("NaN and Infinity are no JSON")
