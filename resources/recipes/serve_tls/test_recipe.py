import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from .recipe import ClientRefusedError, TlsSetupError, client_of, serve_tls

Certified = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
NOW = datetime.now(UTC)


def certificate(
    name: str, issuer: Certified | None = None, days: int = 1, key: ec.EllipticCurvePrivateKey | None = None
) -> Certified:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(path: Path, *certified: Certified) -> Path:
    """A file with the certificates, and the key of the first."""
    key = certified[0][1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key + b"".join(item[0].public_bytes(Encoding.PEM) for item in certified))
    path.chmod(0o600)
    return path


CA = certificate("Test CA")
SERVER = certificate("api.example.org", CA)
BILLING = certificate("billing.internal", CA)
ALLOWED = {"billing.internal": "billing"}


@pytest.fixture
def server(tmp_path: Path) -> ssl.SSLContext:
    files = [pem(tmp_path / name, it) for name, it in (("server.pem", SERVER), ("ca.pem", CA))]
    return serve_tls(files[0], files[0], files[1])


def client(folder: Path, certified: Certified | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=pem(folder / "ca.pem", CA))
    if certified:
        context.load_cert_chain(pem(folder / "client.pem", certified))
    return context


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> str:
    """What the server finds out about the client; its error when it does not like it."""
    near, far = socket.socketpair()
    found: list[str | Exception] = []

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as connection:
                found.append(client_of(connection, ALLOWED))
        except OSError as error:
            found.append(error)
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname="api.example.org") as connection:
            connection.recv(1)
    except OSError:
        near.close()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def test_a_known_client_is_told_by_its_name(server: ssl.SSLContext, tmp_path: Path) -> None:
    assert shake_hands(server, client(tmp_path, BILLING)) == "billing"


def test_attack_a_client_without_a_certificate_is_refused(server: ssl.SSLContext, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLError):
        shake_hands(server, client(tmp_path))


def test_attack_a_certificate_of_another_authority_with_the_right_name_is_refused(
    server: ssl.SSLContext, tmp_path: Path
) -> None:
    forged = certificate("billing.internal", certificate("Test CA"))
    with pytest.raises(ssl.SSLError):
        shake_hands(server, client(tmp_path, forged))


def test_attack_an_expired_certificate_is_refused(server: ssl.SSLContext, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLError):
        shake_hands(server, client(tmp_path, certificate("billing.internal", CA, days=-1)))


def test_attack_a_certificate_of_our_authority_for_somebody_else_is_refused(
    server: ssl.SSLContext, tmp_path: Path
) -> None:
    with pytest.raises(ClientRefusedError):
        shake_hands(server, client(tmp_path, certificate("cafeteria.internal", CA)))


def test_attack_without_client_authority_nobody_is_anybody(tmp_path: Path) -> None:
    path = pem(tmp_path / "server.pem", SERVER)
    with pytest.raises(ClientRefusedError):
        shake_hands(serve_tls(path, path), client(tmp_path, BILLING))


def test_attack_no_old_version_or_weak_suite_is_offered(server: ssl.SSLContext) -> None:
    assert server.minimum_version >= ssl.TLSVersion.TLSv1_2
    names = [suite["name"] for suite in server.get_ciphers()]
    assert names
    assert all(name.startswith(("TLS_", "ECDHE-")) and ("GCM" in name or "CHACHA20" in name) for name in names)
    assert server.options & ssl.OP_NO_RENEGOTIATION


def test_attack_a_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    path = pem(tmp_path / "server.pem", SERVER)
    path.chmod(0o640)
    with pytest.raises(TlsSetupError, match="open to others"):
        serve_tls(path, path)


def test_a_key_that_does_not_fit_or_is_encrypted_stops_the_start(tmp_path: Path) -> None:
    path = pem(tmp_path / "server.pem", SERVER)
    other = tmp_path / "other.pem"
    pem(other, BILLING)
    with pytest.raises(TlsSetupError, match="cannot be used"):
        serve_tls(path, other)
    locked = SERVER[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    other.write_bytes(locked)
    with pytest.raises(TlsSetupError, match="encrypted"):
        serve_tls(path, other)


def test_a_missing_key_is_told_with_our_error(tmp_path: Path) -> None:
    with pytest.raises(TlsSetupError):
        serve_tls(tmp_path / "none.pem", tmp_path / "none.key")
