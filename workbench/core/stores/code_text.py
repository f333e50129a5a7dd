"""Program code among texts: whether a text is code, and the words that its names are joined from."""

import re

MOST_LINES = 0.5
"""Share of lines that look like code from which a text is taken for code."""

_CODE_LINE = re.compile(
    r"^\s*(?:def |class |return\b|import |from \S+ import|@\w+|#include|"
    r"(?:if|elif|for|while|with|try|except|else|switch|catch)\b.*[:{]\s*$|"
    r"(?:public|private|static|func|fn|var|let|const) )"
    r"|[;{}]\s*$"
    r"|^\s*[\w.\[\]'\"]+\s*(?:=|\+=|:=)\s*\S"
    r"|\w\([^)]*\)\s*[:;{]?\s*$"
    r"|^\s*[)\]}]+"
)
"""How lines of the usual languages begin or end and lines of prose seldom do."""

_WORD = re.compile(r"\w+", re.ASCII)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_code(text: str) -> bool:
    """Whether most lines of a text look like program code, in whatever language."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(_CODE_LINE.search(line) is not None for line in lines) > MOST_LINES * len(lines)


def joined_words(text: str) -> list[str]:
    """The words in camelCase, snake_case and such as IPv6Address, each time they occur; single letters are none."""
    words = (word for word in _WORD.findall(text) if not (word.isalpha() and word[1:].islower()))
    parts = (_PART.findall(word) for word in words)
    return [part for of_one in parts if len(of_one) > 1 for part in of_one if len(part) > 1]
