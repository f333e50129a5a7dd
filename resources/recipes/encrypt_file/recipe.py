"""Encrypt a file with a passphrase: AES-256-GCM in chunks, so that any size fits and any change is noticed."""

import os
import struct
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

LOG_COST = 17
"""Work factor of scrypt as a power of two for new files: 17 takes 128 MiB of memory for each guess."""

MAX_LOG_COST = 20
"""Highest work factor taken from a file, so that a forged header cannot eat the memory."""

CHUNK = 64 * 1024
"""Bytes of plain text in a chunk; part of the format."""

MAGIC = b"AGC1"
HEADER = struct.Struct(">4sB16s7s")  # magic, work factor, salt, nonce prefix
TAG_BYTES = 16


class DecryptionError(ValueError):
    """The passphrase is wrong, or the file was changed, cut short or is none of ours; which of them is not told."""


def encrypt_file(source: Path, target: Path, passphrase: str) -> None:
    """Write `source` encrypted to `target`, which is replaced only when all is written.

    It may be the same path, but on Windows. Salt and nonce are new for each file. Raises ValueError for an empty
    passphrase, OSError when a file fails.
    """
    header = HEADER.pack(MAGIC, LOG_COST, os.urandom(16), os.urandom(7))
    cipher = AESGCM(_key(passphrase, header))
    with source.open("rb") as plain, _replacing(target) as file:
        file.write(header)
        for nonce, chunk in _chunks(plain, CHUNK, header):
            file.write(cipher.encrypt(nonce, chunk, header))


def decrypt_file(source: Path, target: Path, passphrase: str) -> None:
    """Write `source` decrypted to `target`, which appears only when the last chunk has been verified.

    Raises DecryptionError, and then `target` is as it was.
    """
    with source.open("rb") as encrypted:
        header = encrypted.read(HEADER.size)
        if len(header) != HEADER.size or not header.startswith(MAGIC) or header[4] not in range(1, MAX_LOG_COST + 1):
            raise DecryptionError("this is no file that encrypt_file wrote")
        cipher = AESGCM(_key(passphrase, header))
        with _replacing(target) as file:
            try:
                for nonce, chunk in _chunks(encrypted, CHUNK + TAG_BYTES, header):
                    file.write(cipher.decrypt(nonce, chunk, header))
            except InvalidTag as error:
                raise DecryptionError("the passphrase is wrong or the file was changed") from error


def _key(passphrase: str, header: bytes) -> bytes:
    if not passphrase:
        raise ValueError("the passphrase is empty")
    _, log_cost, salt, _ = HEADER.unpack(header)
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=2**log_cost, r=8, p=1).derive(secret)


def _chunks(file: IO[bytes], size: int, header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its nonce: prefix, number, and whether it is the last, so none can be moved, dropped or added."""
    prefix, number = header[-7:], 0
    chunk = file.read(size)
    while True:
        following = file.read(size) if len(chunk) == size else b""
        yield prefix + struct.pack(">IB", number, not following), chunk
        if not following:
            return
        chunk, number = following, number + 1


@contextmanager
def _replacing(target: Path) -> Iterator[IO[bytes]]:
    """A private new file beside `target` that takes its place at the end, or vanishes after an error."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".encrypting-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
