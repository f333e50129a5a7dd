"""A library is embedded in another space while it goes on being searched in the old one."""

import numpy as np
import pytest

from tests.shelves import document, put, put_texts
from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.knowledge.documents import Block
from workbench.core.knowledge.embedder import EmbedderError, space_of
from workbench.core.knowledge.embedding_events import ReembedEnded, ReembedProgress
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.reembedding import BATCH, Reembedding
from workbench.core.knowledge.spaces import Spaces

OLD, NEW = WordEmbedder(digest="old"), WordEmbedder(digest="new")


@pytest.fixture
def library(database: Database) -> Library:
    library = Library(database, space_of(OLD))
    put_texts(library, OLD, [f"text number {number} of many" for number in range(BATCH + 5)])
    return library


@pytest.fixture
def spaces(database: Database, library: Library) -> Spaces:
    return Spaces(database)


async def run(job: Reembedding) -> list[ReembedProgress | ReembedEnded]:
    return [event async for event in job]


async def test_every_chunk_gets_a_vector_in_the_new_space_and_keeps_the_old(spaces: Spaces) -> None:
    events = await run(Reembedding(spaces, NEW))
    assert spaces.counts() == {space_of(OLD): BATCH + 5, space_of(NEW): BATCH + 5}
    assert spaces.missing(space_of(NEW)) == 0
    progress = [(event.done, event.total) for event in events if isinstance(event, ReembedProgress)]
    assert progress == [(0, BATCH + 5), (BATCH, BATCH + 5), (BATCH + 5, BATCH + 5)]
    ended = events[-1]
    assert isinstance(ended, ReembedEnded)
    assert (ended.embedded, ended.in_pieces, ended.cancelled) == (BATCH + 5, 0, False)


async def test_the_vectors_are_those_of_a_library_that_was_embedded_so_from_the_start(
    spaces: Spaces, database: Database
) -> None:
    await run(Reembedding(spaces, NEW))
    with Library(database, space_of(NEW)).snapshot() as snapshot:
        (batch,) = snapshot.vectors_after(0)
    texts = [f"text number {number} of many" for number in range(BATCH + 5)]
    assert np.array_equal(batch.vectors, NEW.embed(texts))


async def test_a_cancelled_pass_keeps_what_it_has_and_the_next_goes_on_from_there(spaces: Spaces) -> None:
    job = Reembedding(spaces, NEW)
    async for event in job:
        if isinstance(event, ReembedProgress) and event.done:
            job.cancel()
    assert spaces.missing(space_of(NEW)) == 5
    events = await run(Reembedding(spaces, NEW))
    assert isinstance(events[-1], ReembedEnded)
    assert events[-1].embedded == 5
    assert spaces.missing(space_of(NEW)) == 0


async def test_what_comes_in_and_goes_meanwhile_does_no_harm(
    spaces: Spaces, library: Library, database: Database
) -> None:
    job = Reembedding(spaces, NEW)
    identities = [info.id for info in library.documents()]
    async for event in job:
        if isinstance(event, ReembedProgress) and not event.done:
            library.remove(identities[0])
            put(library, OLD, document("late.txt", "came late"))
    assert spaces.missing(space_of(NEW)) == 0
    with database.read() as connection:
        query = "SELECT count(*) FROM vectors WHERE chunk_id NOT IN (SELECT id FROM chunks)"
        assert connection.execute(query).fetchone() == (0,)


async def test_a_chunk_longer_than_the_new_model_reads_is_embedded_in_pieces_and_counted(
    spaces: Spaces, library: Library
) -> None:
    short = WordEmbedder(digest="short")
    short.max_tokens = 8
    put(library, OLD, document("long.txt", " ".join(f"word{number}" for number in range(30))))
    events = await run(Reembedding(spaces, short))
    assert isinstance(events[-1], ReembedEnded)
    assert events[-1].in_pieces >= 1
    assert spaces.missing(space_of(short)) == 0


async def test_a_model_that_fails_ends_the_pass_and_leaves_the_old_space_whole(spaces: Spaces) -> None:
    broken = WordEmbedder(digest="broken")
    broken.broken = True
    with pytest.raises(EmbedderError):
        await run(Reembedding(spaces, broken))
    assert spaces.counts() == {space_of(OLD): BATCH + 5}


async def test_a_space_that_is_no_longer_wanted_can_be_forgotten(spaces: Spaces) -> None:
    await run(Reembedding(spaces, NEW))
    assert spaces.forget(space_of(OLD)) == BATCH + 5
    assert spaces.counts() == {space_of(NEW): BATCH + 5}


async def test_questions_are_embedded_as_questions(spaces: Spaces, library: Library) -> None:
    class Asking(WordEmbedder):
        asked: tuple[str, ...] = ()

        def embed_questions(self, texts):
            self.asked += tuple(texts)
            return self.embed(texts)

    loaded = document("r.md", "about injection")
    question = Block(text="What is injection?", asks=True)
    put(library, OLD, loaded.model_copy(update={"blocks": (*loaded.blocks, question)}))
    asking = Asking(digest="asking")
    await run(Reembedding(spaces, asking))
    assert asking.asked == ("What is injection?",)
