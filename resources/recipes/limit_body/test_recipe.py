import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from .recipe import BodyTooLargeError, Message, Receive, Scope, Send, limit_body

read_so_far: list[int] = []


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the number of bytes it read."""
    total, more = 0, True
    while more:
        message = await receive()
        total += len(message.get("body", b""))
        read_so_far.append(total)
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(total).encode()})


def ask(app: Any, chunks: list[bytes], *lengths: bytes, kind: str = "http") -> list[Message]:
    """What is sent to a client that sends `chunks`."""
    return asyncio.run(_ask(app, chunks, lengths, kind))


async def _ask(app: Any, chunks: list[bytes], lengths: tuple[bytes, ...], kind: str) -> list[Message]:
    sent: list[Message] = []
    waiting = list(chunks)

    async def receive() -> Message:
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    read_so_far.clear()
    scope = {"type": kind, "headers": [(b"Content-Length", length) for length in lengths]}
    await limit_body(app, 10)(scope, receive, send)
    return sent


def status(sent: list[Message]) -> int:
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return int(sent[0]["status"])


def test_a_body_within_the_bound_arrives_whole() -> None:
    sent = ask(echo, [b"12345", b"67890"], b"10")
    assert status(sent) == 200
    assert sent[1]["body"] == b"10"
    assert status(ask(echo, [b""])) == 200


def test_other_than_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    ask(app, [], kind="lifespan")
    assert seen == ["lifespan"]


def test_an_error_of_the_app_stays_its_own() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        ask(broken, [b"1"], b"1")


def test_attack_a_body_declared_too_long_is_not_read() -> None:
    sent = ask(echo, [b"12345"] * 3, b"15")
    assert status(sent) == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert read_so_far == []


def test_attack_a_body_without_length_is_cut_off_at_the_bound() -> None:
    assert status(ask(echo, [b"12345"] * 100)) == 413
    assert read_so_far == [5, 10]


def test_attack_a_body_longer_than_declared_is_cut_off() -> None:
    assert status(ask(echo, [b"12345"] * 100, b"3")) == 413


@pytest.mark.parametrize(
    "lengths", [(b"-1",), (b"1e3",), (b"",), (b"+5",), (b"9" * 19,), (b"5", b"5"), (b"0x5",), (b" 5",)]
)
def test_attack_a_nonsense_length_is_refused(lengths: tuple[bytes, ...]) -> None:
    assert status(ask(echo, [b"12345"], *lengths)) == 400
    assert read_so_far == []


def test_attack_an_app_that_swallows_the_error_gets_no_further_and_no_other_answer() -> None:
    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(5):
            try:
                await receive()
            except BodyTooLargeError:
                read_so_far.append(-1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})

    assert status(ask(stubborn, [b"123456"] * 5)) == 413
    assert read_so_far == [-1] * 4


def test_attack_when_the_answer_has_begun_the_error_goes_to_the_server() -> None:
    async def early(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    with pytest.raises(BodyTooLargeError):
        ask(early, [b"1" * 11])


def test_attack_fastapi_answers_413_to_a_chunked_flood() -> None:
    api = FastAPI()

    @api.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    @api.post("/json")
    async def take_json(body: dict[str, str]) -> int:
        return len(body)

    def flood() -> Iterator[bytes]:
        for _ in range(50):
            yield b"x" * 50

    client = TestClient(limit_body(api, 100))
    assert client.post("/", content=b"x" * 100).json() == 100
    for path in ("/", "/json"):
        assert client.post(path, content=flood()).status_code == 413
