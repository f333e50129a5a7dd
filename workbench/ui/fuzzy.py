"""Finds captions by a few letters of them, as the command palette does."""

from collections.abc import Callable

_WORD_START = 8
_NEXT_TO_IT = 5
_LATE = 0.2
"""Scores of a matched letter: begins a word, follows the letter matched before it, each letter passed over."""


def match(pattern: str, text: str) -> tuple[float, tuple[int, ...]] | None:
    """How well `text` has the letters of `pattern` in their order, and where; None when it has not.

    Blanks and case do not count. A higher score is a better match; an empty pattern matches everything with 0.
    """
    wanted = [letter for letter in pattern.lower() if not letter.isspace()]
    folded = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    best: tuple[float, tuple[int, ...]] | None = None
    for start in _starts(wanted, folded):
        found = _match_from(wanted, folded, start)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return best


def _starts(wanted: list[str], text: str) -> list[int]:
    if not wanted:
        return [0]
    return [index for index, letter in enumerate(text) if letter == wanted[0]]


def _match_from(wanted: list[str], text: str, start: int) -> tuple[float, tuple[int, ...]] | None:
    """With letters at beginnings of words where there are any; where that leaves later ones no place, the next ones."""
    places = _places(wanted, text, start, _place) or _places(wanted, text, start, str.find)
    if places is None:
        return None
    score = sum(_worth(text, place, places[:number]) for number, place in enumerate(places))
    return score - _LATE * (places[-1] - start if places else 0), tuple(places)


def _places(wanted: list[str], text: str, start: int, place_of: Callable[[str, str, int], int]) -> list[int] | None:
    places: list[int] = []
    position = start
    for letter in wanted:
        place = place_of(text, letter, position)
        if place < 0:
            return None
        places.append(place)
        position = place + 1
    return places


def _place(text: str, letter: str, position: int) -> int:
    """The next place of the letter, one that begins a word rather than an earlier one within a word."""
    first = text.find(letter, position)
    if first == position or first < 0:
        return first
    place = first
    while place >= 0:
        if not text[place - 1].isalnum():
            return place
        place = text.find(letter, place + 1)
    return first


def _worth(text: str, place: int, before: list[int]) -> float:
    starts_word = place == 0 or not text[place - 1].isalnum()
    follows = bool(before) and place == before[-1] + 1
    return 1.0 + _WORD_START * starts_word + _NEXT_TO_IT * follows
