"""Names that mean one thing exactly: identifiers, hashes, addresses, paths, functions, packages.

A full-text index takes them apart at their punctuation, where 10.0.0.1 is as good as 10.0.1.0. Here they stay whole.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from workbench.core.knowledge.documents import IDENTIFIER
from workbench.core.stores.runs import EDGES, RUN_CHARACTERS, odd_runs

LONGEST_NAME = 200
"""Longer ones, such as encoded data, are not indexed."""

SHORT_QUESTION = 8
"""Words up to which a question with the name of a function, file or module in it is about that name; a longer text
mentions many. (Chosen on questions about functions of Python packages: docs/decisions/0013-fusion.md.)"""

KEPT_RUNS = 20_000
"""Runs of characters whose names are remembered: the words of a text are mostly those of the texts before it."""

_RUN = re.compile(rf"[{RUN_CHARACTERS}]+")
_PIECE = re.compile(r"[/\\:@+~$%]+")
_JOINED = re.compile(r"[^\W_][\W_]+[^\W_]|_|[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_]")

_CERTAIN = re.compile(
    IDENTIFIER.pattern  # records
    + r"|(?<![A-Za-z0-9-])(?:MS\d\d-\d{3}|[A-Z]{2,6}-\d{4}[-:]\d{2,})(?![A-Za-z0-9])"  # bulletins such as MS17-010
    r"|(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})(?![0-9A-Za-z])"  # MD5, SHA
    r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)"  # IPv4
    r"|(?<![\w:])(?:[0-9A-F]{1,4}:)(?:[0-9A-F]{0,4}:){1,6}[0-9A-F]{1,4}(?![\w:])"  # IPv6, MAC
    r"|[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
    r"|\b[a-z]{2,}://[\w.@/:+~$%-]+",  # address
    re.IGNORECASE | re.ASCII,
)

_CODE = re.compile(
    r"(?<![\w.@/\\:-])(?:"
    r"(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@+$%-]+){2,}[/\\]?"  # path
    r"|@[\w-]+/[\w.-]+"  # scoped package
    r"|[A-Za-z_]\w+(?:(?:\.|::)[A-Za-z_]\w*)+"  # module, method, host
    r"|_*[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+"  # snake_case
    r"|[A-Za-z_]\w*(?=\(\))"  # call()
    r"|[a-z]{2,}(?:[A-Z][a-z0-9]+)+"  # camelCase
    r")(?!\w)",
    re.ASCII,
)


def names_in(text: str) -> set[str]:
    """Every name that a text can be found by exactly: whole, and its parts where addresses and paths have such."""
    return names_of(odd_runs(text))


def names_of(runs: Iterable[str]) -> set[str]:
    """The names in the runs of a text (see `runs`)."""
    return set().union(*map(_names_of, set(runs)))


@lru_cache(maxsize=KEPT_RUNS)
def _names_of(run: str) -> frozenset[str]:
    if run.isalpha() and run[1:].islower():
        return frozenset()
    names: set[str] = set()
    for name in {run, *_PIECE.split(run)}:
        found = _canonical(name)
        if len(found) <= LONGEST_NAME and _JOINED.search(name):
            names.add(found)
            names.update(part for part in found.split(".") if "_" in part)
    return frozenset(names - {""})


def names_asked(question: str) -> tuple[str, ...]:
    """The names that an answer to a question must hold, in the form of `names_in`: () for most questions.

    A question that is one word is a name whatever it looks like.
    """
    words = question.split()
    if len(words) == 1:
        found = [max(_RUN.findall(question), key=len, default="")]
    else:
        found = [match.group() for match in _CERTAIN.finditer(question)]
        if len(words) <= SHORT_QUESTION:
            found += [match.group() for match in _CODE.finditer(question)]
    return tuple(dict.fromkeys(name for name in map(_canonical, found) if name and _PIECE.sub("", name)))


def is_exact(name: str) -> bool:
    """Whether a name cannot be an ordinary word: it joins what words do not, as addresses, paths and functions do."""
    return is_certain(name) or _JOINED.search(name) is not None


def is_certain(name: str) -> bool:
    """Whether a name can mean one thing only: an identifier, a hash, an address; no function, file or module."""
    return _CERTAIN.fullmatch(name) is not None


def _canonical(name: str) -> str:
    return name.strip(EDGES).casefold()
