"""Sign a file or message with Ed25519, so that anybody with the public key can tell who made it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSE = b"example.com release v1"
"""What signatures of this program are for. A signature for one purpose is none for another; no NUL in it."""


class SignatureRefusedError(ValueError):
    """The signature is missing, of an unknown key, or does not fit the content."""


def make_key(passphrase: bytes) -> tuple[bytes, bytes]:
    """A new key pair: the private key as PEM encrypted with `passphrase`, the public key as 32 bytes."""
    if not passphrase:
        raise ValueError("the passphrase of the private key is empty")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )
    return pem, key.public_key().public_bytes_raw()


def load_key(pem: bytes, passphrase: bytes) -> Ed25519PrivateKey:
    """The private key of make_key. Raises ValueError for a wrong passphrase or a key of another kind."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("the private key cannot be read") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the private key is no Ed25519 key")
    return key


def sign_message(message: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signature of `message`, 64 bytes."""
    return key.sign(_statement(hashlib.sha512(message).digest()))


def sign_file(path: Path, key: Ed25519PrivateKey) -> bytes:
    """The signature of a file of any size; the same as sign_message makes of its content."""
    return key.sign(_statement(_digest(path)))


def verify_message(message: bytes, signature: bytes, key_id: str, trusted: Mapping[str, bytes]) -> None:
    """Return when the key `key_id` of `trusted` signed `message`; raise SignatureRefusedError when it did not.

    `trusted` comes with the program, never with the message: a key that arrives beside the signature proves nothing.
    """
    _verify(hashlib.sha512(message).digest(), signature, key_id, trusted)


def verify_file(path: Path, signature: bytes, key_id: str, trusted: Mapping[str, bytes]) -> None:
    """The same for a file. Use the file you verified: one that others may write can change afterwards."""
    _verify(_digest(path), signature, key_id, trusted)


def _verify(digest: bytes, signature: bytes, key_id: str, trusted: Mapping[str, bytes]) -> None:
    if key_id not in trusted:
        raise SignatureRefusedError("the signature is by a key that is not trusted")
    try:
        Ed25519PublicKey.from_public_bytes(trusted[key_id]).verify(signature, _statement(digest))
    except InvalidSignature as error:
        raise SignatureRefusedError("the signature does not fit the content") from error


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").digest()


def _statement(digest: bytes) -> bytes:
    """What is signed: the purpose and the digest, of fixed length, so that neither can run into the other."""
    return PURPOSE + b"\0" + digest
