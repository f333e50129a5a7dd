"""Authorisation in FastAPI that denies by default: an endpoint without a declared permission is closed to everybody."""

import logging
from collections.abc import Callable, Collection
from typing import TypeVar

from fastapi import HTTPException, WebSocketException
from starlette.requests import HTTPConnection

MARK = "_needed_permission"
"""The attribute of an endpoint that says what it needs."""

POLICY_VIOLATION = 1008
"""What a refused WebSocket is closed with."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def require_permission_fastapi(
    permissions_of: Callable[[HTTPConnection], Collection[str] | None],
) -> Callable[[HTTPConnection], None]:
    """A dependency of the whole app that closes every endpoint except those marked with needs() or public().

    Give it to the app itself, FastAPI(dependencies=[Depends(require_permission_fastapi(permissions_of))]), so that it
    covers routers added later and WebSockets. `permissions_of` tells what the caller may do, from the server's own
    records, and None when nobody is signed in.
    """

    def guard(connection: HTTPConnection) -> None:
        endpoint = connection.scope.get("endpoint")
        if not hasattr(endpoint, MARK):
            logging.getLogger(__name__).error("endpoint %r declares no permission, so it is closed", endpoint)
            raise _refusal(connection, 403)
        permission = getattr(endpoint, MARK)
        if permission is None:
            return
        held = permissions_of(connection)
        if held is None:
            raise _refusal(connection, 401)
        if permission not in set(held):  # a set, since part of a text would be "in" it too
            raise _refusal(connection, 403)

    return guard


def needs(permission: str) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint is for those who hold `permission`. Goes below @app.get and its like."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, MARK, permission)
        return endpoint

    return mark


def public(endpoint: Endpoint) -> Endpoint:
    """Declare that an endpoint is for everybody, signed in or not."""
    setattr(endpoint, MARK, None)
    return endpoint


def _refusal(connection: HTTPConnection, status: int) -> Exception:
    if connection.scope["type"] == "websocket":
        return WebSocketException(POLICY_VIOLATION)
    return HTTPException(status, headers={"WWW-Authenticate": "Bearer"} if status == 401 else None)
