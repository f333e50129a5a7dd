"""The keys of the notes: made, kept in the keyring or wrapped by a passphrase, and found again."""

import asyncio
import base64
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.core.keys import Keyring, KeyringUnavailable
from workbench.core.values import Value, WorkbenchError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

SERVICE = "analyst-workbench/notes"
"""Under which the keyring holds the keys; the name beside it is the vault's own, so libraries do not mix."""

PASSPHRASE_LENGTH = 15
"""Shortest passphrase: NIST SP 800-63B-4, section 3.1.1.2, for a password that is the only factor."""

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
"""Cost of a guess (128 MiB, about half a second), as the OWASP Password Storage Cheat Sheet asks of scrypt."""

_MAX_SCRYPT_BYTES = 2**31
"""A header that asks for more memory than this was tampered with."""


class VaultError(WorkbenchError):
    """The notes cannot be opened, read or written, with the way out."""


class PassphraseNeeded(VaultError):  # noqa: N818 - named as the analyst reads it
    """Only a passphrase opens these notes, and none (or too short a new one) was given."""


class WrongPassphrase(VaultError):  # noqa: N818
    """The passphrase does not open the notes."""


class KeyMissing(VaultError):  # noqa: N818
    """The keyring does not hold the key that the notes were encrypted with."""


class Header(Value):
    """What the database knows about the keys. `verifier` is a token of the vault's name under the newest key."""

    name: str
    protection: Literal["keyring", "passphrase"]
    verifier: bytes
    salt: bytes | None = None
    scrypt_n: int | None = None
    scrypt_r: int | None = None
    scrypt_p: int | None = None
    wrapped_keys: bytes | None = None
    backend: str = ""
    """Name of the keyring backend that took the keys; empty under a passphrase."""


@dataclass(frozen=True, repr=False)
class KeyHolder:
    """The keys while the vault is open, newest first, and what wraps them where there is no keyring."""

    keys: tuple[bytes, ...]
    wrapper: "Fernet | None" = None

    @property
    def cipher(self) -> "MultiFernet":
        """Encrypts with the newest key, decrypts with any."""
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(key) for key in self.keys])

    def with_new_key(self) -> "KeyHolder":
        """A new key before these."""
        from cryptography.fernet import Fernet

        return KeyHolder((Fernet.generate_key(), *self.keys), self.wrapper)

    def newest_only(self) -> "KeyHolder":
        """The newest key alone."""
        return KeyHolder(self.keys[:1], self.wrapper)

    async def store(self, header: Header, keyring: Keyring) -> Header:
        """Put the keys where `header` says, and return the header that goes with them."""
        verifier = self.cipher.encrypt(header.name.encode())
        if self.wrapper is None:
            await keyring.put(SERVICE, header.name, b" ".join(self.keys).decode())
            return header.model_copy(update={"verifier": verifier})
        wrapped = self.wrapper.encrypt(b" ".join(self.keys))
        return header.model_copy(update={"verifier": verifier, "wrapped_keys": wrapped})


async def make_header(keyring: Keyring, passphrase: str | None) -> tuple[Header, KeyHolder]:
    """A new key for a new vault: wrapped by `passphrase` when one is given, else stored in the keyring.

    Raises PassphraseNeeded when there is no keyring and no passphrase, or when the passphrase is too short.
    """
    name = secrets.token_hex(8)
    if passphrase is None:
        try:
            backend = await keyring.backend()
        except KeyringUnavailable as error:
            raise PassphraseNeeded(f"{error}; or protect the notes with a passphrase instead") from error
        header, keys = Header(name=name, protection="keyring", verifier=b"", backend=backend), KeyHolder(())
    else:
        header = await asyncio.to_thread(_passphrase_header, name, passphrase)
        keys = KeyHolder((), await asyncio.to_thread(_wrapper, header, passphrase))
    keys = keys.with_new_key()
    return await keys.store(header, keyring), keys


async def open_keys(header: Header, keyring: Keyring, passphrase: str | None) -> KeyHolder:
    """The keys of an existing vault; raises PassphraseNeeded, WrongPassphrase, KeyMissing or KeyringUnavailable."""
    if header.protection == "keyring":
        stored = await keyring.get(SERVICE, header.name)
        keys = KeyHolder(tuple((stored or "").encode().split()))
        if not _fits(keys, header):
            raise KeyMissing(
                f"The key of these notes is not in the keyring ({header.backend}), so they stay encrypted; "
                "restore the keyring of the account that wrote them, or begin anew without them"
            )
        return keys
    if not passphrase:
        raise PassphraseNeeded("These notes are protected by a passphrase; enter it to open them")
    return await asyncio.to_thread(_unwrap, header, passphrase)


def strong_enough(passphrase: str) -> bool:
    """Whether a new passphrase is long enough."""
    return len(unicodedata.normalize("NFKC", passphrase)) >= PASSPHRASE_LENGTH


def _passphrase_header(name: str, passphrase: str) -> Header:
    if not strong_enough(passphrase):
        raise PassphraseNeeded(
            f"The passphrase is too short to protect notes; take at least {PASSPHRASE_LENGTH} characters, "
            "such as four or five words"
        )
    cost = {"scrypt_n": SCRYPT_N, "scrypt_r": SCRYPT_R, "scrypt_p": SCRYPT_P}
    return Header.model_validate(
        {"name": name, "protection": "passphrase", "verifier": b"", "salt": secrets.token_bytes(16)} | cost
    )


def _unwrap(header: Header, passphrase: str) -> KeyHolder:
    from cryptography.fernet import InvalidToken

    wrapper = _wrapper(header, passphrase)
    try:
        keys = KeyHolder(tuple(wrapper.decrypt(header.wrapped_keys or b"").split()), wrapper)
    except InvalidToken:
        keys = KeyHolder(())
    if not _fits(keys, header):
        raise WrongPassphrase("The passphrase is not the one these notes were protected with; try again")
    return keys


def _wrapper(header: Header, passphrase: str) -> "Fernet":
    """The cipher that scrypt (RFC 7914) makes of the passphrase; about half a second."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    n, r, p = header.scrypt_n or 0, header.scrypt_r or 0, header.scrypt_p or 0
    try:
        if 128 * n * r * p > _MAX_SCRYPT_BYTES:
            raise ValueError("more memory than any header of ours asks for")
        derived = Scrypt(salt=header.salt or b"", length=32, n=n, r=r, p=p).derive(
            unicodedata.normalize("NFKC", passphrase).encode()
        )
    except ValueError as error:
        raise VaultError(
            "What protects the notes was changed outside the workbench; put a backup of the library back"
        ) from error
    return Fernet(base64.urlsafe_b64encode(derived))


def _fits(keys: KeyHolder, header: Header) -> bool:
    from cryptography.fernet import InvalidToken

    try:
        return bool(keys.keys) and keys.cipher.decrypt(header.verifier) == header.name.encode()
    except (InvalidToken, ValueError):
        return False
