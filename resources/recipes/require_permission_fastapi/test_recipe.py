from collections.abc import Collection

import pytest
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from .recipe import needs, public, require_permission_fastapi

HELD = {"ann": {"invoice.read"}, "boss": {"invoice.read", "invoice.delete"}, "new": set()}


def permissions_of(connection: HTTPConnection) -> Collection[str] | None:
    return HELD.get(connection.headers.get("X-Test-User", ""))


def made() -> FastAPI:
    app = FastAPI(dependencies=[Depends(require_permission_fastapi(permissions_of))])
    router = APIRouter()

    @app.get("/")
    @public
    def home() -> str:
        return "home"

    @router.get("/invoices/{number}")
    @needs("invoice.read")
    async def read(number: int) -> int:
        return number

    @router.delete("/invoices/{number}")
    @needs("invoice.delete")
    def delete(number: int) -> int:
        return number

    @router.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    @app.post("/forgotten-too")
    async def forgotten_too(body: dict[str, int]) -> str:
        return "secret"

    @app.websocket("/live")
    @needs("invoice.read")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("live")
        await websocket.close()

    @router.websocket("/forgotten-live")
    async def forgotten_live(websocket: WebSocket) -> None:
        await websocket.accept()

    app.include_router(router, prefix="/api")
    return app


CLIENT = TestClient(made())


def status(path: str, user: str, method: str = "GET", **more: object) -> int:
    return CLIENT.request(method, path, headers={"X-Test-User": user}, **more).status_code  # type: ignore[arg-type]


def test_who_holds_the_permission_gets_in() -> None:
    assert CLIENT.get("/api/invoices/7", headers={"X-Test-User": "ann"}).json() == 7
    assert status("/api/invoices/7", "boss", "DELETE") == 200
    with CLIENT.websocket_connect("/live", headers={"X-Test-User": "ann"}) as websocket:
        assert websocket.receive_text() == "live"


def test_a_public_page_is_for_everybody_and_a_missing_one_is_missing() -> None:
    assert CLIENT.get("/").json() == "home"
    assert CLIENT.get("/nothing").status_code == 404


def test_attack_nobody_and_others_are_kept_out() -> None:
    refused = CLIENT.get("/api/invoices/7")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert status("/api/invoices/7", "new") == 403
    assert status("/api/invoices/not-a-number", "new") == 403, "not even whether the request was well formed"


def test_attack_reading_is_not_deleting() -> None:
    assert status("/api/invoices/7", "ann", "DELETE") == 403


def test_attack_a_forgotten_endpoint_is_closed_even_to_the_boss() -> None:
    assert status("/api/forgotten", "boss") == 403
    assert status("/forgotten-too", "boss", "POST", json={"a": 1}) == 403
    assert status("/forgotten-too", "boss", "POST", json={"a": "x"}) == 403


@pytest.mark.parametrize(("path", "user"), [("/live", "new"), ("/live", ""), ("/api/forgotten-live", "boss")])
def test_attack_a_websocket_is_refused_before_it_opens(path: str, user: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        CLIENT.websocket_connect(path, headers={"X-Test-User": user}),
    ):
        pass
    assert refused.value.code == 1008


def test_attack_a_permission_is_no_part_of_a_text_given_by_mistake() -> None:
    app = FastAPI(dependencies=[Depends(require_permission_fastapi(lambda _: "invoice.read"))])

    @app.get("/read")
    @needs("read")
    def read() -> str:
        return "read"

    assert TestClient(app).get("/read").status_code == 403
