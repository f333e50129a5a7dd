"""The same said in nearly the same words is shown once."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import Location, Passage, PassageKind
from workbench.core.near_duplicates import collapse, resemblance, shingles_of

WORDS = [f"word{number}" for number in range(60)]


def passage(text: str, path: str, kind: PassageKind = PassageKind.DOCUMENT) -> Passage:
    return Passage(
        id=path, source="s", document_id=path, title=path, text=text, kind=kind, location=Location(path=path)
    )


def test_a_copy_with_a_changed_word_is_shown_once_with_where_else_it_stands() -> None:
    first = passage(" ".join(WORDS), "a.txt")
    copy = passage(" ".join(["other", *WORDS[1:]]), "b.txt")
    third = passage(" ".join(WORDS).upper(), "c.txt")
    other = passage("something else entirely", "d.txt")
    (kept, rest) = collapse([first, copy, other, third])
    assert (kept.id, kept.also_in) == ("a.txt", ("b.txt", "c.txt"))
    assert rest == other


def test_records_of_one_form_stay_apart() -> None:
    entries = [passage(" ".join(WORDS), name, PassageKind.WEAKNESS) for name in ("CWE-1", "CWE-2")]
    assert collapse(entries) == entries


def test_short_texts_are_alike_only_when_they_are_equal() -> None:
    texts = [passage(text, text) for text in ("a b", "a c", "")]
    assert collapse(texts) == texts


@given(st.lists(st.lists(st.sampled_from(WORDS[:8]), max_size=12), max_size=8))
def test_order_is_kept_and_every_passage_is_kept_or_told(texts: list[list[str]]) -> None:
    passages = [passage(" ".join(words), f"p{number}") for number, words in enumerate(texts)]
    kept = collapse(passages)
    told = [place for one in kept for place in (one.location.path, *one.also_in)]
    assert sorted(told) == sorted(one.id for one in passages)
    assert [one.id for one in kept] == sorted((one.id for one in kept), key=lambda name: int(name[1:]))
    assert collapse(kept) == kept


@given(st.text(), st.text())
def test_resemblance_is_a_share_and_symmetrical(one: str, other: str) -> None:
    first, second = shingles_of(one), shingles_of(other)
    assert 0 <= resemblance(first, second) == resemblance(second, first) <= 1
    assert resemblance(first, first) == 1
