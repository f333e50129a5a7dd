"""A few letters find a command, and the likeliest one comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.fuzzy import match

CAPTIONS = ["Export report ...", "Theme: dark", "Show Task graph", "Go on with this run", "Reset the layout"]


def best(pattern: str) -> str:
    found = {caption: match(pattern, caption) for caption in CAPTIONS}
    return max((caption for caption, hit in found.items() if hit), key=lambda caption: found[caption][0])  # type: ignore[index]


def test_first_letters_of_words_are_the_best_match() -> None:
    assert best("er") == "Export report ..."
    assert best("tg") == "Show Task graph"
    assert best("dark") == "Theme: dark"
    assert best("lay") == "Reset the layout"


def test_letters_out_of_order_do_not_match() -> None:
    assert match("zyx", "Export report") is None
    assert match("tropxe", "Export") is None


def test_an_empty_pattern_matches_everything() -> None:
    assert match("  ", "anything") == (0, ())


def test_a_letter_at_the_beginning_of_a_word_is_not_taken_from_the_letters_after_it() -> None:
    assert match("00:", "010:0") == (pytest.approx(1 + 8 + 1 + 1 + 8 * 0 + 5 - 0.2 * 3), (0, 2, 3))


@given(st.text(max_size=40), st.data())
def test_every_subsequence_is_found_where_it_is_said_to_be(text: str, data: st.DataObject) -> None:
    picked = sorted(data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=6))) if text else []
    pattern = "".join(text[place] for place in picked if len(text[place].lower()) == 1).lower()
    found = match(pattern, text)
    letters = [letter for letter in pattern if not letter.isspace()]
    assert found is not None
    assert [text[place].lower() for place in found[1]] == letters
    assert list(found[1]) == sorted(set(found[1]))
