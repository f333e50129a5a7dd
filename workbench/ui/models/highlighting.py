"""Which words of a text a question is about, and the piece of the text in which most of them stand."""

import re
from bisect import bisect_left

Span = tuple[int, int]
"""Where something begins in a text, and where it ends (after its last letter)."""

_WORD = re.compile(r"\w+(?:[.:/_-]\w+)*")
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "s", "e")
_LEAST_STEM = 3
_STOP = frozenset(
    """
    a an and any are as at be by can do does for from has have how i if in into is it its me my no not nothing of on or
    our out outside so such than that the their them then there these they this to was we what when where which who why
    will with you your
    """.split()  # noqa: SIM905
)
"""Words that say nothing of the subject."""


def stem(word: str) -> str:
    """A word without the ending that plural, tense and the like give it; identifiers stay as they are."""
    folded = word.casefold()
    if any(letter.isdigit() for letter in folded):
        return folded
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= _LEAST_STEM:
            return folded[: -len(ending)]
    return folded


def terms(question: str) -> frozenset[str]:
    """The stems of the words that a question is about: of compounds the whole and its parts."""
    found: set[str] = set()
    for match in _WORD.finditer(question):
        word = match.group()
        for part in {word, *re.split(r"[.:/_-]", word)} if not _is_identifier(word) else {word}:
            if part and part.casefold() not in _STOP:
                found.add(stem(part))
    return frozenset(found)


def _is_identifier(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def spans(text: str, wanted: frozenset[str]) -> list[Span]:
    """Where the words of `text` stand that have one of these stems, in order, none overlapping."""
    if not wanted:
        return []
    found: list[Span] = []
    for match in _WORD.finditer(text):
        if stem(match.group()) in wanted:
            found.append(match.span())
            continue
        parts = re.finditer(r"[^\W_]+", match.group())
        found += [
            (match.start() + part.start(), match.start() + part.end()) for part in parts if stem(part.group()) in wanted
        ]
    return found


def snippet(text: str, wanted: frozenset[str], length: int) -> str:
    """About `length` letters of `text`, on one line, in which the most different words of these stems stand."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    start = _best_start(flat, spans(flat, wanted), length)
    if start > 0:
        start = flat.find(" ", start) + 1 or start
    end = min(len(flat), start + length)
    if end < len(flat):
        end = max(flat.rfind(" ", start, end), start + length // 2)
    return f"{'… ' if start else ''}{flat[start:end].strip()}{' …' if end < len(flat) else ''}"


def _best_start(flat: str, found: list[Span], length: int) -> int:
    """Where a window of that length begins that holds the most different stems, the closest together, in its middle."""
    starts = [start for start, _ in found]
    best, place = (0, 0), 0
    for number, (start, _) in enumerate(found):
        seen: set[str] = set()
        extent = 0
        for first, last in found[number : bisect_left(starts, start + length)]:
            word = stem(flat[first:last])
            if word not in seen:
                seen.add(word)
                extent = last - start
        if (len(seen), -extent) > best:
            best, place = (len(seen), -extent), start - max(0, length - extent) // 2
    return max(0, min(place, len(flat) - length))
