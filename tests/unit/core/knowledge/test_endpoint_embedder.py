"""An embedder behind a server: a real one on a loopback port, which answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.knowledge.embedder import EmbedderError, space_of
from workbench.core.knowledge.endpoint_embedder import BATCH, EndpointEmbedder

Answer = Callable[[dict[str, Any]], tuple[int, Any]]
WORDS = WordEmbedder()


class EmbeddingServer:
    """Speaks POST /v1/embeddings; `answer` makes status and body of a request."""

    def __init__(self) -> None:
        self.answer: Answer = self.by_words
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(request)
                outer.keys.append(self.headers["Authorization"])
                status, body = outer.answer(request)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", f"http://127.0.0.1:{outer.http.server_address[1]}/elsewhere")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def by_words(self, request: dict[str, Any]) -> tuple[int, Any]:
        rows = 3 * WORDS.embed(request["input"])
        data = [{"object": "embedding", "index": place, "embedding": row.tolist()} for place, row in enumerate(rows)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return 200, {"object": "list", "model": request["model"], "data": data[::-1], "usage": usage}


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
