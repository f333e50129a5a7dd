"""What a library is about, found by program."""

import pytest

from tests.shelves import document, put
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.topic_values import Topics
from workbench.core.knowledge.topics import FEWEST_CHUNKS, find_topics, telling_words

EMBEDDER = WordEmbedder()
SUBJECTS = {
    "keys": "the rotation of keys in the vault {n}",
    "mail": "the phishing mail with a macro {n}",
    "shell": "the shell command was injected {n}",
}


@pytest.fixture
def library(database: Database) -> Library:
    library = Library(database, space_of(EMBEDDER))
    for number in range(60):
        for subject, text in SUBJECTS.items():
            loaded = document(f"{subject}/{number}.txt", text.format(n=f"no{number}"))
            dated = f"2024-01-{1 + number % 28:02}" if subject == "mail" else ""
            collection = "letters" if subject == "mail" else "library"
            put(library, EMBEDDER, loaded.model_copy(update={"dated": dated}), collection=collection)
    put(library, EMBEDDER, document("odd.txt", "xyzzy plugh frobnicate"))
    return library


@pytest.fixture
def topics(library: Library, database: Database) -> Topics:
    return find_topics(database, library.space)


def test_chunks_about_one_thing_are_one_topic_named_by_its_own_words(topics: Topics) -> None:
    assert topics.chunks == 181
    own = [{"rotation", "keys", "vault"}, {"phishing", "mail", "macro"}, {"shell", "command", "injected"}]
    for topic in topics.topics:
        assert sum(bool(words & set(topic.words)) for words in own) == 1, topic
    assert not any("the" in topic.words for topic in topics.topics)
    assert sum(topic.chunks for topic in topics.topics) == 181


def test_a_topic_tells_its_size_its_documents_and_how_fresh_it_is(topics: Topics) -> None:
    mail = [topic for topic in topics.topics if "phishing" in topic.words]
    assert sum(topic.chunks for topic in mail) in {60, 61}
    assert max(topic.newest for topic in mail) == "2024-01-28"
    assert all(topic.newest == "" for topic in topics.topics if "shell" in topic.words)
    assert all(topic.documents == topic.chunks and 0 < len(topic.examples) <= 5 for topic in topics.topics)
    assert [topic.chunks for topic in topics.topics] == sorted((t.chunks for t in topics.topics), reverse=True)


def test_what_fits_no_topic_is_listed_first_among_the_outliers(topics: Topics, library: Library) -> None:
    passage = library.neighbours(topics.outliers[0].passage_id, 0, 0)[0]
    assert passage.text == "xyzzy plugh frobnicate"
    nearness = [outlier.nearness for outlier in topics.outliers]
    assert nearness == sorted(nearness)


def test_the_same_library_has_the_same_topics_again(topics: Topics, library: Library, database: Database) -> None:
    assert find_topics(database, library.space) == topics


def test_topics_can_be_of_one_collection(library: Library, database: Database) -> None:
    assert find_topics(database, library.space, ["letters"]).chunks == 60
    assert find_topics(database, library.space, ["nothing"]) == Topics(chunks=0)


def test_a_small_library_has_no_topics(database: Database) -> None:
    library = Library(database, space_of(EMBEDDER))
    for number in range(FEWEST_CHUNKS - 1):
        put(library, EMBEDDER, document(f"{number}.txt", f"text {number}"))
    assert find_topics(database, library.space) == Topics(chunks=FEWEST_CHUNKS - 1)


def test_words_that_stand_everywhere_tell_of_nothing() -> None:
    first, second = telling_words([["the cat sat", "the cat ran"], ["the dog sat", "the dog ran", "the dog ate"]])
    assert first[0] == "cat"
    assert second[0] == "dog"
    assert telling_words([["", ""], []]) == [(), ()]
