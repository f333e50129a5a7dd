"""Encrypted values that name their key, so that keys can be changed while old values stay readable."""

import base64
import binascii
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
"""Length of a key: AES-256. Make one with AESGCM.generate_key(256)."""

NONCE_BYTES = 12
KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class DecryptionError(ValueError):
    """The value names a key that is not in the ring, was changed, or belongs to another record."""


@dataclass(frozen=True)
class KeyRing:
    """The keys by id, and the one that new values are encrypted with. Its repr shows no key."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError for a ring that cannot work, when the program starts rather than at the first value."""
        if self.current not in self.keys:
            raise ValueError("the current key is not in the ring")
        if not all(KEY_ID.fullmatch(name) and len(key) == KEY_BYTES for name, key in self.keys.items()):
            raise ValueError(f"a key has an odd id, or another length than {KEY_BYTES} bytes")
        if len(set(self.keys.values())) < len(self.keys):
            raise ValueError("two key ids have the same key")


def encrypt_value(value: bytes, record: str, ring: KeyRing) -> str:
    """`value` under the current key, as `key-id.base64`. `record` says where it belongs, such as `users/42/iban`."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, value, _bound(ring.current, record))
    return f"{ring.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt_value(stored: str, record: str, ring: KeyRing) -> bytes:
    """What encrypt_value was given, under whichever key of the ring. Raises DecryptionError."""
    name, _, encoded = stored.partition(".")
    key = ring.keys.get(name)
    if key is None:
        raise DecryptionError("the value was encrypted with a key that is not in the ring")
    try:
        data = base64.b64decode(encoded, altchars=b"-_", validate=True)
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound(name, record))
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise DecryptionError("the value was changed or belongs to another record") from error


def rotate_keys(stored: Mapping[str, str], ring: KeyRing) -> Iterator[tuple[str, str, str]]:
    """For each record whose value is not under the current key: the record, its old value, its new value.

    Write each with `UPDATE ... SET value = new WHERE id = record AND value = old`, so that a change made meanwhile is
    not overwritten. When nothing more comes, the old keys may leave the ring. Raises DecryptionError at the first
    value that cannot be read, before anything of it is lost.
    """
    for record, old in stored.items():
        if old.partition(".")[0] != ring.current:
            yield record, old, encrypt_value(decrypt_value(old, record, ring), record, ring)


def _bound(name: str, record: str) -> bytes:
    """What a value is tied to without containing it: a key id has no dot, so two pairs never read the same."""
    return f"{name}.{record}".encode("utf-8", "surrogatepass")
