import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from .recipe import TlsError, client_context, connect_tls, key_pin

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
GOOD = certificate("db.example.org", CA)
PIN = key_pin(GOOD[0].public_bytes(Encoding.DER))
Serve = Callable[..., Path]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Play a server with a certificate at the other end of the next connection; gives the file of the right CA."""
    threads: list[threading.Thread] = []

    def start(certified: Certified, asks: bool = False) -> Path:
        near, far = socket.socketpair()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem(tmp_path / "server.pem", certified))
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=CA[0].public_bytes(Encoding.PEM).decode())

        def answer() -> None:
            try:
                with context.wrap_socket(far, server_side=True) as tls:
                    tls.sendall(b"hello")
            except OSError:
                far.close()

        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: near)
        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        path = tmp_path / "ca.pem"
        path.write_bytes(CA[0].public_bytes(Encoding.PEM))
        return path

    yield start
    for thread in threads:
        thread.join()


def test_a_server_that_is_the_right_one_is_talked_to(serve: Serve) -> None:
    with connect_tls("db.example.org", 443, serve(GOOD)) as connection:
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}
        assert connection.recv(5) == b"hello"


def test_a_pinned_key_may_have_a_renewed_certificate(serve: Serve) -> None:
    renewed = certificate("db.example.org", CA, key=GOOD[1])
    with connect_tls("db.example.org", 443, serve(renewed), pins=["0" * 64, PIN]) as connection:
        assert connection.recv(5) == b"hello"


def test_attack_a_certificate_for_another_name_is_refused(serve: Serve) -> None:
    ca = serve(certificate("evil.example.org", CA))
    with pytest.raises(TlsError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_tls("db.example.org", 443, ca)


def test_attack_a_certificate_of_another_authority_is_refused(serve: Serve) -> None:
    ca = serve(certificate("db.example.org", certificate("Test CA")))
    with pytest.raises(TlsError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_tls("db.example.org", 443, ca)


def test_attack_a_self_signed_certificate_is_refused_by_the_system_authorities(serve: Serve) -> None:
    serve(certificate("db.example.org"))
    with pytest.raises(TlsError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_tls("db.example.org", 443)


def test_attack_an_expired_certificate_is_refused(serve: Serve) -> None:
    ca = serve(certificate("db.example.org", CA, days=-1))
    with pytest.raises(TlsError, match="CERTIFICATE_VERIFY_FAILED"):
        connect_tls("db.example.org", 443, ca)


def test_attack_a_valid_certificate_with_another_key_does_not_fit_the_pin(serve: Serve) -> None:
    ca = serve(certificate("db.example.org", CA))
    with pytest.raises(TlsError, match="pinned"):
        connect_tls("db.example.org", 443, ca, pins=[PIN])


def test_attack_no_old_version_is_spoken_and_nothing_is_switched_off(tmp_path: Path) -> None:
    context = client_context()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_certificate_of_our_own_is_shown_to_a_server_that_asks(serve: Serve, tmp_path: Path) -> None:
    ca = serve(GOOD, asks=True)
    own = pem(tmp_path / "own.pem", certificate("client.example.org", CA))
    with connect_tls("db.example.org", 443, ca, own=own) as connection:
        assert connection.recv(5) == b"hello"


def test_attack_an_empty_list_of_pins_lets_nobody_in(serve: Serve) -> None:
    ca = serve(GOOD)
    with pytest.raises(TlsError, match="pinned"):
        connect_tls("db.example.org", 443, ca, pins=[])
