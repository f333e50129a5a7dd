"""Findings before a repair beside those after it: what is gone, what stays, what is new and whether it came in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.evidence import Finding
from workbench.core.tasks import CodeUnit

_WORD = re.compile(r"\w+")

_AROUND_VALUES = frozenset({"str", "escape", "f"})
"""What known fixes write around a value (`escape(str(name))`, `f"{name}"`); no weakness comes in with it."""


@dataclass(frozen=True)
class Comparison:
    """Findings before and after a repair. `new` are those that only the repaired code has, with its line numbers."""

    gone: tuple[Finding, ...]
    stays: tuple[Finding, ...]
    new: tuple[Finding, ...]


def compare(before: Sequence[Finding], after: Sequence[Finding]) -> Comparison:
    """Findings that are gone, that stay and that are new; each in its first order, `stays` as they were before.

    A finding stays where the same code still has it, or, since a repair may change the line for another reason, where
    the same rule still speaks in the same file. Findings are counted: of two alike one may go and one stay.
    """
    left = list(after)
    open_ = dict(enumerate(before))
    for alike in (_same_code, _same_rule):
        for index, finding in list(open_.items()):
            twin = next((other for other in left if alike(finding, other)), None)
            if twin is not None:
                left.remove(twin)
                del open_[index]
    stays = tuple(finding for index, finding in enumerate(before) if index not in open_)
    return Comparison(tuple(open_.values()), stays, tuple(left))


def _same_code(one: Finding, other: Finding) -> bool:
    return one.fingerprint == other.fingerprint


def _same_rule(one: Finding, other: Finding) -> bool:
    return (one.rule, one.file) == (other.rule, other.file)


def stood_before(finding: Finding, units: Sequence[CodeUnit]) -> bool:
    """Whether every word of a new finding's lines stood in its file before the repair.

    Then the repair only wrote the statement anew, and an analyser that did not see the weakness in the old form sees it
    in the new one. Where the lines have a new word, the repair may have brought the weakness in.
    """
    known = {word for unit in units if unit.name == finding.file for word in _WORD.findall(unit.text)}
    return set(_WORD.findall(finding.excerpt)) - _AROUND_VALUES <= known
