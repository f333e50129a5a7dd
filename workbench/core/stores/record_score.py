"""How near a record is to a question: what its passages and its sought lines say together, and which parts of a
question are compared besides the whole of it.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from workbench.core.fusion import Hit

TEXT, TEXT_OF_NAMED = 0.5, 0.3
"""Share of the nearest passage beside that of the nearest sought line: of a record that says which questions it
answers, and of a catalogue's entry, whose sought lines are its names and labelled sentences. The former was chosen on
benchmarks/shelf_questions/chosen_on.jsonl (.3 puts 2 in 100 fewer first), the latter on pairs of vulnerabilities with
weaknesses and of procedures with techniques (.5 puts 2 in 100 fewer weaknesses first)."""

NAMED = 0.5
"""What a record gains on the scale of cosines when all of one of its names stands in the question. Of .1 to .5 the most
was best for vulnerabilities and their weaknesses: by its name's words alone the right one comes first in 48 of 100."""

LEAST_KNOWN = 3
"""Texts that a word must stand in to be kept in the parts of a question. Rarer ones are mostly names of products,
which draw a vector away from what is told of them."""

MOST_PARTS = 4
"""Parts of a question that are compared, from its beginning."""

MAPPED, KINDS = 0.2, 0.05
"""What a weakness gains over others, on the scale of the fused scores: when published vulnerabilities are mapped to it,
and by the logarithm of how many kinds of it they are mapped to. On vulnerabilities with their weaknesses .1 to .4 of
the first did about as well; .1 of the second finds more by descriptions alone and fewer where sentences are told."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def nearness(text: float | None, sought: float | None, *, named: bool) -> float | None:
    """Of a record: from the cosines of its nearest passage and of its nearest sought line, where it has such.

    `named` says whether its names are among those lines.
    """
    if text is None or sought is None:
        return text if sought is None else sought
    share = TEXT_OF_NAMED if named else TEXT
    return share * text + (1 - share) * sought


def parts_of(question: str, known_in: Callable[[str], int]) -> list[str]:
    """The sentences of a question without the words that fewer than LEAST_KNOWN texts have; [] when that is all of it.

    `known_in` says how many texts have a word. A text of several sentences is about several things, and a sentence
    about a product is about what happens to it.
    """
    parts = [_known_words(sentence, known_in) for sentence in _SENTENCE_END.split(question)]
    told = [part for part in dict.fromkeys(parts) if part and part != " ".join(question.split())]
    return told[:MOST_PARTS]


def _known_words(sentence: str, known_in: Callable[[str], int]) -> str:
    return " ".join(word for word in sentence.split() if known_in(word) >= LEAST_KNOWN)


def usual(*, mapped: bool, kinds: int) -> float:
    """What a weakness gains by being a usual one, before any question.

    MITRE's view 1003 names some 130 of over 900 weaknesses that vulnerabilities are mapped to; most others are details
    of those. `kinds` counts the weaknesses of that view below it.
    """
    return MAPPED * mapped + KINDS * math.log1p(kinds)


def usual_first(hits: Sequence[Hit], gains: Mapping[int, float]) -> list[int]:
    """The units of fused hits, best first, with what weaknesses gain; those change places among themselves only."""
    weaknesses = [(unit, score + gains[unit]) for unit, score in hits if unit in gains]
    ordered = iter(sorted(weaknesses, key=lambda hit: -hit[1]))
    return [next(ordered)[0] if unit in gains else unit for unit, _ in hits]
