"""The words of a text as they are indexed and compared: stemmed English, without stop words."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

LONGEST_WORD = 80
"""Longer words, such as encoded data, are not indexed."""

KEPT_WORDS = 50_000
"""Words whose stem is remembered."""

TELLING_NAME = 5.0
"""Weight of a name's words (inverse document frequencies) at which it counts half: one common word is no name."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")


class Analyser:
    """Takes texts apart. Thread-safe."""

    def __init__(self) -> None:
        self.analyser = _make_analyser()
        """tantivy's own."""
        self._stem = lru_cache(maxsize=KEPT_WORDS)(self._stem_of)

    def words(self, text: str) -> list[str]:
        """The words of a text, each time they occur."""
        return list(self.analyser.analyze(text.encode("utf-8", "replace").decode()))

    def different_words(self, text: str) -> set[str]:
        """The words of a text, each once: of plain ASCII three times as fast, since one word in ten is new."""
        if not text.isascii():
            return set(self.words(text))
        return set(map(self._stem, set(_ASCII_WORD.findall(text.lower())))) - {""}

    def _stem_of(self, word: str) -> str:
        return "".join(self.analyser.analyze(word))


class Coverage:
    """Which share of a question's words a text has, 0 to 1, each word weighing its rarity."""

    def __init__(self, weights: Mapping[str, float], words: Callable[[str], Collection[str]]) -> None:
        self._weights = weights
        self._words = words
        self._total = sum(weights.values())

    def words_in(self, text: str) -> frozenset[str]:
        """The question's words that stand in a text; of several texts together it is their union."""
        return frozenset(self._weights.keys() & set(self._words(text)))

    def share(self, words: Collection[str]) -> float:
        """What those of the question's words weigh, of all of them."""
        return sum(self._weights[word] for word in words) / self._total if self._total else 0.0

    def words(self, text: str) -> frozenset[str]:
        """The words of any text, as they are compared."""
        return frozenset(self._words(text))

    def of_name(self, name: Collection[str]) -> float:
        """How much of a name, given by its words, stands in the question: 0 to 1, more for names that tell more.

        What a word weighs that the question has not is not known; it counts as much as the question's do on average.
        """
        held = [self._weights[word] for word in name if word in self._weights]
        if not held:
            return 0.0
        told, usual = sum(held), self._total / len(self._weights)
        return told / (told + usual * (len(name) - len(held))) * told / (told + TELLING_NAME)


def _make_analyser() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (
        Filter.remove_long(LONGEST_WORD),
        Filter.lowercase(),
        Filter.ascii_fold(),
        Filter.stopword("english"),
        Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()
