"""Connect to a server over TLS and be sure which one it is: its certificate, its name, and its key where known."""

import hashlib
import hmac
import socket
import ssl
from collections.abc import Collection
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECONDS = 10.0
"""Longest wait for connecting, for the handshake, and for each read and write."""

OLDEST = ssl.TLSVersion.TLSv1_2
"""Oldest version of TLS; TLSv1_3 where every server has it."""


class TlsError(ConnectionError):
    """The server could not show that it is the right one, or speaks no TLS that we accept."""


def connect_tls(
    host: str, port: int, ca_file: Path | None = None, pins: Collection[str] | None = None, own: Path | None = None
) -> ssl.SSLSocket:
    """A connection to `host`, whose certificate is valid, issued for that name, and by an authority we trust.

    `ca_file` names the authorities to trust instead of the system's. `pins`, if given, are the pins (key_pin) of the
    keys that the server may have: the present one and one in reserve. `own` is a PEM file with our certificate and
    key, for servers that ask for one. Raises TlsError, or OSError when the server does not answer. Close it after use.
    """
    context = client_context(ca_file, own)
    plain = socket.create_connection((host, port), timeout=SECONDS)
    try:
        connection = context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLError as error:
        plain.close()
        raise TlsError(f"no trustworthy connection to {host}: {error.reason or error}") from error
    except BaseException:
        plain.close()
        raise
    if pins is not None and not _pinned(connection, pins):  # an empty list, as from a broken setting, fits no key
        connection.close()
        raise TlsError(f"{host} has a valid certificate, but not with a key that was pinned")
    return connection


def _pinned(connection: ssl.SSLSocket, pins: Collection[str]) -> bool:
    try:
        pin = key_pin(connection.getpeercert(binary_form=True) or b"")
    except (ValueError, UnsupportedAlgorithm):
        return False
    return any(hmac.compare_digest(pin.encode(), known.lower().encode()) for known in pins)


def client_context(ca_file: Path | None = None, own: Path | None = None) -> ssl.SSLContext:
    """A context for clients, also for http.client, urllib, httpx (`verify=`) and smtplib."""
    context = ssl.create_default_context(cafile=ca_file)  # verifies certificate and name; nothing here weakens that
    context.minimum_version = OLDEST
    if own is not None:
        context.load_cert_chain(own, password=_no_password)
    return context


def key_pin(certificate: bytes) -> str:
    """SHA-256 of the public key in a DER certificate, in hex: it stays the same when the certificate is renewed.

    openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | sha256sum
    """
    key = x509.load_der_x509_certificate(certificate).public_key()
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _no_password() -> str:
    """Called for an encrypted key; without it the program would stop at a prompt that nobody sees."""
    raise ValueError("the key is encrypted")
