import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from . import recipe
from .recipe import FetchRefusedError, fetch_url, is_public


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.headers['Host']} {self.path}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine that plays a public one: its address is taken for public in this test only."""
    with HTTPServer(("127.0.0.1", 0), Answer) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        port = running.server_address[1]
        monkeypatch.setattr(recipe, "PORTS", {"http": port})
        monkeypatch.setattr(recipe, "is_public", lambda address: address == "127.0.0.1")
        monkeypatch.setattr(socket, "getaddrinfo", resolving_to("127.0.0.1", socket.getaddrinfo))
        yield f"http://example.org:{port}"
        running.shutdown()
        thread.join()


def resolving_to(address: str, real: object) -> object:
    def resolve(host: str, port: int, *args: object, **kwargs: object) -> object:
        return real(address if host == "example.org" else host, port, *args, **kwargs)  # type: ignore[operator]

    return resolve


def test_a_public_page_is_fetched_with_its_own_host_name(server: str) -> None:
    body = fetch_url(f"{server}/page?a=1").decode()
    assert body == f"{server.removeprefix('http://')} /page?a=1"


def test_attack_a_redirect_to_the_inside_is_not_followed(server: str) -> None:
    with pytest.raises(FetchRefusedError, match="302"):
        fetch_url(f"{server}/moved")


def test_attack_an_answer_larger_than_the_limit_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 5)
    with pytest.raises(FetchRefusedError, match="more than 5"):
        fetch_url(f"{server}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://localhost/",
    ],
)
def test_attack_an_address_inside_is_refused_before_connecting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> None:
        raise AssertionError("it connected")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchRefusedError, match="public"):
        fetch_url(url)


def test_attack_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.215.14", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(FetchRefusedError, match="public"):
        fetch_url("http://rebind.example/")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://example.org/", "http://user@example.org/", "http:///x", "http://example.org:22/"],
)
def test_attack_other_schemes_ports_and_credentials_are_refused(url: str) -> None:
    with pytest.raises(FetchRefusedError):
        fetch_url(url)


def test_addresses_are_told_apart() -> None:
    assert is_public("93.184.215.14")
    assert is_public("2606:4700:4700::1111")
    for inside in (
        "fe80::1%eth0",
        "fd00::1",
        "100.64.0.1",
        "224.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
    ):
        assert not is_public(inside), inside


@pytest.mark.parametrize(
    "address",
    [
        "::7f00:1",  # 127.0.0.1 in the old IPv4-compatible form
        "::ffff:0:7f00:1",
        "fec0::1",  # site-local, still in use in places
        "5f00::1",
        "3fff::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2002:a00:1::",
        "192.0.0.192",  # metadata of a cloud
        "168.63.129.16",  # Azure's own services, at an address that looks public
        "192.88.99.1",
    ],
)
def test_attack_an_address_that_only_seems_public_is_none(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://a:b/", "http://[", f"http://{'a' * 70}.example/", "http://example.org:99999/", "http://a b.test/\0"],
)
def test_attack_an_address_that_cannot_be_read_is_refused_and_breaks_nothing(url: str) -> None:
    with pytest.raises((FetchRefusedError, OSError)) as caught:
        fetch_url(url)
    assert not isinstance(caught.value, UnicodeError)


@pytest.mark.parametrize("path", ["/a b", "/\u00e9"])
def test_attack_a_path_that_is_no_path_is_refused(server: str, path: str) -> None:
    with pytest.raises(FetchRefusedError):
        fetch_url(server + path)
