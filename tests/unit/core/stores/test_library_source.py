import asyncio
import threading
from pathlib import Path

import pytest

from tests.shelves import document, put, put_texts
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.evidence import PassageKind
from workbench.core.filters import SearchFilter
from workbench.core.knowledge.embedder import QuestionVectors, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import STARTER
from workbench.core.stores.base import PartialAnswerError
from workbench.core.stores.library_source import LibrarySource, library_sources

FILLER = [f"Filler text number {number} about nothing in particular" for number in range(30)]


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder(synonyms={"automobile": "car"})


@pytest.fixture
def library(database: Database, embedder: WordEmbedder) -> Library:
    return Library(database, space_of(embedder))


@pytest.fixture
def sources(library: Library, embedder: WordEmbedder, tmp_path: Path) -> tuple[LibrarySource, LibrarySource]:
    starter, own = library_sources(library, LibraryIndexes(library, tmp_path / "indexes", embedder.dimension), embedder)
    return starter, own


def weakness(number: int, *texts: str) -> object:
    return document(
        f"CWE-{number}.md", *texts, kind=PassageKind.WEAKNESS, title=f"CWE-{number}", identifiers=(f"CWE-{number}",)
    )


async def test_each_source_finds_its_own_part_of_the_library(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put(library, embedder, document("s.txt", "Ours about injection"), collection=STARTER)
    put(library, embedder, document("u.txt", "Yours about injection"))
    put(library, embedder, document("p.txt", "A project about injection"), collection="project x")
    starter, own = sources
    assert [passage.text for passage in await starter.search("injection")] == ["Ours about injection"]
    found = await own.search("injection")
    assert {passage.text for passage in found} == {"Yours about injection", "A project about injection"}
    assert {passage.source for passage in found} == {"my library"}


async def test_what_was_just_taken_in_is_found_at_once(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    _, own = sources
    assert await own.search("alpha") == []
    identity = put(library, embedder, document("a.txt", "alpha words"))
    assert [passage.text for passage in await own.search("alpha")] == ["alpha words"]
    library.remove(identity)
    assert await own.search("alpha") == []


async def test_meaning_finds_what_no_word_shares(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [*FILLER, "Their car"])
    assert (await sources[1].search("automobile"))[0].text == "Their car"


async def test_words_find_what_the_vectors_cannot_tell_apart(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [*FILLER, "Build number xk7731 failed"])
    assert (await sources[1].search("xk7731"))[0].text == "Build number xk7731 failed"


async def test_only_the_kinds_asked_for_are_found(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [f"injection {text}" for text in FILLER])
    put(library, embedder, weakness(89, "SQL injection weakness"))
    put(library, embedder, document("code.py", "def injection(): pass", kind=PassageKind.CODE))
    found = await sources[1].search("injection", filters=SearchFilter(kinds=(PassageKind.WEAKNESS, PassageKind.CODE)))
    assert {passage.kind for passage in found} == {PassageKind.WEAKNESS, PassageKind.CODE}
    assert len(found) == 2


async def test_a_record_that_the_question_names_comes_first(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [f"Everything about CWE-79, CWE-79 and again CWE-79 {number}" for number in range(5)])
    put(library, embedder, weakness(79, "Scripts from strangers run in the browser", "How to find it"))
    put(library, embedder, weakness(80, "Other scripts"))
    found = await sources[1].search("Tell me about cwe-79 in the browser", limit=4)
    assert found[0].title == "CWE-79"
    assert found[0].text == "Scripts from strangers run in the browser"
    assert found[0].score == 1.0
    assert len({passage.id for passage in found}) == 4


async def test_a_record_is_opened_from_its_beginning_by_its_identifier_alone(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put(library, embedder, weakness(79, "What it is", "What follows", "How to find CWE-79", "How to fix it"))
    put(library, embedder, weakness(80, "Like CWE-79, and other scripts"))
    found = await sources[1].search(" cwe-79 ", limit=5)
    assert [passage.text for passage in found] == [
        "What it is",
        "What follows",
        "How to find CWE-79",
        "How to fix it",
        "Like CWE-79, and other scripts",
    ]


@pytest.mark.parametrize(
    "name", ["10.0.0.1", "d41d8cd98f00b204e9800998ecf8427e", "bob@mail.example.com", "parse_dn_list", "/etc/app/x.conf"]
)
@pytest.mark.parametrize("question", ["{}", "what do we know about {} ?"])
async def test_what_holds_an_exact_name_comes_first_however_much_else_is_like_the_question(
    name: str, question: str, library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    other = name.replace("1", "2").replace("b", "c").replace("_", "-")
    put_texts(library, embedder, [f"what do we know about {other} know about number {n}" for n in range(20)])
    put(
        library,
        embedder,
        document("holds.txt", f"Long ago a line of quite another matter ended in {name}. " + FILLER[0]),
    )
    (first, *_) = await sources[1].search(question.format(name), limit=5)
    assert name in first.text
    assert first.score == 1.0


async def test_what_holds_an_exact_name_leaves_room_for_what_the_search_finds(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [f"10.0.0.1 was scanned on day {number}" for number in range(20)])
    put(library, embedder, document("scanning.txt", "what scanning is and who does it"))
    found = await sources[1].search("what is the scanning of 10.0.0.1 and who does it", limit=4)
    assert "scanning.txt" in [passage.location.path for passage in found]


async def test_a_record_that_has_a_file_in_an_example_is_not_about_it(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put(library, embedder, weakness(798, "A password committed with the code"))
    put(library, embedder, weakness(96, "Directives become code, as when a form of the set up writes settings.py anew"))
    _, own = sources
    (first, *_) = await own.search("password committed in settings.py")
    assert first.title == "CWE-798"
    put(library, embedder, document("notes.txt", "The module settings.py is read last of all"))
    (first, *_) = await own.search("password committed in settings.py")
    assert first.location.path == "notes.txt", "a page that has the file is about it"
    (first, *_) = await own.search("settings.py", limit=1, filters=SearchFilter(kinds=(PassageKind.WEAKNESS,)))
    assert first.title == "CWE-96", "asked for by itself it is found wherever it stands"


async def test_a_record_is_found_by_a_question_it_answers_and_shown_by_its_text(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    answers = document(
        "CWE-79.md", "Markup from strangers becomes part of the page.", "Escape on output.", kind=PassageKind.WEAKNESS,
        title="CWE-79", identifiers=("CWE-79",), questions=("guestbook pops up an alert box", "who runs it"),
    )  # fmt: skip
    put(library, embedder, weakness(80, "Alert somebody when a box of paper is empty", "The guestbook is full"))
    put(library, embedder, answers)
    found = await sources[1].search("our guestbook pops up an alert box")
    assert [passage.title for passage in found] == ["CWE-79", "CWE-80"], "each record once"
    assert found[0].text in {"Markup from strangers becomes part of the page.", "Escape on output."}
    opened = await sources[1].search("CWE-79", limit=10)
    assert "guestbook pops up an alert box" not in {passage.text for passage in opened}


async def test_the_words_of_a_question_may_stand_in_different_parts_of_a_record(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put(library, embedder, weakness(1, "apples pears", "plums figs"))
    put(library, embedder, weakness(2, "apples apples", "dates dates"))
    embedder.broken = True
    with pytest.raises(PartialAnswerError) as answer:
        await sources[1].search("apples plums figs")
    assert [passage.title for passage in answer.value.passages] == ["CWE-1", "CWE-2"]
    assert answer.value.passages[0].text == "plums figs"


async def test_named_records_leave_room_for_what_the_search_finds(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    for number in range(10, 20):
        put(library, embedder, weakness(number, f"Weakness entry {number}"))
    put(library, embedder, document("own.txt", "Our triage of scanner results"))
    names = " ".join(f"CWE-{number}" for number in range(10, 20))
    found = await sources[1].search(f"triage of scanner results: {names}", limit=4)
    assert [passage.title for passage in found[:2]] == ["CWE-10", "CWE-11"]
    assert "Our triage of scanner results" in {passage.text for passage in found[2:]}


async def test_a_question_is_embedded_once_for_all_sources(
    library: Library,
    embedder: WordEmbedder,
    sources: tuple[LibrarySource, LibrarySource],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    embedded: list[str] = []
    embed = embedder.embed
    monkeypatch.setattr(embedder, "embed", lambda texts: embedded.extend(texts) or embed(texts))
    await asyncio.gather(*(source.search("alpha") for source in sources * 3))
    await sources[0].search("beta")
    assert embedded == ["alpha", "beta"]


async def test_the_same_text_is_shown_once(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, ["the same  words", "the same words", "the same\nwords", "the other words"])
    found = await sources[1].search("same words", limit=2)
    assert [" ".join(passage.text.split()) for passage in found] == ["the same words", "the other words"]


async def test_relevance_tells_a_hit_from_the_nearest_there_is(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [*FILLER, "How to rotate signing keys safely"])
    (hit,) = await sources[1].search("rotate signing keys", limit=1)
    (nearest,) = await sources[1].search("penguins in antarctica", limit=1)
    assert hit.score > 0.6
    assert nearest.score < 0.3
    assert all(0 <= passage.score <= 1 for passage in await sources[1].search("about keys", limit=30))


async def test_a_question_of_any_length_is_answered_from_all_its_parts(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [*FILLER, "their car", "rotating signing keys"])
    question = f"{'automobile ' * 58} {'lorem ipsum ' * 58} {'rotating signing keys ' * 20}"
    found = await sources[1].search(question, limit=4)
    assert {"their car", "rotating signing keys"} <= {passage.text for passage in found}


@pytest.mark.parametrize("question", ["", "   ", "?!", "\ud83d", "\0"])
async def test_a_question_without_words_is_no_error(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource], question: str
) -> None:
    put_texts(library, embedder, FILLER)
    assert isinstance(await sources[1].search(question), list)


async def test_a_broken_embedder_leaves_the_words_and_is_told(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(library, embedder, [*FILLER, "alpha words"])
    embedder.broken = True
    with pytest.raises(PartialAnswerError, match="The embedder is broken; this was searched by words only") as raised:
        await sources[1].search("alpha")
    assert [passage.text for passage in raised.value.passages] == ["alpha words"]
    assert raised.value.passages[0].score > 0
    embedder.broken = False
    assert [passage.text for passage in await sources[1].search("alpha", limit=1)] == ["alpha words"]


async def test_searches_do_not_wait_long_for_an_embedder_that_is_being_prepared(
    library: Library, embedder: WordEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(library, embedder, document("a.txt", "alpha words"))
    ready, calls = threading.Event(), []

    def prepare() -> None:
        calls.append(1)
        ready.wait(10)

    monkeypatch.setattr(embedder, "prepare", prepare)
    indexes = LibraryIndexes(library, tmp_path / "indexes", embedder.dimension)
    source = LibrarySource("all", library, indexes, QuestionVectors(embedder), lambda _: True, prepare_seconds=0.05)
    answers = await asyncio.gather(*(source.search("alpha") for _ in range(20)), return_exceptions=True)
    assert all(isinstance(answer, PartialAnswerError) and len(answer.passages) == 1 for answer in answers)
    assert len(calls) == 1
    ready.set()
    monkeypatch.undo()
    await asyncio.sleep(0.05)
    assert len(await source.search("alpha")) == 1


async def test_searches_go_on_while_documents_come_in(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put(library, embedder, document("first.txt", "alpha words"))

    stop, taken_in = threading.Event(), []

    def take_in() -> None:
        while not stop.is_set():
            put(library, embedder, document(f"{len(taken_in) % 7}.txt", f"number {len(taken_in)} words"))
            taken_in.append(1)

    taking_in = asyncio.create_task(asyncio.to_thread(take_in))
    for _ in range(8):
        found = await sources[1].search("alpha", limit=3)
        assert found[0].text == "alpha words"
    stop.set()
    await taking_in
    assert len(taken_in) > 8
    assert len(await sources[1].search("words", limit=20)) == 8


@pytest.mark.parametrize("read", ["chunks_of_records", "units", "parts", "passages"])
@pytest.mark.parametrize("question", ["CWE-79", "Is CWE-79 about scripts?"])
async def test_a_record_that_is_removed_during_a_search_is_left_out(
    library: Library,
    embedder: WordEmbedder,
    sources: tuple[LibrarySource, LibrarySource],
    monkeypatch: pytest.MonkeyPatch,
    read: str,
    question: str,
) -> None:
    identity = put(library, embedder, weakness(79, "About scripts", "More about scripts"))
    put(library, embedder, document("own.txt", "Our notes about scripts"))
    ask = getattr(library, read)

    def removed_before(wanted: object) -> object:
        library.remove(identity)
        return ask(wanted)

    monkeypatch.setattr(library, read, removed_before)
    assert [passage.text for passage in await sources[1].search(question)] == ["Our notes about scripts"]


async def test_how_often_the_library_is_read_does_not_grow_with_what_is_asked_for(
    library: Library,
    database: Database,
    embedder: WordEmbedder,
    sources: tuple[LibrarySource, LibrarySource],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_texts(library, embedder, [f"{text} of CWE-{number}" for number, text in enumerate(FILLER, start=1)])
    for number in range(1, 31):
        put(library, embedder, weakness(number, f"Filler entry {number}", "More of it"))
    await sources[1].search("warm up")
    reads = []
    read = database.read
    monkeypatch.setattr(database, "read", lambda: reads.append(1) or read())
    counts = {}
    for limit in (2, 50):
        reads.clear()
        assert len(await sources[1].search("filler text about CWE-7 and CWE-9", limit=limit)) == limit
        counts[limit] = len(reads)
    assert counts[50] == counts[2] <= 8


async def test_a_plain_word_finds_its_texts_first_without_calling_them_certain(
    library: Library, embedder: WordEmbedder, sources: tuple[LibrarySource, LibrarySource]
) -> None:
    put_texts(
        library, embedder, [*FILLER, "It is rumoured, at great length and to no purpose, that somebody used lodash"]
    )
    first, *_ = await sources[1].search("lodash", limit=3)
    assert "lodash" in first.text
    assert first.score < 1.0
