"""Untrusted text is safe to look at, and nothing of it is lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.visible_text import MAX_INVISIBLE_BREAKS, breakable, source_lines, visible, wrapped


def test_a_reordering_control_is_shown_as_its_code_point() -> None:
    assert visible("user\u202e\u2066// admin\u2069") == "user‹U+202E›‹U+2066›// admin‹U+2069›"


def test_terminal_escapes_and_zero_width_characters_are_shown() -> None:
    assert visible("\x1b[31m a\u200bb\ufeff") == "‹U+001B›[31m a‹U+200B›b‹U+FEFF›"


def test_a_tower_of_combining_marks_is_counted_after_the_third() -> None:
    assert visible("e" + "\u0301" * 40) == "e\u0301\u0301\u0301‹+37 marks›"


def test_ordinary_text_of_any_script_stays_as_it_is() -> None:
    text = "Grüße, 漢字, العربية, हिन्दी, Tiếng Việt\n\tif x:\n"
    assert visible(text) == text


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    left = {unicodedata.category(character) for character in visible(text)} & {"Cc", "Zl", "Zp", "Cs"}
    assert left <= {"Cc"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", visible(text))


@given(st.text(), st.integers(min_value=2, max_value=40))
def test_wrapping_loses_nothing_and_keeps_to_the_columns(text: str, columns: int) -> None:
    line = visible(text).replace("\n", "").replace("\t", "")
    rows = wrapped(line, columns)
    assert "".join(rows) == line
    assert all(sum(_cells(character) for character in row) <= columns for row in rows)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@given(st.text())
def test_breaking_points_add_nothing_visible(text: str) -> None:
    assert breakable(visible(text)).replace("\u200b", "") == visible(text)


def test_a_long_word_can_be_broken() -> None:
    assert max(len(piece) for piece in breakable("f" * 500).split("\u200b")) <= 24


@pytest.mark.parametrize("text", ["a\nb\n", "a\r\nb\r\n", "a\rb", "a\nb"])
def test_lines_end_where_the_parser_ends_them(text: str) -> None:
    assert source_lines(text) == ["a", "b"]


def test_a_form_feed_or_a_unicode_separator_ends_no_line() -> None:
    assert source_lines("a\x0cb\u2028c\x85d\nlast") == ["a\x0cb\u2028c\x85d", "last"]


def test_a_text_with_very_many_long_words_breaks_at_plain_spaces_in_the_end() -> None:
    broken = breakable("x" * 24_000)
    assert broken.count("\u200b") <= MAX_INVISIBLE_BREAKS
    assert max(len(piece) for piece in broken.replace("\u200b", " ").split(" ")) <= 24
    assert broken.replace("\u200b", "").replace(" ", "") == "x" * 24_000
