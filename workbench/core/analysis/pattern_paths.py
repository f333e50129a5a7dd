"""A regular expression as positions and the steps between them: in how many ways the matcher can read a text.

Each character place of the pattern is a position (Glushkov's construction). Steps carry how many different ways lead
from one position to the next (two stands for "two or more"), because a backtracking matcher tries each of them. What
a position matches is asked of `re` itself, one place at a time, over a fixed set of sample characters; so whatever is
said of texts of those characters is exact, flags and categories included.

Python's own parser gives the tree. It is not a public module (`re._parser`), but it has been the same for decades and
every tool in this field stands on it; where it says something unknown, the pattern is not judged.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

_parser: Any = import_module("re._parser")
_compiler: Any = import_module("re._compiler")
_names: Any = import_module("re._constants")

MAX_POSITIONS = 300
"""Places of a pattern beyond which it is not judged; counted repetitions are written out."""

START, END = 0, 1
"""Indices of the two marks that stand around every text, so that `^` and `$` are places as any other."""

TWO = 2


class NotJudged(Exception):  # noqa: N818 - it is an answer, not a failure
    """The pattern has something that this model does not speak of: an assertion, a back reference, too many places."""


@dataclass(frozen=True)
class Piece:
    """A part of a pattern: in how many ways it matches nothing, and where it can begin and end, in how many ways."""

    empty: int = 0
    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)


NOTHING = Piece(empty=1)


class Paths:
    """Positions of a pattern: `masks` (which sample characters each matches), `steps` and the whole as a Piece."""

    def __init__(self, pattern: str, flags: int = 0, *, whole: bool = False) -> None:
        """`whole` for a pattern that must match to the end of the text, as `fullmatch` wants it."""
        try:
            tree = _parser.parse(pattern, flags)
        except (re.error, RecursionError, OverflowError) as error:
            raise NotJudged from error
        self.flags = int(tree.state.flags)
        self.samples = _samples(pattern)
        self.masks: list[int] = []
        self.steps: list[dict[int, int]] = []
        self._known: dict[str, int] = {}
        self._state = tree.state
        self._loops = 0
        self.whole = self._sequence(tree.data)
        if whole:
            self.whole = self._then(self.whole, self._mark(END))

    def _place(self, mask: int) -> Piece:
        if len(self.masks) >= MAX_POSITIONS:
            raise NotJudged
        self.masks.append(mask)
        self.steps.append({})
        number = len(self.masks) - 1
        return Piece(0, {number: 1}, {number: 1})

    def _mark(self, mark: int) -> Piece:
        return self._place(1 << mark)

    def _sequence(self, items: list[Any]) -> Piece:
        found = NOTHING
        for name, value in items:
            found = self._then(found, self._of(name, value))
        return found

    def _of(self, name: Any, value: Any) -> Piece:
        if name in {_names.LITERAL, _names.NOT_LITERAL, _names.IN, _names.ANY}:
            return self._place(self._mask(name, value))
        if name is _names.BRANCH:
            return _either([self._sequence(branch.data) for branch in value[1]])
        if name is _names.SUBPATTERN:
            _, added, removed, inside = value
            if added or removed:
                raise NotJudged
            return self._sequence(inside.data)
        if name in {_names.MAX_REPEAT, _names.MIN_REPEAT}:
            return self._repeated(*value)
        if name is _names.AT:
            return self._at(value)
        raise NotJudged

    def _at(self, where: Any) -> Piece:
        if self._loops or self.flags & re.MULTILINE:
            raise NotJudged
        if where in {_names.AT_BEGINNING, _names.AT_BEGINNING_STRING}:
            return self._mark(START)
        if where in {_names.AT_END, _names.AT_END_STRING}:
            return self._mark(END)
        raise NotJudged

    def _repeated(self, least: int, most: Any, inside: Any) -> Piece:
        endless = most is _names.MAXREPEAT
        if (least if endless else most) > MAX_POSITIONS:
            raise NotJudged
        found = NOTHING
        for number in range(least):
            last = endless and number == least - 1
            found = self._then(found, self._loop(inside) if last else self._sequence(inside.data))
        if endless:
            return found if least else _maybe(self._loop(inside))
        rest = NOTHING
        for _ in range(most - least):
            rest = _maybe(self._then(self._sequence(inside.data), rest))
        return self._then(found, rest)

    def _loop(self, inside: Any) -> Piece:
        self._loops += 1
        body = self._sequence(inside.data)
        self._loops -= 1
        self._join(body.last, body.first)
        return body

    def _then(self, one: Piece, other: Piece) -> Piece:
        self._join(one.last, other.first)
        return Piece(
            min(TWO, one.empty * other.empty),
            _sum(one.first, other.first, one.empty),
            _sum(other.last, one.last, other.empty),
        )

    def _join(self, last: dict[int, int], first: dict[int, int]) -> None:
        for origin, ways in last.items():
            for target, more in first.items():
                step = self.steps[origin]
                step[target] = min(TWO, step.get(target, 0) + ways * more)

    def _mask(self, name: Any, value: Any) -> int:
        """Which sample characters one place of the pattern matches, as `re` says."""
        key = f"{name} {value}"
        if key not in self._known:
            one = _compiler.compile(_parser.SubPattern(self._state, [(name, value)]), self.flags)
            self._known[key] = sum(1 << number for number, text in enumerate(self.samples) if one.fullmatch(text))
        return self._known[key]


def _sum(one: dict[int, int], other: dict[int, int], times: int) -> dict[int, int]:
    found = dict(one)
    for number, ways in other.items():
        if times:
            found[number] = min(TWO, found.get(number, 0) + ways * times)
    return found


def _either(pieces: list[Piece]) -> Piece:
    found = Piece()
    for piece in pieces:
        first, last = _sum(found.first, piece.first, 1), _sum(found.last, piece.last, 1)
        found = Piece(min(TWO, found.empty + piece.empty), first, last)
    return found


def _maybe(piece: Piece) -> Piece:
    return Piece(min(TWO, piece.empty + 1), piece.first, piece.last)


def _samples(pattern: str) -> list[str]:
    """The two marks (which match nothing), ASCII, a few letters and digits beyond it, and the pattern's own."""
    others = {neighbour for text in pattern if ord(text) > 127 for neighbour in _neighbours(text)}
    return ["<start>", "<end>", *map(chr, range(128)), *sorted(others | set("éßıſK٣あ\u00a0\u2028"))]


def _neighbours(text: str) -> Iterator[str]:
    for code in (ord(text) - 1, ord(text), ord(text) + 1):
        if 127 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            yield chr(code)
