import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.core.stores.words import LONGEST_WORD, Analyser

ANALYSER = Analyser()


@given(st.one_of(st.text(), st.text(st.characters(max_codepoint=127))))
@example("Attackers' ATTACKING_attacks the café, 2nd K\u212a K \x1c\0")
@example("x" * (LONGEST_WORD - 1) + " " + "y" * LONGEST_WORD)
def test_different_words_are_those_of_the_whole_text(text: str) -> None:
    assert ANALYSER.different_words(text) == set(ANALYSER.words(text))


@pytest.mark.parametrize(("text", "words"), [("Injecting the injections", ["inject", "inject"]), ("of the", [])])
def test_words_are_stems_without_stop_words(text: str, words: list[str]) -> None:
    assert ANALYSER.words(text) == words
