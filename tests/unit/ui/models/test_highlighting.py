"""The words that a question is about are found in a text in any of their forms, and the piece with most of them."""

import pytest

from workbench.ui.models.highlighting import snippet, spans, terms


def marked(text: str, question: str) -> list[str]:
    return [text[start:end] for start, end in spans(text, terms(question))]


def test_a_word_is_found_in_its_other_forms_and_in_any_case() -> None:
    assert marked("Escaping escapes what was ESCAPED", "how do I escape it?") == ["Escaping", "escapes", "ESCAPED"]


def test_an_identifier_is_found_as_a_whole_only() -> None:
    assert marked("CWE-79, not CWE-790 nor 79 alone", "what is cwe-79") == ["CWE-79"]


@pytest.mark.parametrize("question", ["", "what is the", "?!"])
def test_words_without_a_subject_mark_nothing(question: str) -> None:
    assert marked("what is the answer", question) == []


def test_a_part_of_a_compound_is_marked_alone() -> None:
    assert marked("a path-traversal in os.path", "path") == ["path", "path"]


def test_the_snippet_shows_where_most_different_words_stand() -> None:
    text = "token " * 60 + "a session token is bound to its user. " + "nothing here " * 60
    shown = snippet(text, terms("session token bound to a user"), 120)
    assert "session token is bound to its user" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) <= 124


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    assert snippet("one\n two", terms("two"), 100) == "one two"


def test_a_text_without_any_of_the_words_is_shown_from_its_beginning() -> None:
    assert snippet("begin " + "x " * 200, terms("absent"), 60).startswith("begin x")
