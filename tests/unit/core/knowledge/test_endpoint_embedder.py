"""An embedder behind a server: a real one on a loopback port, which answers as it is told."""

import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.embedding_server import WORDS, EmbeddingServer
from tests.word_embedder import WordEmbedder
from workbench.core.knowledge.embedder import EmbedderError, space_of
from workbench.core.knowledge.endpoint_embedder import BATCH, EndpointEmbedder


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    yield running
    running.close()


@pytest.fixture
def embedder(server: EmbeddingServer) -> Iterator[EndpointEmbedder]:
    made = EndpointEmbedder(server.address, "words", WORDS, key=lambda: "s3cret-key")
    yield made
    made.stop()


def test_texts_come_back_as_normalised_vectors_in_their_order(
    server: EmbeddingServer, embedder: EndpointEmbedder
) -> None:
    texts = [f"text number {number}" for number in range(BATCH + 3)]
    rows = embedder.embed(texts)
    assert np.allclose(rows, WORDS.embed(texts), atol=1e-5)
    assert embedder.dimension == WORDS.dimension
    assert [len(request["input"]) for request in server.asked] == [1, BATCH, 3]
    assert set(server.keys) == {"Bearer s3cret-key"}
    assert embedder.embed([]).shape == (0, WORDS.dimension)


def test_a_known_server_keeps_its_space_and_another_model_behind_it_is_refused(
    server: EmbeddingServer, embedder: EndpointEmbedder
) -> None:
    embedder.prepare()
    again = EndpointEmbedder(server.address, "words", WORDS, probe=embedder.probe)
    again.prepare()
    assert space_of(again) == space_of(embedder)
    again.stop()
    other = WordEmbedder(synonyms={"fox": "dog", "quick": "lazy", "brown": "the"})
    server.answer = lambda request: (
        200,
        {
            "object": "list",
            "model": "words",
            "data": [{"object": "embedding", "index": 0, "embedding": other.embed(request["input"])[0].tolist()}],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        },
    )
    changed = EndpointEmbedder(server.address, "words", WORDS, probe=embedder.probe)
    with pytest.raises(EmbedderError, match="another model"):
        changed.prepare()
    changed.stop()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": {"message": "model `words` not found"}}),
        (401, {"error": {"message": "no key"}}),
        (200, {"data": []}),
        (200, {"data": [{"index": 0, "embedding": [0.0, 0.0]}]}),
        (200, {"data": "nonsense"}),
        (200, b"<html>"),
    ],
)
def test_what_a_server_does_wrong_ends_in_one_sentence(
    server: EmbeddingServer, embedder: EndpointEmbedder, status: int, body: object
) -> None:
    server.answer = lambda _: (status, body)
    with pytest.raises(EmbedderError, match=r"words at 127\.0\.0\.1"):
        embedder.prepare()


def test_a_redirect_is_not_followed(server: EmbeddingServer, embedder: EndpointEmbedder) -> None:
    server.answer = lambda _: (307, {})
    with pytest.raises(EmbedderError):
        embedder.prepare()
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_told_so() -> None:
    embedder = EndpointEmbedder("http://127.0.0.1:9/v1", "words", WORDS)
    with pytest.raises(EmbedderError, match="check that the server runs"):
        embedder.embed(["a"])


@pytest.mark.parametrize(
    ("address", "inside", "problem"),
    [
        ("https://api.example.com/v1", False, "mark it as the organisation's own"),
        ("http://models.corp.example/v1", True, "must begin with https"),
        ("http://127.0.0.1.example.com/v1", False, "not on this machine"),
        ("http://me:secret@localhost/v1", False, "without a key in it"),
        ("file:///etc/passwd", True, "no address"),
        ("localhost:11434", True, "no address"),
    ],
)
def test_text_goes_to_no_server_that_the_user_did_not_mark(address: str, inside: bool, problem: str) -> None:
    with pytest.raises(EmbedderError, match=problem):
        EndpointEmbedder(address, "m", WORDS, inside=inside)


@pytest.mark.parametrize("address", ["http://localhost:8080/v1", "http://[::1]:1/v1", "https://127.0.0.2/v1"])
def test_servers_of_this_machine_need_no_mark(address: str) -> None:
    assert EndpointEmbedder(address, "m", WORDS).model == "m"


def test_a_key_that_a_server_says_back_is_not_told(server: EmbeddingServer, embedder: EndpointEmbedder) -> None:
    server.answer = lambda _: (401, {"error": {"message": "the key s3cret-key is wrong"}})
    with pytest.raises(EmbedderError, match=r"the key \*\*\* is wrong") as told:
        embedder.prepare()
    assert "s3cret-key" not in "".join(traceback.format_exception(told.value))


def test_nobody_gets_vectors_before_the_model_is_known_to_be_the_right_one(
    server: EmbeddingServer, embedder: EndpointEmbedder
) -> None:
    embedder.prepare()
    probing = threading.Event()

    def slow(request: dict[str, Any]) -> tuple[int, Any]:
        probing.set()
        time.sleep(0.2)
        return server.by_words({**request, "input": ["another model" for _ in request["input"]]})

    server.answer = slow
    changed = EndpointEmbedder(server.address, "words", WORDS, probe=embedder.probe)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(changed.prepare)
        assert probing.wait(5)
        second = threads.submit(changed.embed, ["a text"])
        assert "another model" in str(first.exception())
        assert "another model" in str(second.exception())


def test_a_stopped_embedder_connects_no_more(server: EmbeddingServer, embedder: EndpointEmbedder) -> None:
    embedder.prepare()
    embedder.stop()
    with pytest.raises(EmbedderError, match="was closed"):
        embedder.embed(["a text"])
    assert len(server.asked) == 1
