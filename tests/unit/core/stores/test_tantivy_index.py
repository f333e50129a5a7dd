import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.stores.base import IndexedText
from workbench.core.stores.tantivy_index import DEAD_LEAST, MAX_QUESTION_WORDS, TantivyIndex

IDENTITY = {"library": "one"}


def text(number: int, words: str, scope: str = "library/document") -> IndexedText:
    return IndexedText(number, scope, words)


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    made = TantivyIndex(tmp_path / "text")
    made.update(
        (),
        [
            [
                text(1, "SQL injection happens when queries are built from strings"),
                text(2, "Cross-site scripting happens in browsers"),
            ],
            [text(3, "CVE-2021-44228 lets an attacker run code through log4j", scope="starter/vulnerability")],
        ],
    )
    return made


def found(index: TantivyIndex, question: str, scopes: list[str] | None = None) -> list[int]:
    return [chunk for chunk, _ in index.search(question, 10, scopes)]


def test_words_are_found_in_any_form(index: TantivyIndex) -> None:
    assert found(index, "Injecting a query") == [1]
    assert found(index, "BROWSER") == [2]
    assert found(index, "what of CVE-2021-44228?") == [3]


def test_more_and_rarer_words_rank_higher(index: TantivyIndex) -> None:
    hits = index.search("scripting happens", 10)
    assert [chunk for chunk, _ in hits] == [2, 1]
    assert hits[0][1] > hits[1][1] > 0


def test_only_the_scopes_asked_for_are_searched(index: TantivyIndex) -> None:
    assert set(found(index, "happens attacker", ["library/document"])) == {1, 2}
    assert found(index, "happens attacker", ["starter/vulnerability"]) == [3]
    assert found(index, "happens", ["starter/vulnerability"]) == []
    assert found(index, "happens", []) == []


def test_a_scope_does_not_change_the_score(index: TantivyIndex) -> None:
    assert index.search("injection", 5, ["library/document"]) == index.search("injection", 5)


@settings(max_examples=60, deadline=None)
@given(question=st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_a_valid_question(tmp_path_factory: pytest.TempPathFactory, question: str) -> None:
    index = TantivyIndex(tmp_path_factory.mktemp("any") / "text")
    assert index.search(question, 5) == []
    index.update((), [[text(1, question.encode("utf-8", "replace").decode())]])
    assert {chunk for chunk, _ in index.search(question, 5)} <= {1}
    coverage = index.coverage(question)
    assert all(0 <= coverage.share(coverage.words_in(said)) <= 1.000001 for said in (question, ""))


@pytest.mark.parametrize("question", ['"unclosed', "a AND (b OR", "text:x* ~9 ^", "+-&&||!{}[]", "* *", "id:1"])
def test_query_syntax_is_mere_text(index: TantivyIndex, question: str) -> None:
    assert found(index, question) == []
    assert found(index, f"{question} injection") == [1]


def test_a_very_long_question_is_searched_by_its_telling_words(index: TantivyIndex) -> None:
    filler = " ".join(f"word{number}" for number in range(MAX_QUESTION_WORDS * 3))
    index.update((), [[text(number, filler) for number in range(100, 200)]])
    assert found(index, f"{filler} browsers")[0] == 2


def test_removed_and_replaced_chunks_are_gone(index: TantivyIndex) -> None:
    index.update([1, 77], [[text(2, "Deserialisation of pickles")]])
    assert len(index) == 2
    assert found(index, "injection") == []
    assert found(index, "scripting") == []
    assert found(index, "pickle") == [2]


def test_coverage_weighs_rare_words_more(index: TantivyIndex) -> None:
    coverage = index.coverage("scripting happens")
    full, rare, common, none = (
        coverage.share(coverage.words_in(said)) for said in ("Scripting: happens", "scripts", "happens", "other")
    )
    assert full == pytest.approx(1)
    assert 1 > rare > common > 0
    assert none == 0
    assert coverage.share(coverage.words_in("scripting") | coverage.words_in("happens")) == pytest.approx(1)
    assert index.coverage("").share(index.coverage("").words_in("scripting")) == 0.0


def test_a_saved_index_is_the_same_after_loading(index: TantivyIndex) -> None:
    index.save(IDENTITY, epoch=7)
    loaded = TantivyIndex(index.folder)
    assert loaded.load(IDENTITY) == 7
    assert loaded.search("SQL injection happens", 5) == index.search("SQL injection happens", 5)
    loaded.update((), [[text(4, "a fourth chunk")]])
    assert found(loaded, "fourth") == [4]


def test_a_change_that_was_not_saved_makes_the_folder_unusable(index: TantivyIndex) -> None:
    index.save(IDENTITY, epoch=7)
    index.update((), [[text(4, "a fourth chunk")]])
    assert TantivyIndex(index.folder).load(IDENTITY) == 0


@pytest.mark.parametrize("damage", ["flipped", "missing", "garbage"])
def test_a_damaged_folder_is_noticed_and_built_anew(index: TantivyIndex, damage: str) -> None:
    index.save(IDENTITY, epoch=7)
    victim = max((path for path in index.folder.iterdir() if path.suffix == ".term"), key=lambda path: path.name)
    data = bytearray(victim.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
    elif damage == "missing":
        victim.unlink()
    else:
        (index.folder / "meta.json").write_text("{}")
    again = TantivyIndex(index.folder)
    assert again.load(IDENTITY) == 0
    again.clear()
    again.update((), [[text(9, "built anew")]])
    assert found(again, "anew") == [9]
    again.save(IDENTITY, epoch=8)
    assert TantivyIndex(index.folder).load(IDENTITY) == 8


def test_clearing_forgets_everything(index: TantivyIndex) -> None:
    index.clear()
    assert len(index) == 0
    assert found(index, "injection") == []


def test_searches_go_on_during_updates(index: TantivyIndex) -> None:
    stop, failures = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            if found(index, "injection") != [1]:
                failures.append(1)

    searching = threading.Thread(target=search)
    searching.start()
    for number in range(10, 15):
        index.update([], [[text(number, "another chunk")]])
    stop.set()
    searching.join()
    assert failures == []


def test_joined_words_are_found_by_their_parts(index: TantivyIndex) -> None:
    index.update((), [[text(8, "def readConfigFile(path): ..."), text(9, "a plain sentence")]])
    assert found(index, "config") == [8]
    assert found(index, "readconfigfile") == [8]


def test_only_texts_that_hold_a_name_are_found_by_it(index: TantivyIndex) -> None:
    index.update((), [[text(8, "seen at 10.0.0.1 today"), text(9, "10.0.1.0 and 10.0.0.11 seen today, today")]])
    assert [chunk for chunk, _ in index.find("seen 10.0.0.1 today", 10, name="10.0.0.1").hits] == [8]
    assert index.find("seen today", 10, name="10.9.9.9").hits == ()
    assert [chunk for chunk, _ in index.find("browsers", 10, name="browsers").hits] == [2]


def test_the_share_of_code_among_the_first_hits_is_told(index: TantivyIndex) -> None:
    assert index.find("injection", 10).code == 0
    index.update((), [[text(8, "def inject(query):\n    result = run(query)\n    return result")]])
    assert index.find("inject result", 1).code == 1
    assert 0 < index.find("inject", 10).code < 1
    assert index.find("nothing has these", 10).code == 0


@pytest.mark.parametrize("rare", [1, 7])
def test_what_is_found_in_scopes_is_what_comes_first_of_all_that_is_found(index: TantivyIndex, rare: int) -> None:
    texts = [
        text(
            number,
            f"apples and {'pears' * (number % 3 == 0)} plums{' plums' * (number % 5)}",
            f"s{number % rare}/document",
        )
        for number in range(100, 400)
    ]
    index.update((), [texts])
    everywhere = index.search("apples pears plums", 1000)
    for wanted in ([0], [0, 1, 2, 3, 4], list(range(rare))):
        scopes = [f"s{number}/document" for number in wanted]
        held = {said.id for said in texts if said.scope in scopes}
        expected = [hit for hit in everywhere if hit[0] in held]
        assert index.search("apples pears plums", 1000, scopes) == expected
        assert [score for _, score in index.search("apples pears plums", 20, scopes)] == [s for _, s in expected[:20]]


def test_an_index_made_anew_holds_the_new_texts_only(index: TantivyIndex) -> None:
    index.rebuild([[text(7, "quite another text")]])
    assert len(index) == 1
    assert found(index, "another injection") == [7]


def test_texts_that_cannot_be_read_leave_the_index_as_it_was(index: TantivyIndex) -> None:
    def broken() -> Iterator[list[IndexedText]]:
        yield [text(7, "quite another text")]
        raise OSError("the disk failed")

    for write in (index.rebuild, lambda texts: index.update([1], texts)):
        with pytest.raises(OSError, match="the disk failed"):
            write(broken())
        assert found(index, "injection") == [1]
        assert found(index, "another") == []
    index.update([], [[text(8, "and one more")]])
    assert len(index) == 4


def test_an_index_with_many_removed_texts_is_outgrown_until_it_is_made_anew(index: TantivyIndex) -> None:
    kept = [text(number, f"apples {number}") for number in range(1000, 1000 + 3 * DEAD_LEAST)]
    index.update((), [[text(number, "pears") for number in range(100, 100 + DEAD_LEAST)], kept])
    assert not index.is_outgrown
    index.update(range(100, 100 + DEAD_LEAST), [])
    assert index.is_outgrown
    index.save(IDENTITY, epoch=7)
    loaded = TantivyIndex(index.folder)
    loaded.load(IDENTITY)
    assert loaded.is_outgrown
    loaded.rebuild([kept])
    assert not loaded.is_outgrown
    assert len(loaded) == len(kept)
