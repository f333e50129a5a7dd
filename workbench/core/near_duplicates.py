"""Passages that say the same in nearly the same words are shown once, with where else they stand.

Two texts are near-duplicates when most runs of three words of one are in the other: the Jaccard resemblance of their
shingles (Broder 1997), computed exactly, since an answer has only some dozens of passages.
"""

from collections.abc import Iterable

from workbench.core.evidence import Passage
from workbench.core.knowledge.records import RECORD_KINDS

SHINGLE = 3
"""Words in a shingle. Two hundred words of which one was changed share 97 % of them."""

ALIKE = 0.85
"""Resemblance from which two passages count as one; two versions of a paragraph lie above, two of a list below."""


def collapse(passages: Iterable[Passage]) -> list[Passage]:
    """The passages in their order, of near-duplicates the first, which tells where the others stand.

    Records are never taken for one another: entries of one form say different things in much the same words.
    """
    kept: list[Passage] = []
    shingles: list[frozenset[str]] = []
    for passage in passages:
        mine = shingles_of(passage.text)
        twin = None if passage.kind in RECORD_KINDS else _twin(mine, kept, shingles)
        if twin is None:
            kept.append(passage)
            shingles.append(mine)
        else:
            first = kept[twin]
            place = str(passage.location) or passage.title
            kept[twin] = first.model_copy(update={"also_in": (*first.also_in, place)})
    return kept


def shingles_of(text: str) -> frozenset[str]:
    """All runs of SHINGLE words, in lower case; of a shorter text the whole."""
    words = text.lower().split()
    if len(words) <= SHINGLE:
        return frozenset({" ".join(words)})
    return frozenset(" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1))


def resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of their shingles that both have, 0 to 1."""
    return len(one & other) / len(one | other)


def _twin(mine: frozenset[str], kept: list[Passage], shingles: list[frozenset[str]]) -> int | None:
    for place, (passage, theirs) in enumerate(zip(kept, shingles, strict=True)):
        if passage.kind not in RECORD_KINDS and resemblance(mine, theirs) >= ALIKE:
            return place
    return None
