import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.websockets import WebSocketDisconnect

from .recipe import ORIGINS, check_websocket_origin, origin_is_ours

OURS = "https://app.example.com"
opened: list[str] = []
api = FastAPI()


@api.websocket("/live")
async def live(websocket: WebSocket) -> None:
    opened.append("live")
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


@api.get("/")
async def home() -> str:
    return "home"


CLIENT = TestClient(check_websocket_origin(api))


def test_our_own_page_connects() -> None:
    with CLIENT.websocket_connect("/live", headers={"Origin": OURS}) as websocket:
        assert websocket.receive_text() == "hello"


def test_other_requests_pass() -> None:
    assert CLIENT.get("/", headers={"Origin": "https://evil.example"}).json() == "home"
    with TestClient(check_websocket_origin(api)) as client:
        assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com:444",
        "https://APP.example.com",
        f"{OURS}, https://evil.example",
    ],
)
def test_attack_a_page_of_another_site_does_not_connect(origin: str) -> None:
    opened.clear()
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        CLIENT.websocket_connect("/live", headers={"Origin": origin, "Cookie": "session=victim"}),
    ):
        pass
    assert refused.value.code == 1008
    assert opened == [], "the app must not see it"


def test_attack_without_an_origin_nobody_connects() -> None:
    with pytest.raises(WebSocketDisconnect), CLIENT.websocket_connect("/live"):
        pass


def test_attack_two_origins_are_none() -> None:
    ours = (b"origin", OURS.encode())
    assert origin_is_ours([ours])
    assert origin_is_ours([(b"Origin", OURS.encode())])
    assert not origin_is_ours([ours, (b"Origin", b"https://evil.example")])
    assert not origin_is_ours([ours, ours])
    assert not origin_is_ours([])


@given(st.binary())
def test_attack_any_bytes_are_answered_and_never_an_error(origin: bytes) -> None:
    assert origin_is_ours([(b"origin", origin)]) == (origin in {entry.encode() for entry in ORIGINS})


@pytest.mark.parametrize("origin", [b"", b"https://app.example", b"h"])
def test_attack_a_list_given_as_one_text_takes_no_part_of_it(origin: bytes) -> None:
    with pytest.raises(TypeError):
        origin_is_ours([(b"origin", origin)], OURS)
