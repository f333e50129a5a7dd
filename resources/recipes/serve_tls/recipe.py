"""Serve TLS: version 1.2 or later with forward secrecy, and only clients whose certificate we know."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

OLDEST = ssl.TLSVersion.TLSv1_2
"""Oldest version of TLS; TLSv1_3 where every client has it."""

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Suites for TLS 1.2: forward secrecy and authenticated encryption. Those of TLS 1.3 are all good."""


class TlsSetupError(RuntimeError):
    """The server's certificate or key cannot be used; it must not start."""


class ClientRefusedError(PermissionError):
    """The client has no certificate, or one that is not on the list."""


def serve_tls(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    """The context for a server: `context.wrap_socket(socket, server_side=True)`, or for uvicorn, asyncio, http.server.

    `certificate` is the chain in PEM, the server's own first. With `client_ca` every client must show a certificate of
    that authority, which should issue for this purpose alone; then ask client_of who it is. Set a timeout on the
    socket before the handshake, and do the handshake in the thread of the connection. Raises TlsSetupError.
    """
    if not key.is_file():
        raise TlsSetupError(f"there is no key {key}")
    if os.name == "posix" and key.stat().st_mode & 0o077:
        raise TlsSetupError(f"the key {key} is open to others; chmod it to 0600")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = OLDEST
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca)  # nothing else: the system's authorities issue to anybody
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TlsSetupError(f"the certificate, its key or the client authority cannot be used: {error}") from error
    return context


def client_of(connection: ssl.SSLSocket | ssl.SSLObject, allowed: Mapping[str, str]) -> str:
    """Who the client is: the value in `allowed` of the one DNS or URI name in its verified certificate.

    That the authority issued it is not enough: it issues to other clients too. Raises ClientRefusedError.
    """
    names = dict(connection.getpeercert() or {}).get("subjectAltName", ())
    found = [str(name[1]) for name in names if name[0] in ("DNS", "URI")]
    if len(found) != 1 or found[0] not in allowed:
        raise ClientRefusedError("the certificate names no client on the list")
    return allowed[found[0]]


def _no_password() -> str:
    """Called for an encrypted key; without it a server would stop at a prompt that nobody sees."""
    raise ValueError("the key is encrypted")
