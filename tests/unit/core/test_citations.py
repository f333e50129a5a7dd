import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.citations import best_quote, cite, numbers_and_ids_hold, quote_holds
from workbench.core.evidence import Passage

TEXT = (
    "Uploaded files must never keep the name that the browser sent. Store each file under a random name, outside the "
    "web root, and serve it with a fixed content type.\n\nThe check of the “magic bytes” is not enough: a polyglot "
    "file passes it. CVE-2021-44228 was fixed in version 2.17.1 of the library, released in December 2021."
)


def passage(text: str) -> Passage:
    return Passage(id="p1", source="starter knowledge", document_id="d1", title="Uploads", text=text)


@pytest.mark.parametrize(
    "quote",
    [
        "must never keep the name that the browser sent",
        "MUST NEVER   keep\nthe name",
        'The check of the "magic bytes" is not enough',
        "stored under a random name, outside the web root"[len("stored ") :],
        "ﬁle passes it. CVE‑2021‑44228 was",
    ],
)
def test_a_verbatim_quote_holds_however_it_is_set(quote):
    assert quote_holds(quote, TEXT)


@pytest.mark.parametrize("quote", ["", "   ", "file", "random name", "of the and to", "... --- ...", "a to the"])
def test_an_empty_or_trivial_quote_never_holds(quote):
    assert not quote_holds(quote, f"{TEXT} {quote}")


@pytest.mark.parametrize(
    "quote",
    [
        "Uploaded files may keep the name that the browser sent",
        "The check of the magic bytes is enough",
        "CVE-2021-44229 was fixed in version 2.17.1 of the library",
        "was fixed in version 2.17.0 of the library, released in December 2021",
        "ploaded files must never keep the nam",
        "Store each file under its own name",
    ],
)
def test_a_quote_that_says_something_else_does_not_hold(quote):
    assert not quote_holds(quote, TEXT)


def test_a_long_quote_may_differ_in_one_word_but_not_in_number_or_negation():
    long = "Store each file under a random name, outside the web root, and serve it with a fixed content type"
    assert quote_holds(long.replace("fixed content", "set content"), TEXT)
    assert not quote_holds(long.replace("fixed", "guessed").replace("random", "known"), TEXT)
    negated = "The check of the magic bytes is enough: a polyglot file passes it. CVE-2021-44228 was fixed in version"
    assert not quote_holds(negated, TEXT)


def test_an_operator_in_code_must_be_the_same():
    code = "if user.role == wanted and token.age < limit and session.open: return render(page, user, token, limit)"
    assert quote_holds(code, f"def view():\n    {code}\n")
    assert not quote_holds(code.replace("==", "!="), code)
    assert not quote_holds(code.replace("<", ">"), code)


def test_a_word_divided_at_the_end_of_a_line_is_still_found():
    assert quote_holds(
        "a known vulnerability in cross-site checks", "There is a known vulner-\nability in cross-site checks."
    )
    assert quote_holds("known trouble in cross-site checks", "There is known trouble in cross-\nsite checks.")


def test_a_citation_holds_only_with_its_own_passage():
    quote = "Store each file under a random name"
    assert cite("names are random", passage(TEXT), quote).holds
    assert not cite("names are random", passage("Something quite different stands here."), quote).holds
    assert cite("names are random", passage(TEXT), quote).passage_id == "p1"


def test_numbers_and_identifiers_of_a_claim_must_stand_in_the_passage():
    assert numbers_and_ids_hold("Fixed in 2.17.1 (cve-2021-44228)", TEXT)
    assert not numbers_and_ids_hold("Fixed in 2.17.2", TEXT)
    assert not numbers_and_ids_hold("CWE-79 applies", TEXT)
    assert not numbers_and_ids_hold("17 files", TEXT), "a part of a version is not that number"
    assert numbers_and_ids_hold("no number at all", TEXT)


def test_the_best_quote_is_the_sentence_that_carries_the_claim():
    outside = best_quote(passage(TEXT), "serve them outside the web root")
    assert outside.startswith("Store each file under a random name, outside the web root")
    assert "2.17.1" in best_quote(passage(TEXT), "which version fixed CVE-2021-44228?")


def test_a_quote_from_a_very_long_sentence_is_cut_to_where_the_claim_is():
    text = " ".join(f"word{number}" for number in range(200)) + " deserialisation of pickles " + "tail " * 100
    quote = best_quote(passage(text), "deserialisation of pickles", max_words=20)
    assert "deserialisation" in quote
    assert len(quote.split()) <= 20


@given(st.text(max_size=400), st.text(max_size=80))
def test_the_best_quote_is_always_verbatim(text, claim):
    quote = best_quote(passage(text), claim)
    assert quote in text
    assert bool(quote) == bool(text.strip())


@given(
    st.lists(
        st.sampled_from(["token", "file", "upload", "check", "name", "server", "attack", "path", "query", "user"]),
        min_size=3,
        max_size=60,
    ),
    st.data(),
)
def test_any_stretch_of_three_words_or_more_holds(words, data):
    text = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 3))
    end = data.draw(st.integers(start + 3, len(words)))
    assert quote_holds(" ".join(words[start:end]), text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_checked(quote, text):
    assert quote_holds(quote, text) in (True, False)
    assert numbers_and_ids_hold(quote, text) in (True, False)
