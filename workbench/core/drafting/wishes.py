"""Reads from a task's words what a draft is to be called and what limits it is to have. By patterns: no model is used.

Only what is said plainly is taken: a name in backticks or after "called", a number with a unit beside a word such as
"at most". What is not understood is left alone, and the draft says what it left as the recipe has it.
"""

import builtins
import keyword
import re
from collections.abc import Iterator
from enum import StrEnum

from workbench.core.values import Value

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TICKED = rf"[`'\"]({_NAME})(?:\([^`'\"]{{0,300}}\))?[`'\"]"
_CALLED = r"(?:,?\s*(?:is|be|to be|should be|must be|shall be)?\s*(?:called|named))"
_DEF = re.compile(rf"\bdef\s+({_NAME})\s*\(([^)]{{0,300}})\)")
_FUNCTION = (
    re.compile(rf"\b(?:function|method|helper|routine){_CALLED}?:?\s*{_TICKED}", re.IGNORECASE),
    re.compile(rf"\b(?:function|method|helper|routine|it){_CALLED}:?\s+({_NAME})\b", re.IGNORECASE),
    re.compile(rf"\b(?:call|name)\s+(?:it|the function)\s+[`'\"]?({_NAME})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?:write|implement|create|provide|need|want|draft)\s+(?:a |an |the )?`({_NAME})(?:\([^`]{{0,300}}\))?`",
        re.I,
    ),
    re.compile(rf"`({_NAME})\([^`]{{0,300}}\)`"),
)
"""Ways to name the function, the plainest first."""

_RENAME = re.compile(
    rf"\b(?:parameter|argument)\s+`?({_NAME})`?{_CALLED}\s+`?({_NAME})`?|\brename\s+`?({_NAME})`?\s+(?:to|into)\s+`?({_NAME})`?",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\b(?:parameters?|arguments?|takes|accepts|gets|receives|given)(?:\s+(?:called|named))?:?\s+"
    rf"((?:`{_NAME}`(?:\s*,\s*(?:and\s+)?|\s+and\s+)?)+)",
    re.IGNORECASE,
)
_BOUND = (
    r"at most|up to|max(?:imum|imal|\.)?(?:\s+(?:of|size|is))?|no (?:more|larger|bigger|longer|older|greater) than|"
    r"not (?:more|larger|bigger|longer|older) than|(?:larger|bigger|longer|older|more) than|"
    r"limit(?:ed)?(?: of| to| is)?|not exceed|within|less than|under|below|cap(?:ped)?(?: of| at)?"
)
_LASTING = (
    r"valid for|good for|works? for|lasts?|expires?(?: after| in)?|runs? out after|time ?out(?: of| after)?|after|for"
)
_NUMBER = r"(\d{1,3}(?:[ ,_]\d{3})+|\d+(?:\.\d+)?)"
_SIZES = {
    "bit": 0.125, "byte": 1, "b": 1, "kb": 1e3, "kilobyte": 1e3, "kib": 1024, "mb": 1e6, "megabyte": 1e6,
    "mib": 1024**2, "gb": 1e9, "gigabyte": 1e9, "gib": 1024**3,
}  # fmt: skip
"""Bytes by unit: decimal units as ISO/IEC 80000-13 has them, 1 kB = 1000 bytes."""
_TIMES = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86_400, "week": 604_800,
}  # fmt: skip
_UNITS = "|".join(sorted({*_SIZES, *_TIMES}, key=len, reverse=True))
_QUANTITY = re.compile(rf"{_NUMBER}\s*-?\s*({_UNITS})s?\b", re.IGNORECASE)
_COUNT = re.compile(rf"\b(?:{_BOUND})\s+(?:the\s+)?{_NUMBER}\s+([a-z]{{3,}})\b", re.IGNORECASE)
_GOES_ON = re.compile(
    rf"\b(?:{_BOUND})\s+(?:the\s+)?{_NUMBER}\s*-?\s*[a-z]+(?:\s+[a-z]+)?\s*(?:,|and|or|, and)\s*$", re.IGNORECASE
)
"""A limit of which the number is the next part: `up to 500 files, 50 MB`."""
_WORDS_BEFORE = 40
"""Characters before a number in which the word that makes it a limit must stand."""

_TYPES = {
    "png": ".png", "jpeg": ".jpg", "jpg": ".jpg", "gif": ".gif", "svg": ".svg", "webp": ".webp", "bmp": ".bmp",
    "tiff": ".tiff", "pdf": ".pdf", "heic": ".heic",
}  # fmt: skip
_TYPE = re.compile(rf"\b(no |not |without |except |never )?({'|'.join(_TYPES)})s?\b", re.IGNORECASE)
_HTTPS_ONLY = re.compile(
    r"\bhttps[ -]only\b|\bonly (?:over |by |via |allow |accept )?https\b|\bhttps (?:links|urls|addresses) only\b", re.I
)
_PATH = r"((?:/[A-Za-z0-9._-]*[A-Za-z0-9_-])+)/?"
_FOLDER = re.compile(
    rf"\b(?:folder|directory|under|below|inside|in|into|to|from)\s+(?:the\s+)?[`'\"]?{_PATH}", re.IGNORECASE
)
_PROGRAM = re.compile(
    r"\b(?:runs?|calls?|starts?|executes?|program|tool|command)\s+(?:the (?:program|tool|command)\s+)?"
    rf"(?:`([A-Za-z0-9._-]+)`|[`'\"]?{_PATH})",
    re.IGNORECASE,
)
_HOME = re.compile(
    rf"\b(?:otherwise|else|default|fall(?:s|ing)? ?back|refused?)\b[^.]{{0,30}}?[`'\" ]{_PATH}", re.IGNORECASE
)
_TABLE = (
    re.compile(rf"\btable{_CALLED}?\s+`({_NAME})`", re.IGNORECASE),
    re.compile(rf"\btable{_CALLED}\s+({_NAME})\b", re.IGNORECASE),
    re.compile(rf"\b(?:the|our)\s+`?({_NAME})`?\s+table\b", re.IGNORECASE),
)


class Measure(StrEnum):
    """What a quantity measures."""

    BYTES = "bytes"
    SECONDS = "seconds"
    COUNT = "count"


class Quantity(Value):
    """A limit that the task states. `amount` is in bytes, seconds or pieces; `noun` says of what, for a count."""

    measure: Measure
    amount: float
    said: str
    """The words of the task, to show."""
    noun: str = ""


class Wishes(Value):
    """What a task says about the draft; empty where it says nothing."""

    function: str = ""
    parameters: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    """Parameters to rename: the recipe's name and the one wanted."""
    quantities: tuple[Quantity, ...] = ()
    types: tuple[str, ...] = ()
    """Endings of the file types to accept, in the order named."""
    https_only: bool = False
    folder: str = ""
    program: str = ""
    home: str = ""
    """The path of the site to fall back to."""
    table: str = ""


def wishes_of(text: str) -> Wishes:
    """What this text (a task's title and description) asks for."""
    function, parameters = _signature(text)
    return Wishes(
        function=function,
        parameters=parameters,
        renames=tuple(_renames(text)),
        quantities=tuple(_quantities(text)),
        types=_types(text),
        https_only=bool(_HTTPS_ONLY.search(text)),
        folder=_first(_FOLDER, text),
        program=_program(text),
        home=_first(_HOME, text),
        table=next((name for pattern in _TABLE if (name := _first(pattern, text))), ""),
    )


def usable_name(name: str) -> bool:
    """Whether a function or parameter can be called so: an identifier that is neither reserved nor built in."""
    return name.isidentifier() and not keyword.iskeyword(name) and not hasattr(builtins, name)


def _signature(text: str) -> tuple[str, tuple[str, ...]]:
    defined = _DEF.search(text)
    if defined:
        written = [re.split(r"[:=]", part)[0].strip(" *") for part in defined[2].split(",")]
        return defined[1], tuple(name for name in written if name not in {"", "self", "cls"})
    listed = _LISTED.search(text)
    names = re.findall(rf"`({_NAME})`", listed[1]) if listed else []
    return next(_functions(text), ""), tuple(names)


def _functions(text: str) -> Iterator[str]:
    for pattern in _FUNCTION:
        for found in pattern.finditer(text):
            if not re.search(
                r"(?:parameter|argument|column|table|file|folder)\s+$",
                text[max(0, found.start() - _WORDS_BEFORE) : found.start()],
                re.I,
            ):
                yield found[1]


def _renames(text: str) -> Iterator[tuple[str, str]]:
    for found in _RENAME.finditer(text):
        yield (found[1] or found[3], found[2] or found[4])


def _quantities(text: str) -> Iterator[Quantity]:
    for found in _QUANTITY.finditer(text):
        before = text[max(0, found.start() - _WORDS_BEFORE) : found.start()]
        size = _SIZES.get(found[2].lower())
        bound = _ends_with(_BOUND, before) or _GOES_ON.search(before) is not None
        if size is not None and (bound or found[2].lower() in {"bit", "byte"}):
            yield Quantity(measure=Measure.BYTES, amount=_number(found[1]) * size, said=found[0])
        if size is None and (bound or _ends_with(_LASTING, before)):
            seconds = _number(found[1]) * _TIMES[found[2].lower()]
            yield Quantity(measure=Measure.SECONDS, amount=seconds, said=found[0])
    for found in _COUNT.finditer(text):
        if found[2].lower().rstrip("s") not in {*_SIZES, *_TIMES}:
            said = f"{found[1]} {found[2]}"
            yield Quantity(measure=Measure.COUNT, amount=_number(found[1]), said=said, noun=found[2].lower())


def _ends_with(words: str, before: str) -> bool:
    """Whether a limiting word stands before the number with only small words between."""
    return bool(
        re.search(rf"\b(?:{words})(?:\s+(?:a|an|the|is|of|to|about|only|and|than|\w+'s))*\s*$", before, re.IGNORECASE)
    )


def _number(text: str) -> float:
    return float(re.sub(r"[ ,_]", "", text))


def _types(text: str) -> tuple[str, ...]:
    named = [(bool(found[1]), _TYPES[found[2].lower()]) for found in _TYPE.finditer(text)]
    refused = {ending for negated, ending in named if negated}
    return tuple(dict.fromkeys(ending for negated, ending in named if not negated and ending not in refused))


def _program(text: str) -> str:
    found = _PROGRAM.search(text)
    return (found[2] or found[1] or "") if found else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
