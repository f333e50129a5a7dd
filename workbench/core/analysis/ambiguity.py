r"""Whether a backtracking matcher can need exponential time for a regular expression, and a text that shows it.

It can where a loop reads the same text in two ways: then n rounds are read in 2^n ways, and a text that does not match
in the end makes the matcher try them all. In the graph of pairs of positions that read the same character, this is a
cycle through a pair (s, s) and a pair of two different positions, or a step that can be taken in two ways; see
Weideman, van der Merwe, Berglund and Watson, "Analyzing Matching Time Behavior of Backtracking Regular Expression
Matchers by Using Ambiguity of NFA" (CIAA 2016). Slower growth (`a*a*$`) is left out: it is everywhere, and
it only hurts with very long texts.

We looked for a library first (November 2026). regexploit (Apache-2.0) has had no release since 2021, stands on modules
that Python has deprecated, and misses overlapping alternatives such as `(a|aa)+$`. dlint (BSD-3, alive) asks only
whether repetitions are nested, so that it reports harmless ones such as `(\w+\s)+$`. Hence this small check.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from workbench.core.analysis.pattern_paths import END, START, TWO, NotJudged, Paths

MARKS = (1 << START) | (1 << END)

MAX_STEPS = 400_000
"""Pairs of steps looked at before giving up on a pattern: some tenths of a second."""

MAX_SETS = 60
"""Sets of positions looked at for a text that does not match."""


@dataclass(frozen=True)
class Blowup:
    """A text that keeps the matcher busy: `start`, `pump` again and again, `end`."""

    start: str
    pump: str
    end: str

    def text(self, rounds: int) -> str:
        """The text with so many rounds; each round about doubles the work."""
        return self.start + self.pump * rounds + self.end


@lru_cache(maxsize=512)
def exponential(pattern: str, flags: int = 0, *, whole: bool = False) -> Blowup | None:
    """A text on which the matcher needs exponential time; None when there is none, or when it cannot be judged.

    `whole` for a pattern that must match the text to its end (`fullmatch`).
    """
    try:
        paths = Paths(pattern, flags, whole=whole)
        left = MAX_STEPS
        for state in range(len(paths.masks)):
            if state not in _reached(paths, paths.steps[state]):
                continue
            pump, left = _two_ways_round(paths, state, left)
            found = _blowup(paths, state, pump) if pump else None
            if found:
                return found
    except NotJudged:
        return None
    return None


def _reached(paths: Paths, begin: Iterable[int]) -> set[int]:
    found, waiting = set(begin), list(begin)
    while waiting:
        for target in paths.steps[waiting.pop()]:
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _two_ways_round(paths: Paths, state: int, left: int) -> tuple[list[int] | None, int]:
    """Characters that lead from a position back to it in two different ways, and how many steps are left of `left`.

    Walks pairs of positions that read the same text, from (state, state); the third part of a node says whether the
    two have already gone different ways.
    """
    begin = (state, state, False)
    before: dict[tuple[int, int, bool], tuple[tuple[int, int, bool], int]] = {}
    waiting = deque([begin])
    while waiting:
        node = waiting.popleft()
        one, other, parted = node
        left -= len(paths.steps[one]) * len(paths.steps[other])
        if left < 0:
            raise NotJudged
        for target, both in _next_pairs(paths, one, other, parted):
            if target in before:
                continue
            before[target] = (node, both)
            if target == (state, state, True):
                return _way_back(before, target, begin), left
            waiting.append(target)
    return None, left


def _next_pairs(paths: Paths, one: int, other: int, parted: bool) -> Iterator[tuple[tuple[int, int, bool], int]]:
    """Pairs that two positions reach with one character, and the characters that do it."""
    for first, ways in paths.steps[one].items():
        for second in paths.steps[other]:
            both = paths.masks[first] & paths.masks[second] & ~MARKS
            if both:
                yield (first, second, parted or first != second or (one == other and ways >= TWO)), both


def _way_back(
    before: dict[tuple[int, int, bool], tuple[tuple[int, int, bool], int]],
    node: tuple[int, int, bool],
    begin: tuple[int, int, bool],
) -> list[int]:
    masks = []
    while node != begin:
        node, mask = before[node]
        masks.append(mask)
    return masks[::-1]


def _blowup(paths: Paths, state: int, pump: list[int]) -> Blowup | None:
    start = _way_to(paths, state)
    if start is None:
        return None
    chosen, rounds = [_choose(mask) for mask in start], [_choose(mask) for mask in pump]
    end = _failing_end(paths, [*chosen, *rounds * 3])
    if end is None:
        return None
    start_text, pump_text, end_text = (
        "".join(paths.samples[number] for number in numbers) for numbers in (chosen, rounds, end)
    )
    return Blowup(start_text, pump_text, end_text)


def _way_to(paths: Paths, state: int) -> list[int] | None:
    """Masks of characters that lead from the start of a text to a position; None when only a mark leads there."""
    before: dict[int, int | None] = dict.fromkeys(n for n in _first(paths) if paths.masks[n] & ~MARKS)
    waiting = deque(before)
    while waiting and state not in before:
        number = waiting.popleft()
        for target in paths.steps[number]:
            if target not in before and paths.masks[target] & ~MARKS:
                before[target] = number
                waiting.append(target)
    if state not in before:
        return None
    masks: list[int] = []
    at: int | None = state
    while at is not None:
        masks.append(paths.masks[at] & ~MARKS)
        at = before[at]
    return masks[::-1]


def _first(paths: Paths) -> frozenset[int]:
    """Positions that can read the first character of a text, whether or not the pattern says `^`."""
    found: set[int] = set()
    for number in paths.whole.first:
        found |= paths.steps[number].keys() if paths.masks[number] & (1 << START) else {number}
    return frozenset(found)


def _choose(mask: int) -> int:
    """One of the characters of a mask, a plain one when there is: letters, digits, then anything that can be shown."""
    for low, high in (("a", "z"), ("0", "9"), ("!", "~"), ("\0", "\x7f")):
        for code in range(ord(low), ord(high) + 1):
            if mask >> (code + 2) & 1:
                return code + 2
    return (mask & -mask).bit_length() - 1


def _failing_end(paths: Paths, text: list[int]) -> list[int] | None:
    """Characters after which no match begins at the start of the text; None when none was found.

    A match further on does not help: the matcher tries the first place first. A line break is left out of the
    characters, as `$` also matches before a last one.
    """
    final = frozenset(paths.whole.last)
    states = _reading(paths, _first(paths), text[0])
    for number in text[1:]:
        if states & final or paths.whole.empty:
            return None
        states = _read(paths, states, number)
    if states & final:
        return None
    candidates = [number for number in range(2, len(paths.samples)) if paths.samples[number] != "\n"]
    candidates.sort(key=lambda number: (paths.samples[number] not in "!#;a0", number))
    seen = {states}
    waiting = deque([(states, list[int]())])
    while waiting and len(seen) < MAX_SETS:
        states, read = waiting.popleft()
        if not _read(paths, states, END) & final:
            return read
        for number in candidates:
            after = _read(paths, states, number)
            if after not in seen and not after & final:
                seen.add(after)
                waiting.append((after, [*read, number]))
    return None


def _read(paths: Paths, states: frozenset[int], number: int) -> frozenset[int]:
    """Positions after one more character."""
    return _reading(paths, frozenset[int]().union(*(paths.steps[state] for state in states)), number)


def _reading(paths: Paths, states: Iterable[int], number: int) -> frozenset[int]:
    return frozenset(state for state in states if paths.masks[state] >> number & 1)
