"""Open a WebSocket only for our own pages: browsers let any site connect, cookies included, unless the server looks."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

ORIGINS = frozenset({"https://app.example.com"})
"""Where our pages come from: scheme, host, and the port where it is not the usual one."""

POLICY_VIOLATION = 1008
"""The code it is closed with; before the handshake is done servers turn it into 403."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def check_websocket_origin(app: App, origins: Collection[str] = ORIGINS) -> App:
    """`app` (ASGI: FastAPI, Starlette, Django Channels) that no WebSocket from a page outside `origins` reaches.

    The handshake is refused before the app sees it. A missing Origin is refused too: browsers always send it. A client
    that is no browser and needs no cookies belongs on another address, with a token.
    """

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not origin_is_ours(scope["headers"], origins):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await app(scope, receive, send)

    return checked


def origin_is_ours(headers: Collection[tuple[bytes, bytes]], origins: Collection[str] = ORIGINS) -> bool:
    """Whether the handshake's headers name exactly one origin, and that is one of `origins`, letter by letter."""
    if isinstance(origins, str):  # of which every part would count as an origin
        raise TypeError("the origins must be a list")
    named = [value for name, value in headers if name.lower() == b"origin"]
    return len(named) == 1 and named[0].decode("latin-1") in origins
