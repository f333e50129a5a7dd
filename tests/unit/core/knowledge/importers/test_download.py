"""Downloads from a real server on this machine, also one that misbehaves."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.core.knowledge.importers.feeds import cve, gzipped, nvd
from workbench.core.database import Database
from workbench.core.knowledge.importers.download import DownloadError, DownloadLimits, FromAddress
from workbench.core.knowledge.importers.store import ImportStore

Answer = Callable[["Handler"], None]

FILE = gzipped(nvd(*(cve(number) for number in range(1, 50)))) + b"tail" * 20_000


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says, and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    answer: Answer
    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        self.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        self.close_connection = True
        with contextlib.suppress(OSError):
            type(self).answer(self)

    def send(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server:
    """An HTTP server on this machine."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.handler = type("Answering", (Handler,), {"asked": [], "answer": lambda handler: handler.send(200, FILE)})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        if context is not None:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        scheme = "https" if context else "http"
        self.address = f"{scheme}://127.0.0.1:{self._http.server_address[1]}/feed.json.gz"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def asked(self) -> list[dict[str, str]]:
        return self.handler.asked

    def answers(self, *answers: Answer) -> None:
        """One after the other; the last again and again."""
        left = list(answers)

        def next_answer(handler: Handler) -> None:
            answer = left.pop(0) if len(left) > 1 else left[0]
            answer(handler)

        self.handler.answer = next_answer

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ImportStore]:
    with Database(tmp_path / "library.db") as database:
        yield ImportStore(database)


LIMITS = DownloadLimits(silent_seconds=0.5, connect_seconds=1.0, whole_seconds=5.0, pause_seconds=0.01)


def download(
    address: str, store: ImportStore, folder: Path, limits: DownloadLimits = LIMITS, *, here: bool = True
) -> FromAddress:
    return FromAddress("nvd", address, "", folder=folder, store=store, to_this_machine=here, limits=limits)


def test_a_file_comes_whole_and_what_left_the_machine_is_in_the_ledger(
    server: Server, store: ImportStore, tmp_path: Path
) -> None:
    origin = download(server.address, store, tmp_path)
    assert origin.obtain().read_bytes() == FILE
    (sent,) = store.downloads()
    assert (sent.host, sent.kind, sent.address, sent.outcome) == ("127.0.0.1", "nvd", server.address, "downloaded")
    assert sent.bytes_received == len(FILE)
    assert 100 < sent.bytes_sent < 500
    assert len(sent.sha256) == 64
    told = {name for name in server.asked[0] if name != "path"}
    assert told == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert origin.progress().endswith("0.1 of 0.1 MB")


def test_an_unchanged_file_is_not_fetched_again(server: Server, store: ImportStore, tmp_path: Path) -> None:
    server.answers(lambda handler: handler.send(200, FILE, ETag='"one"', Last_Modified="Mon, 01 Jan 2099 00:00:00 GMT"))
    download(server.address, store, tmp_path).obtain()
    server.answers(lambda handler: handler.send(304))
    assert download(server.address, store, tmp_path).obtain().read_bytes() == FILE
    assert server.asked[1]["if-none-match"] == '"one"'
    assert [each.outcome for each in store.downloads()] == ["unchanged", "downloaded"]


def test_a_file_that_was_refused_or_tampered_with_is_fetched_anew(
    server: Server, store: ImportStore, tmp_path: Path
) -> None:
    server.answers(lambda handler: handler.send(200, FILE, ETag='"one"'))
    path = download(server.address, store, tmp_path).obtain()
    path.write_bytes(b"tampered")
    origin = download(server.address, store, tmp_path)
    assert origin.obtain().read_bytes() == FILE
    origin.refused()
    assert download(server.address, store, tmp_path).obtain().read_bytes() == FILE
    assert all("if-none-match" not in each for each in server.asked)


def test_a_connection_that_breaks_is_resumed_where_it_broke(server: Server, store: ImportStore, tmp_path: Path) -> None:
    half = len(FILE) // 2

    def rest(handler: Handler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        whole = f"bytes {start}-{len(FILE) - 1}/{len(FILE)}"
        handler.send(206, FILE[start:], ETag='"one"', Content_Range=whole)

    server.answers(lambda handler: handler.send(200, FILE[:half], len(FILE), ETag='"one"'), rest)
    assert download(server.address, store, tmp_path).obtain().read_bytes() == FILE
    assert server.asked[1]["if-range"] == '"one"'
    assert sum(each.bytes_received for each in store.downloads()) == len(FILE)


def test_without_an_etag_it_is_begun_anew(server: Server, store: ImportStore, tmp_path: Path) -> None:
    server.answers(
        lambda handler: handler.send(200, FILE[:1_000], len(FILE)),
        lambda handler: handler.send(503),
        lambda handler: handler.send(200, FILE),
    )
    assert download(server.address, store, tmp_path).obtain().read_bytes() == FILE
    assert all("range" not in each for each in server.asked)
    assert [each.outcome[:10] for each in store.downloads()] == ["downloaded", "broken off", "broken off"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda handler: handler.send(404), "answered 404"),
        (lambda handler: handler.send(500), "in 4 attempts"),
        (lambda handler: handler.send(200, FILE[:1_000], len(FILE)), "in 4 attempts"),
        (lambda handler: handler.send(302, Location="http://example.org/feed"), "not https"),
        (lambda handler: handler.send(302, Location="file:///etc/passwd"), "not https"),
        (lambda handler: handler.send(302, Location="/again"), "without end"),
        (lambda handler: handler.send(200, b"", 900_000_000), "900 MB or more"),
        (lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"), "in 4 attempts"),
    ],
    ids=["missing", "broken server", "cut", "to http", "to a file", "in circles", "too large", "no http"],
)
def test_what_goes_wrong_is_one_sentence_and_leaves_no_file(
    server: Server, store: ImportStore, tmp_path: Path, answer: Answer, said: str
) -> None:
    server.answers(answer)
    with pytest.raises(DownloadError, match=said):
        download(server.address, store, tmp_path).obtain()
    assert list((tmp_path / "nvd").iterdir()) == []
    assert store.downloads()
    assert all(each.outcome != "downloaded" for each in store.downloads())


def test_no_key_of_an_address_is_told_or_kept(server: Server, store: ImportStore, tmp_path: Path) -> None:
    server.answers(
        lambda handler: handler.send(302, Location="/mirror?signature=s3cret"),
        lambda handler: handler.send(404),
    )
    with pytest.raises(DownloadError, match="answered 404") as told:
        download(f"{server.address}?token=s3cret", store, tmp_path).obtain()
    assert [each["path"] for each in server.asked] == ["/feed.json.gz?token=s3cret", "/mirror?signature=s3cret"]
    with pytest.raises(DownloadError, match="name or a password") as refused:
        download(server.address.replace("//", "//user:s3cret@"), store, tmp_path).obtain()
    assert len(server.asked) == 2
    assert len(store.downloads()) == 2
    assert "s3cret" not in f"{store.downloads()} {told.value} {refused.value}"


def test_a_body_larger_than_the_limit_is_given_up_though_it_hides_its_size(
    server: Server, store: ImportStore, tmp_path: Path
) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 100_000)

    server.answers(endless)
    limits = DownloadLimits(most_bytes=1_000_000)
    with pytest.raises(DownloadError, match="1 MB is the limit"):
        download(server.address, store, tmp_path, limits).obtain()


def test_a_server_that_falls_silent_or_drips_is_given_up(server: Server, store: ImportStore, tmp_path: Path) -> None:
    gone = threading.Event()

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not gone.wait(0.02):
            handler.wfile.write(b"x")

    server.answers(drip)
    limits = DownloadLimits(silent_seconds=0.3, whole_seconds=0.5, pause_seconds=0.01)
    with pytest.raises(DownloadError, match="took longer than"):
        download(server.address, store, tmp_path, limits).obtain()
    server.answers(lambda _: gone.wait(2) and None)
    limits = DownloadLimits(silent_seconds=0.1, whole_seconds=5, pause_seconds=0.01)
    with pytest.raises(DownloadError, match="ReadTimeout"):
        download(server.address, store, tmp_path, limits).obtain()
    gone.set()


def test_a_download_that_waits_is_stopped_at_once(server: Server, store: ImportStore, tmp_path: Path) -> None:
    waiting = threading.Event()
    server.answers(lambda _: waiting.wait(5) and None)
    origin = download(server.address, store, tmp_path, DownloadLimits(silent_seconds=30))
    threading.Timer(0.3, origin.stop).start()
    started = time.monotonic()
    with pytest.raises(DownloadError, match="stopped"):
        origin.obtain()
    assert time.monotonic() - started < 3
    waiting.set()


def test_plain_http_is_refused_unless_it_is_this_machine_and_allowed(
    server: Server, store: ImportStore, tmp_path: Path
) -> None:
    for address, here in ((server.address, False), ("http://example.org/x", True), ("ftp://127.0.0.1/x", True)):
        with pytest.raises(DownloadError, match="not https"):
            download(address, store, tmp_path, here=here).obtain()
    assert server.asked == []
    assert store.downloads() == []


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for this machine, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "workbench tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


def test_certificates_are_checked(store: ImportStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = certificate(tmp_path)
    server = Server(context)
    try:
        with pytest.raises(DownloadError, match="CERTIFICATE_VERIFY_FAILED"):
            download(server.address, store, tmp_path, here=False).obtain()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert download(server.address, store, tmp_path, here=False).obtain().read_bytes() == FILE
    finally:
        server.close()


def test_nobody_there_is_one_sentence(store: ImportStore, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(DownloadError, match="ConnectError"):
            download(address, store, tmp_path).obtain()
    assert len(store.downloads()) == 4
