"""Program code among texts: whether a text is code, and the words that its names are joined from."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from workbench.core.stores.runs import odd_runs

KEPT_RUNS = 20_000
"""Runs of characters whose words are remembered."""

MOST_LINES = 0.5
"""Share of lines that look like code from which a text is taken for code."""

_CODE_BEGINS = re.compile(
    r"\s*(?:def |class |return\b|import |from \S+ import|@\w+|#include|"
    r"(?:if|elif|for|while|with|try|except|else|switch|catch)\b.*[:{]\s*$|"
    r"(?:public|private|static|func|fn|var|let|const) "
    r"|[\w.\[\]'\"]+\s*(?:=|\+=|:=)\s*\S"
    r"|[)\]}])"
)
_CALL_ENDS = re.compile(r"\w\([^)]*\)\s*:?$")
"""How lines of the usual languages begin or end and lines of prose seldom do."""

_WORD = re.compile(r"\w+", re.ASCII)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_code(text: str) -> bool:
    """Whether most lines of a text look like program code, in whatever language."""
    lines = [line for line in map(str.rstrip, text.splitlines()) if line]
    return sum(map(_is_code_line, lines)) > MOST_LINES * len(lines)


def _is_code_line(line: str) -> bool:
    """Of a line without blanks at its end. The expressions are tried only where they can match: lines are long."""
    if line[-1] in ";{}" or _CODE_BEGINS.match(line):
        return True
    return line[-1] in "):" and _CALL_ENDS.search(line) is not None


def joined_words(text: str) -> list[str]:
    """The words in camelCase, snake_case and such as IPv6Address, each time they occur; single letters are none."""
    return joined_words_of(odd_runs(text))


def joined_words_of(runs: Iterable[str]) -> list[str]:
    """The same in the runs of a text (see `runs`), in their order."""
    return list(chain.from_iterable(map(_parts_of, runs)))


@lru_cache(maxsize=KEPT_RUNS)
def _parts_of(run: str) -> tuple[str, ...]:
    words = (word for word in _WORD.findall(run) if not (word.isalpha() and word[1:].islower()))
    parts = (_PART.findall(word) for word in words)
    return tuple(part for of_one in parts if len(of_one) > 1 for part in of_one if len(part) > 1)
