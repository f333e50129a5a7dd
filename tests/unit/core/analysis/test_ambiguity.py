"""Patterns that take exponential time, held against a count of the ways in which a text can be read."""

import re
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.analysis.ambiguity import Blowup, exponential

EXPONENTIAL = [
    r"(a+)+$", r"(a*)*b", r"(a|aa)+$", r"(a|a?)+$", r"([A-Za-z0-9]+[ -]?)*$", r"^(\w+\s?)+$", r"(x+x+)+y",
    r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?:\d+|\w)+x", r"^(\w+)*@", r"(?:(?:a*)?b)*c", r"(a+?)+?c", r"(?:a{1,2})*c",
    r"^\s*(\w+\s*,?\s*)*;$", r"(\.\w+\d+)*\.whl$",
]  # fmt: skip
HARMLESS = [
    r"(ab+)+$", r"(\w+\s)+$", r"(\w+ )*\w+$", r"(a{3})*$", r"^(?:[^,]+,)*[^,]+$", r"(?:'[^']*'|[^'])*;", r"a*a*$",
    r"(\\.|[^\\\"])*\"", r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$", r"^[\w.+-]+@[\w-]+\.[\w.-]+$", "",
]  # fmt: skip
CANNOT_FAIL = [r"(a+)+", r"([\s\S]|a)*$", r"(a+)*"]
NOT_JUDGED = [
    r"(?=b)(a+)+$",
    r"(?:\w{0,140}\d{0,140})*$",
    r"(a+)+\1$",
    r"(a{1,200}){2}",
    r"(",
    r"(?m)^(a+)+$",
    r"(\ba+)+$",
]


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_a_loop_that_reads_a_text_in_two_ways_is_found_with_a_text_that_shows_it(pattern: str) -> None:
    found = exponential(pattern)
    assert found is not None
    began = time.perf_counter()
    assert re.match(pattern, found.text(4)) is None
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("pattern", [*HARMLESS, *CANNOT_FAIL, *NOT_JUDGED])
def test_other_patterns_are_left_alone(pattern: str) -> None:
    assert exponential(pattern) is None


def test_flags_and_the_end_count() -> None:
    assert exponential("(a|A)+$") is None
    assert exponential("(a+|A)+$", re.IGNORECASE) is not None
    assert exponential("(a+)+", whole=True) is not None
    assert exponential("( a + ) +\n$", re.VERBOSE) is not None


def test_the_text_is_built_of_its_parts() -> None:
    assert Blowup("x", "ab", "!").text(2) == "xabab!"


@dataclass(frozen=True)
class Node:
    """A small pattern: `kind` is a letter, `.` for a row, `|`, or one of `*+?`."""

    kind: str
    inside: tuple["Node", ...] = ()

    def __str__(self) -> str:
        if self.kind in "ab":
            return self.kind
        joined = ("|" if self.kind == "|" else "").join(str(each) for each in self.inside)
        return f"(?:{joined}){self.kind if self.kind in '*+?' else ''}"


nodes = st.recursive(
    st.sampled_from([Node("a"), Node("b")]),
    lambda inner: st.one_of(
        st.builds(lambda one, two: Node(".", (one, two)), inner, inner),
        st.builds(lambda one, two: Node("|", (one, two)), inner, inner),
        st.builds(lambda kind, one: Node(kind, (one,)), st.sampled_from("*+?"), inner),
    ),
    max_leaves=5,
)


def ways(node: Node, text: str, *, once: bool) -> int:  # noqa: C901 - one case per kind
    """In how many ways a beginning of `text` can be read; `once` counts reading nothing as one way."""

    @cache
    def at(node: Node, start: int) -> Counter[int]:
        found: Counter[int] = Counter()
        match node.kind:
            case "." | "|":
                one, two = node.inside
                if node.kind == "|":
                    found = at(one, start) + at(two, start)
                else:
                    for middle, count in at(one, start).items():
                        for end, more in at(two, middle).items():
                            found[end] += count * more
            case "*" | "+":
                found = rounds(node.inside[0], start)
                if node.kind == "*":
                    found[start] += 1
            case "?":
                found = at(node.inside[0], start) + Counter({start: 1})
            case letter:
                found = Counter({start + 1: 1}) if text[start : start + 1] == letter else Counter()
        if once and found[start]:
            found[start] = 1
        return found

    @cache
    def rounds(body: Node, start: int) -> Counter[int]:
        """One or more rounds, of which only the first may read nothing."""
        found = Counter(at(body, start))
        for middle, count in at(body, start).items():
            if middle > start:
                for end, more in rounds(body, middle).items():
                    if end > middle:
                        found[end] += count * more
        return +found

    return sum(at(node, 0).values())


@given(nodes)
def test_what_is_found_is_read_in_exponentially_many_ways(node: Node) -> None:
    found = exponential(f"{node}c")
    if found is not None and set(found.start + found.pump) <= set("ab"):
        few, many = (ways(node, found.start + found.pump * rounds, once=False) for rounds in (3, 11))
        assert many >= few * 2**7


@given(nodes, st.text("ab", min_size=1, max_size=3))
def test_what_is_not_found_is_read_in_few_ways(node: Node, pump: str) -> None:
    if exponential(f"{node}c") is None:
        few, many = (ways(node, pump * rounds, once=True) for rounds in (8, 16))
        assert many <= max(few, 1) * 2**6, "five places make a polynomial of at most the fifth degree"
