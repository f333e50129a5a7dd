import asyncio
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.evidence import Passage, PassageKind, SourceState
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.retrieval import LONGEST_RECORD, Retrieval, merge, one_per_record, search_records
from workbench.core.stores.base import PartialAnswerError
from workbench.core.values import WorkbenchError


def passage(text: str, score: float, source: str = "one") -> Passage:
    return Passage(id=f"{source}:{text}", source=source, document_id="d", title="t", text=text, score=score)


CODE = SearchFilter(kinds=(PassageKind.CODE,))


class Answering:
    def __init__(self, name: str, *passages: Passage, error: Exception | None = None, delay: float = 0.0) -> None:
        self.name, self._passages, self._error, self._delay = name, list(passages), error, delay
        self.asked: list[tuple[str, SearchFilter, int]] = []

    async def search(self, question: str, *, filters: SearchFilter = NO_FILTER, limit: int = 10) -> list[Passage]:
        self.asked.append((question, filters, limit))
        await asyncio.sleep(self._delay)
        if self._error:
            raise self._error
        return self._passages[:limit]


async def test_all_sources_are_asked_with_question_filters_and_limit() -> None:
    sources = [Answering("one", passage("a", 0.5)), Answering("two", passage("b", 0.9))]
    answer = await Retrieval(sources).search("what?", filters=CODE, limit=7)
    assert [source.asked for source in sources] == [[("what?", CODE, 7)]] * 2
    assert [found.text for found in answer.passages] == ["b", "a"]
    assert [(status.source, status.state, status.found, status.relevance) for status in answer.statuses] == [
        ("one", SourceState.OK, 1, 0.5),
        ("two", SourceState.OK, 1, 0.9),
    ]


async def test_sources_are_asked_at_the_same_time() -> None:
    sources = [Answering(f"source {number}", passage(str(number), 0.5), delay=0.2) for number in range(5)]
    async with asyncio.timeout(0.8):
        answer = await Retrieval(sources).search("what?")
    assert len(answer.passages) == 5
    assert all(status.seconds >= 0.19 for status in answer.statuses)


async def test_only_the_named_sources_are_asked_and_an_unknown_name_is_told() -> None:
    sources = [Answering("one", passage("a", 0.5)), Answering("two", passage("b", 0.9))]
    answer = await Retrieval(sources).search("what?", names=["two", "three", "two"])
    assert sources[0].asked == []
    assert [(status.source, status.state) for status in answer.statuses] == [
        ("two", SourceState.OK),
        ("three", SourceState.SKIPPED),
    ]
    assert "there are: one, two" in answer.statuses[1].detail


@pytest.mark.expects_warnings
async def test_what_goes_wrong_in_one_source_is_told_and_the_others_stand() -> None:
    sources = [
        Answering("good", passage("a", 0.5)),
        Answering("slow", passage("b", 0.9), delay=30),
        Answering("refusing", error=WorkbenchError("The password is wrong; correct it")),
        Answering("broken", error=ZeroDivisionError("by zero")),
        Answering("half", error=PartialAnswerError("Only the words were searched", [passage("c", 0.4)])),
    ]
    answer = await Retrieval(sources, deadlines={"slow": 0.1}).search("what?")
    assert [(status.state, status.detail) for status in answer.statuses] == [
        (SourceState.OK, ""),
        (SourceState.TIMEOUT, "No answer within 0.1 s"),
        (SourceState.ERROR, "The password is wrong; correct it"),
        (SourceState.ERROR, "The source failed (ZeroDivisionError: by zero)"),
        (SourceState.PARTIAL, "Only the words were searched"),
    ]
    assert [found.text for found in answer.passages] == ["a", "c"]


async def test_a_cancelled_search_is_cancelled() -> None:
    searching = asyncio.create_task(Retrieval([Answering("slow", delay=30)]).search("what?"))
    await asyncio.sleep(0.01)
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching


async def test_the_limit_counts_over_all_sources() -> None:
    sources = [Answering(name, *(passage(f"{name}{n}", 0.5, name) for n in range(10))) for name in ("one", "two")]
    assert len((await Retrieval(sources).search("what?", limit=6)).passages) == 6


async def test_nothing_close_is_said_when_even_the_best_is_far() -> None:
    far = await Retrieval([Answering("one", passage("a", 0.1))]).search("what?")
    close = await Retrieval([Answering("one", passage("a", 0.9), passage("b", 0.1))]).search("what?")
    none = await Retrieval([Answering("one")]).search("what?")
    assert (far.nothing_close, close.nothing_close, none.nothing_close) == (True, False, True)


def test_merging_keeps_each_sources_own_order() -> None:
    one = [passage("a", 0.4), passage("b", 0.8), passage("c", 0.1)]
    two = [passage("x", 0.7, "two"), passage("y", 0.3, "two")]
    assert [found.text for found in merge([one, two])] == ["a", "b", "x", "y", "c"]


def test_the_same_text_from_two_sources_is_kept_once() -> None:
    merged = merge([[passage("same  text", 0.5)], [passage("same text", 0.9, "two"), passage("other", 0.2, "two")]])
    assert [(found.source, found.score) for found in merged] == [("two", 0.9), ("two", 0.2)]


def of_document(document: str, text: str, score: float, kind: PassageKind = PassageKind.WEAKNESS) -> Passage:
    return passage(text, score).model_copy(update={"document_id": document, "kind": kind})


async def test_a_person_is_shown_each_record_once_and_as_many_records_as_were_asked_for() -> None:
    found = [
        of_document("sql", "what it is", 0.6),
        of_document("sql", "how to fix it", 0.9),
        of_document("own", "first page", 0.7, PassageKind.DOCUMENT),
        of_document("own", "second page", 0.6, PassageKind.DOCUMENT),
        of_document("html", "what html is", 0.5),
        of_document("path", "what a path is", 0.4),
    ]
    answer = await search_records(Retrieval([Answering("one", *found)]), "injection?", limit=4)
    assert [(shown.document_id, shown.text, shown.score) for shown in answer.passages] == [
        ("sql", "what it is", 0.9),
        ("own", "first page", 0.7),
        ("own", "second page", 0.6),
        ("html", "what html is", 0.5),
    ]


def test_entries_of_one_identifier_are_shown_as_one_by_the_fullest_and_the_others_are_told() -> None:
    def entry(source: str, text: str, score: float, identifier: str = "CWE-79") -> Passage:
        found = of_document(f"{source}/{identifier}", text, score)
        return found.model_copy(update={"source": source, "title": identifier, "identifiers": (identifier,)})

    starter, whole = entry("starter", "in short", 1.0), entry("mine", "at a glance", 0.9)
    other = entry("mine", "another", 0.8, "CWE-80")
    (shown, last) = one_per_record([starter, whole, other, entry("mine", "at length", 0.7)])
    assert (shown.text, shown.score, shown.also_in) == ("at a glance", 1.0, ("starter: CWE-79",))
    assert (last.text, last.also_in) == ("another", ())
    (first, _) = one_per_record([starter, other, whole])
    assert (first.text, first.also_in) == ("in short", ("mine: CWE-79",)), "as full as another: the first"


async def test_the_record_that_is_asked_for_stands_before_what_only_mentions_it_in_another_source() -> None:
    mentions = of_document("t", "Mitigated by M1056", 1.0).model_copy(update={"identifiers": ("T1595", "M1056")})
    itself = of_document("m", "Pre-compromise", 1.0).model_copy(update={"identifiers": ("M1056",)})
    retrieval = Retrieval([Answering("one", mentions), Answering("two", itself)])
    for question in ("M1056", "what is M1056?"):
        assert next(found.text for found in (await retrieval.search(question)).passages) == "Pre-compromise"


def test_sources_that_are_as_relevant_take_turns() -> None:
    one, two = ([passage(f"{name}{n}", 1.0, name) for n in range(2)] for name in ("a", "b"))
    assert [found.text for found in merge([one, two])] == ["a0", "b0", "a1", "b1"]


async def test_a_source_is_asked_again_only_where_a_record_took_several_places() -> None:
    records = [of_document(str(number), f"text {number}", 0.9 - number / 10) for number in range(4)]
    sections = [of_document("0", f"section {number}", 1.0) for number in range(LONGEST_RECORD)]
    once, twice = Answering("one", *records), Answering("one", *sections, *records)
    for limit in (4, 5):
        await search_records(Retrieval([once]), "?", limit=limit)
    answer = await search_records(Retrieval([twice]), "?", limit=4)
    assert [shown.document_id for shown in answer.passages] == ["0", "1", "2", "3"]
    assert [limit for _, _, limit in once.asked] == [8, 10]
    assert [limit for _, _, limit in twice.asked] == [8, 4 + LONGEST_RECORD]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1), st.sampled_from(list(PassageKind)))))
def test_no_record_is_lost_or_shown_twice(drawn: list[tuple[str, float, PassageKind]]) -> None:
    passages = [
        of_document(f"{document}-{kind}", str(number), score, kind)
        for number, (document, score, kind) in enumerate(drawn)
    ]
    shown = one_per_record(passages)
    assert {item.document_id for item in shown} == {item.document_id for item in passages}
    plain = (PassageKind.DOCUMENT, PassageKind.CODE, PassageKind.ROW)
    assert [item for item in shown if item.kind in plain] == [item for item in passages if item.kind in plain]
    records = [item.document_id for item in shown if item.kind not in plain]
    assert len(records) == len(set(records))


class Ranking:
    name = "model"

    def __init__(self, *, error: Exception | None = None, delay: float = 0.0) -> None:
        self._error, self._delay = error, delay

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        time.sleep(self._delay)
        if self._error:
            raise self._error
        return [float(len(text)) for text in texts]


async def test_a_ranking_model_orders_what_was_found_and_leaves_the_relevance() -> None:
    source = Answering("one", passage("", 1.0), passage("a", 0.9), passage("ccc", 0.5), passage("bb", 0.7))
    answer = await Retrieval([source], ranker=Ranking()).search("what?")
    assert [(found.text, found.score) for found in answer.passages] == [
        ("", 1.0),
        ("ccc", 0.5),
        ("bb", 0.7),
        ("a", 0.9),
    ]
    assert [(status.source, status.state) for status in answer.statuses] == [
        ("one", SourceState.OK),
        ("ranking by model", SourceState.OK),
    ]


@pytest.mark.parametrize(
    ("ranker", "seconds", "state"),
    [
        (Ranking(error=WorkbenchError("The model is gone")), 30, SourceState.ERROR),
        (Ranking(delay=0.3), 0.1, SourceState.TIMEOUT),
    ],
)
async def test_a_ranking_model_that_fails_is_told_and_the_order_stays(
    ranker: Ranking, seconds: float, state: SourceState
) -> None:
    source = Answering("one", passage("a", 0.9), passage("bb", 0.7))
    answer = await Retrieval([source], ranker=ranker, seconds=seconds).search("what?")
    assert [found.text for found in answer.passages] == ["a", "bb"]
    assert answer.statuses[-1].state is state
    assert "the order is without it" in answer.statuses[-1].detail
    await asyncio.sleep(0.4)


async def test_a_source_with_many_close_passages_does_not_bury_the_best_of_another() -> None:
    feed = Answering("feed", *(passage(f"entry {number}", 0.97, "feed") for number in range(20)))
    told = (("what it is", 0.8), ("how to mend it", 0.7), ("far", 0.2))
    shelf = Answering("shelf", *(passage(text, score, "shelf") for text, score in told))
    answer = await Retrieval([feed, shelf]).search("sql injection", limit=8)
    texts = [found.text for found in answer.passages]
    assert texts.index("what it is") == 3
    assert texts.index("how to mend it") == 7
    answer = await Retrieval([feed, shelf]).search("sql injection", limit=30)
    assert len(answer.passages) == 23
    assert answer.passages[-1].text == "far"
