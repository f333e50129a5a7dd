import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import PatternRefusedError, check_pattern, match_pattern


def test_matches_are_found_where_they_are() -> None:
    assert match_pattern(r"\d+", "a 12 b 345") == [(2, 4), (7, 10)]
    assert match_pattern("z\u00fc", "in Z\u00fcrich, z\u00fcgig") == [(11, 13)]
    assert match_pattern("z\u00fc", "in Z\u00fcrich", ignore_case=True) == [(3, 5)]
    assert match_pattern("x", "abc") == []


@given(st.text(alphabet="ab1 \u00e9\n", max_size=30))
def test_it_agrees_with_the_standard_engine(text: str) -> None:
    for pattern in ("a+", "b|1", "[^a]{2}", r"\w+", "(?i)A.", "^a"):
        assert match_pattern(pattern, text) == [m.span() for m in re.finditer(pattern, text, re.ASCII)]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", r"^(\w+\s?)*$", "(a*)*b"])
def test_attack_a_pattern_that_hangs_the_standard_engine_is_quick(pattern: str) -> None:
    begin = time.process_time()
    match_pattern(pattern, "a" * 20_000 + "!")
    assert time.process_time() - begin < 1


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"\pL{300}", "((a{100}){100}){100}", "a{1001}", "x" * 201, ""])
def test_attack_a_pattern_that_eats_the_memory_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefusedError):
        match_pattern(pattern, "a")


@pytest.mark.parametrize("pattern", ["(", "[", "a**", r"(a)\1", "(?=a)", "(?<!a)b", "(?P<n", "\udc80", "\\"])
def test_a_pattern_that_is_wrong_or_needs_going_back_is_refused_quietly(
    pattern: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PatternRefusedError, match="refused"):
        check_pattern(pattern)
    assert capfd.readouterr().err == ""


def test_attack_text_and_matches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_MATCHES", 3)
    assert len(match_pattern("a", "a" * 10)) == 3
    monkeypatch.setattr(recipe, "MAX_TEXT", 5)
    with pytest.raises(PatternRefusedError, match="more than 5"):
        match_pattern("a", "a" * 6)


def test_attack_half_a_surrogate_pair_in_the_text_is_refused() -> None:
    with pytest.raises(PatternRefusedError):
        match_pattern("a", "a\ud800")
