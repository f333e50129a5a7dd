from workbench.core.stores.record_score import LEAST_KNOWN, MOST_PARTS, nearness, parts_of, usual, usual_first


def known(words: str) -> dict[str, int]:
    return dict.fromkeys(words.split(), LEAST_KNOWN)


def parts(question: str, words: str) -> list[str]:
    count = known(words)
    return parts_of(question, lambda word: count.get(word.strip(".").lower(), 0))


def test_a_name_says_more_than_the_text_and_a_question_as_much() -> None:
    by_name, by_text = nearness(0.2, 0.8, named=True), nearness(0.8, 0.2, named=True)
    assert by_name is not None
    assert by_text is not None
    assert by_name > by_text
    assert nearness(0.2, 0.8, named=False) == nearness(0.8, 0.2, named=False) == 0.5


def test_what_a_record_has_not_does_not_count() -> None:
    assert nearness(0.4, None, named=True) == 0.4
    assert nearness(None, 0.4, named=False) == 0.4
    assert nearness(None, None, named=True) is None


def test_sentences_are_compared_without_words_that_nothing_tells_of() -> None:
    assert parts("Zyxor Oven 9 burns cakes. It may smoke.", "oven burns cakes it may smoke") == [
        "Oven burns cakes.",
        "It may smoke.",
    ]


def test_a_question_of_known_words_has_no_part_besides_itself() -> None:
    assert parts("the oven burns", "the oven burns") == []
    assert parts("Zyxor", "oven") == []
    assert parts("", "oven") == []


def test_parts_are_bounded() -> None:
    assert len(parts("".join(f"Oven {number}. " for number in range(50)), "oven " + " ".join(map(str, range(50))))) == (
        MOST_PARTS
    )


def test_a_usual_weakness_goes_before_its_like_and_before_nothing_else() -> None:
    hits = [(1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6), (5, 0.1)]
    assert usual_first(hits, {1: 0.0, 3: 0.1, 4: 0.1, 5: 0.1}) == [1, 2, 3, 4, 5]
    assert usual_first(hits, {1: 0.0, 2: 0.2, 4: 0.2, 5: 0.0}) == [2, 1, 3, 4, 5]
    assert usual_first(hits, {}) == [1, 2, 3, 4, 5]


def test_weaknesses_are_usual_by_what_is_mapped_to_them() -> None:
    assert 0 == usual(mapped=False, kinds=0) < usual(mapped=True, kinds=0) < usual(mapped=True, kinds=5)
