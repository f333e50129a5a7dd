"""Bound how much a request may send, whatever it says of itself: middleware for ASGI apps such as FastAPI."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 1_000_000
"""Largest request body taken, in bytes."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyTooLargeError(Exception):
    """The request sent more than is taken; raised in the app where it reads on."""


def limit_body(app: App, max_bytes: int = MAX_BYTES) -> App:
    """`app` behind a bound: 413 for a body of more than `max_bytes`, declared or counted, 400 for a nonsense length.

    A body that is declared too long is not read at all; one without a declared length (chunked) is counted as it
    comes, and reading on fails at the bound. Put it outermost, so that nothing reads before it.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        refusal = _refusal(scope, max_bytes)
        if refusal is not None:
            await _answer(send, refusal)
            return
        request = _Request(receive, send, max_bytes)
        try:
            await app(scope, request.receive, request.send)
        except Exception:
            if not request.over or request.started:
                raise
        if request.over and not request.started:
            await _answer(send, 413)

    return limited


@dataclass
class _Request:
    real_receive: Receive
    real_send: Send
    max_bytes: int
    taken: int = 0
    over: bool = False
    started: bool = False

    async def receive(self) -> Message:
        if not self.over:
            message = await self.real_receive()
            self.taken += len(message.get("body", b""))
            self.over = self.taken > self.max_bytes
        if self.over:
            raise BodyTooLargeError(f"the body has more than {self.max_bytes} bytes")
        return message

    async def send(self, message: Message) -> None:
        if self.over and not self.started:
            return  # What the app makes of the error, often a 400 or 500, gives way to our 413.
        self.started = True
        await self.real_send(message)


def _refusal(scope: Scope, max_bytes: int) -> int | None:
    lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    if not lengths:
        return None
    if len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
        return 400
    return 413 if int(lengths[0]) > max_bytes else None


async def _answer(send: Send, status: int) -> None:
    text = b"the request is too large\n" if status == 413 else b"the request has no valid length\n"
    # The rest of the body is not read, so the connection is of no use for another request.
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": text})
