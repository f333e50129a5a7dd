"""Changing the embedding model of a real engine: a tiny model in a folder instead of the built-in one, and back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.embedding_server import EmbeddingServer
from workbench.core.embedding_facet import SERVICE
from workbench.core.engine import (
    EmbedderChanged,
    EmbedderKind,
    EmbedderSettings,
    Engine,
    ReembedEnded,
    ReembedProgress,
    SearchAnswer,
)
from workbench.core.evidence import SourceState
from workbench.core.knowledge import shelf
from workbench.core.knowledge.embedder import EmbedderError
from workbench.core.knowledge.embedding_events import ChangeEvent
from workbench.places import Places

NOTE = "# Keys\n\nRotate the keys of the vault each quarter."


@pytest.fixture(scope="module")
def folder(tiny_models: Path) -> Path:
    return tiny_models / "sentence"


@pytest.fixture
def home(places_with_model: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    documents = shelf.load_shelf()[::200]
    monkeypatch.setattr(shelf, "load_shelf", lambda: documents)
    (tmp_path / "keys.md").write_text(NOTE, "utf-8")
    return places_with_model


@pytest.fixture
async def engine(home: Places, tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine(home)
    await engine.start()
    await engine.ready()
    async for _ in engine.library.ingest([tmp_path / "keys.md"]):
        pass
    yield engine
    await engine.close()


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    yield running
    running.close()


def at(server: EmbeddingServer) -> EmbedderSettings:
    return EmbedderSettings(kind=EmbedderKind.ENDPOINT, address=server.address, model="words")


def in_folder(folder: Path) -> EmbedderSettings:
    return EmbedderSettings(kind=EmbedderKind.FOLDER, folder=str(folder))


async def last_of(change: AsyncIterator[ChangeEvent]) -> ChangeEvent:
    return [event async for event in change][-1]


def is_whole(answer: SearchAnswer) -> bool:
    return all(status.state is SourceState.OK for status in answer.statuses)


async def test_the_library_is_searched_throughout_and_then_with_the_new_model(
    engine: Engine, home: Places, folder: Path
) -> None:
    asked: list[SearchAnswer] = []
    async for event in await engine.embedding.change(in_folder(folder)):
        if isinstance(event, ReembedProgress):
            asked.append(await engine.library.search("keys of the vault"))
    assert isinstance(event, EmbedderChanged)
    assert all(is_whole(answer) and answer.passages[0].title == "Keys" for answer in asked)
    assert engine.embedding.current.dimension == 16
    assert engine.embedding.current == event.settings.model_copy(update={"scale": event.scale})
    answer = await engine.library.search("keys of the vault")
    assert is_whole(answer)
    assert answer.passages[0].title == "Keys"
    await engine.close()
    again = Engine(home)
    await again.start()
    await again.ready()
    try:
        assert is_whole(await again.library.search("keys of the vault"))
        assert again.embedding.current.folder == str(folder)
    finally:
        await again.close()


async def test_going_back_embeds_nothing_and_old_vectors_can_be_forgotten(
    engine: Engine, server: EmbeddingServer
) -> None:
    async for _ in await engine.embedding.change(at(server)):
        pass
    vectors = await engine.embedding.others()
    assert vectors > 30
    event = await last_of(aiter(await engine.embedding.change(EmbedderSettings())))
    assert isinstance(event, EmbedderChanged)
    assert event.embedded == 0
    assert is_whole(await engine.library.search("keys of the vault"))
    assert await engine.embedding.forget_others() == vectors
    assert await engine.embedding.others() == 0


async def test_a_cancelled_change_leaves_everything_as_it_was(engine: Engine, server: EmbeddingServer) -> None:
    change = await engine.embedding.change(at(server))
    events = []
    async for event in change:
        events.append(event)
        change.cancel()
    assert isinstance(events[-1], ReembedEnded)
    assert events[-1].cancelled
    assert engine.embedding.current == EmbedderSettings()
    assert is_whole(await engine.library.search("keys of the vault"))


async def test_what_is_taken_in_during_a_change_is_found_after_it(
    engine: Engine, server: EmbeddingServer, tmp_path: Path
) -> None:
    (tmp_path / "late.md").write_text("# Late\n\nSomething about pangolins.", "utf-8")

    async def take_in() -> None:
        async for _ in engine.library.ingest([tmp_path / "late.md"]):
            pass

    going = None
    async for event in await engine.embedding.change(at(server)):
        if isinstance(event, ReembedProgress) and going is None:
            going = asyncio.create_task(take_in())
    assert going is not None
    await going
    answer = await engine.library.search("pangolins")
    assert is_whole(answer)
    assert answer.passages[0].title == "Late"


async def test_a_folder_without_a_model_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no model folder"):
        await engine.embedding.change(in_folder(tmp_path))
    assert engine.embedding.current == EmbedderSettings()


async def test_a_model_that_is_gone_at_the_next_start_is_told_and_words_are_searched(
    engine: Engine, home: Places, server: EmbeddingServer
) -> None:
    async for _ in await engine.embedding.change(at(server), key="s3cret"):
        pass
    assert set(server.keys) == {"Bearer s3cret"}
    await engine.close()
    server.answer = lambda _: (404, {"error": {"message": "no such model"}})
    again = Engine(home)
    await again.start()
    try:
        with pytest.raises(EmbedderError, match="has this model"):
            await again.ready()
    finally:
        await again.close()
    assert "s3cret" not in home.config_file.read_text("utf-8")


async def test_a_change_that_waits_for_others_to_write_can_be_cancelled(
    engine: Engine, server: EmbeddingServer
) -> None:
    turn = engine._keeping.turn
    await turn.take("a long ingestion")
    change = await engine.embedding.change(at(server))

    async def follow() -> list[object]:
        return [event async for event in change]

    following = asyncio.create_task(follow())
    while not turn.is_wanted_by_analyst():
        await asyncio.sleep(0.01)
    change.cancel()
    last = (await asyncio.wait_for(following, 5))[-1]
    assert isinstance(last, ReembedEnded)
    assert last.cancelled
    assert turn.holder == "a long ingestion"
    assert engine.embedding.current == EmbedderSettings()


async def test_the_key_of_a_server_that_no_text_may_go_to_is_not_kept(engine: Engine) -> None:
    away = EmbedderSettings(kind=EmbedderKind.ENDPOINT, address="https://models.example.org/v1", model="words")
    with pytest.raises(EmbedderError, match="not on this machine"):
        await engine.embedding.change(away, key="s3cret")
    assert await engine.embedding._keyring.get(SERVICE, away.address) is None
