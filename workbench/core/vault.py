"""Research notes, encrypted: their text is on no disk, in no index and in no log in the clear.

Each note is one Fernet token (AES-128-CBC with HMAC-SHA-256, https://github.com/fernet/spec) that holds its title,
text and author together with its id, so that no row can take another's place. The key lies in the operating system's
keyring; where there is none, it lies in the database, wrapped by a key that scrypt derives from a passphrase.
"""

import asyncio
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field, ValidationError

from workbench.core.keys import Keyring, KeyringUnavailable
from workbench.core.values import Value
from workbench.core.vault_keys import PASSPHRASE_LENGTH, SERVICE, Header, KeyHolder, VaultError, make_header, open_keys
from workbench.core.vault_rows import NoteRow, NoteRows

if TYPE_CHECKING:
    from workbench.core.database import Database

MAX_TITLE = 300
MAX_TEXT = 200_000
"""Characters a note may have; beyond that it is a document for the library."""


class VaultStanding(StrEnum):
    """Where the vault stands."""

    NO_KEY = "no key yet"
    NO_KEYRING = "no keyring: passphrase needed"
    LOCKED = "locked"
    OPEN = "open"


class VaultState(Value):
    """What the notes panel shows before any note. `backend` names the keyring, where one is asked."""

    standing: VaultStanding
    protection: Literal["keyring", "passphrase"]
    backend: str = ""
    notes: int = 0
    pending: int = 0
    shortest_passphrase: int = PASSPHRASE_LENGTH
    """Characters that a new passphrase must have."""


class _Confidential(Value):
    model_config = ConfigDict(hide_input_in_errors=True)


class Note(_Confidential):
    """A note in the clear; lives in memory only. An empty `id` is a note not stored yet."""

    id: str = ""
    title: str = Field(max_length=MAX_TITLE, repr=False)
    text: str = Field(default="", max_length=MAX_TEXT, repr=False)
    agent: str = ""
    """Who wrote it; empty for the analyst."""


class NoteInfo(_Confidential):
    """One line of the list of notes; `readable` is false for a note that was damaged or tampered with."""

    id: str
    title: str = Field(repr=False)
    agent: str
    created: datetime
    updated: datetime
    readable: bool = True


class PendingNote(_Confidential):
    """A note that waits in memory for the vault to be opened. It keeps its id when it is stored."""

    id: str
    title: str = Field(repr=False)
    agent: str
    since: datetime
    reason: str


class VaultLocked(VaultError):  # noqa: N818 - named as the analyst reads it
    """The notes are locked."""


class NoteMissing(VaultError):  # noqa: N818
    """There is no note of that id."""


class NoteDamaged(VaultError):  # noqa: N818
    """A stored note does not decrypt: damaged, tampered with, or moved from another row."""


class Vault:
    """The notes of one library. Locked until `open`; every coroutine works in threads."""

    def __init__(self, database: "Database", keyring: Keyring) -> None:
        self._rows, self._keyring = NoteRows(database), keyring
        self._keys: KeyHolder | None = None
        self._pending: dict[str, tuple[PendingNote, Note]] = {}
        self._turn = asyncio.Lock()
        """Held while the vault is opened, emptied or rotated."""
        self._writing = asyncio.Lock()
        """Held while notes are encrypted and written, so that no note ends up under a key that rotation drops."""

    async def state(self) -> VaultState:
        """Where the vault stands. Asks the keyring only when there is no key yet."""
        header, notes = await asyncio.to_thread(self._rows.header_and_count)
        if header is not None:
            standing = VaultStanding.OPEN if self._keys else VaultStanding.LOCKED
            protection, backend = header.protection, header.backend
        else:
            try:
                standing, protection, backend = VaultStanding.NO_KEY, "keyring", await self._keyring.backend()
            except KeyringUnavailable:
                standing, protection, backend = VaultStanding.NO_KEYRING, "passphrase", ""
        return VaultState(
            standing=standing, protection=protection, backend=backend, notes=notes, pending=len(self._pending)
        )

    async def open(self, passphrase: str | None = None) -> tuple[NoteInfo, ...]:
        """Open the notes, and store those that waited; returns the latter.

        The first time it makes the key: in the keyring, or wrapped by `passphrase` when one is given. Raises
        PassphraseNeeded, WrongPassphrase, KeyMissing (VaultErrors) or KeyringUnavailable; the vault stays locked then.
        """
        async with self._turn:
            if self._keys is None:
                header = await asyncio.to_thread(self._rows.header)
                if header is None:
                    header, keys = await make_header(self._keyring, passphrase)
                    await asyncio.to_thread(self._rows.put_header, header)
                else:
                    keys = await open_keys(header, self._keyring, passphrase)
                self._keys = keys
            return await self._store_pending()

    def lock(self) -> None:
        """Forget the key. What is stored stays stored; notes kept from now on wait."""
        self._keys = None

    async def list(self) -> Sequence[NoteInfo]:
        """All notes, the latest change first; raises VaultLocked."""
        keys = self._open_keys()
        return await asyncio.to_thread(_list, keys, self._rows)

    async def read(self, note_id: str) -> Note:
        """One note; raises VaultLocked, NoteMissing or NoteDamaged."""
        keys = self._open_keys()
        token = await asyncio.to_thread(self._rows.get, note_id)
        if token is None:
            raise NoteMissing("This note is not there any more; it may have been deleted")
        return await asyncio.to_thread(_decrypt, keys, note_id, token)

    async def save(self, note: Note) -> str:
        """Store `note`, as a new one when its id is empty, and return its id; raises VaultLocked."""
        return (await self._store(note)).id

    async def delete(self, note_id: str) -> None:
        """Delete a note for good; raises VaultLocked. One that is not there is no error."""
        self._open_keys()
        await asyncio.to_thread(self._rows.delete, note_id)

    async def keep(self, title: str, text: str, agent: str) -> NoteInfo | PendingNote:
        """Store an agent's note, or hold it in memory while the vault is not open. Never asks the keyring.

        Too long a title or text is cut, and the cut is told in the note.
        """
        if len(text) > MAX_TEXT:
            text = text[: MAX_TEXT - 100] + f"\n\n(cut: the note had {len(text):,} characters)"
        note = Note(id=_new_id(), title=title[:MAX_TITLE], text=text, agent=agent)
        if self._keys is not None:
            return await self._store(note)
        reason = "The notes are locked, so this one waits in memory; open them to keep it"
        waiting = PendingNote(id=note.id, title=note.title, agent=agent, since=datetime.now(UTC), reason=reason)
        self._pending[note.id] = (waiting, note)
        return waiting

    def pending(self) -> tuple[PendingNote, ...]:
        """Notes that wait for the vault to be opened, oldest first."""
        return tuple(waiting for waiting, _ in self._pending.values())

    def drop_pending(self, note_ids: Iterable[str] | None = None) -> tuple[PendingNote, ...]:
        """Forget waiting notes (those of `note_ids`, all when None) and return them, so that it can be said."""
        wanted = tuple(self._pending) if note_ids is None else [each for each in note_ids if each in self._pending]
        return tuple(self._pending.pop(note_id)[0] for note_id in wanted)

    async def begin_anew(self) -> None:
        """Delete all notes for good and forget how they were protected: the way on when no key opens them.

        Notes that wait in memory keep waiting.
        """
        async with self._turn, self._writing:
            self._keys = None
            header = await asyncio.to_thread(self._rows.header)
            await asyncio.to_thread(self._rows.delete_all)
            if header is not None and header.protection == "keyring":
                await self._keyring.delete(SERVICE, header.name)

    async def rotate(self) -> None:
        """Encrypt every note anew with a new key; raises VaultLocked.

        A program killed in the middle leaves notes that open: the old key goes last. A damaged note stays as it is,
        so the old key stays too as long as there is one.
        """
        async with self._turn, self._writing:
            keys = self._open_keys()
            both = keys.with_new_key()
            header = await asyncio.to_thread(self._rows.header)
            assert header is not None
            await self._keep_keys(header, both)
            self._keys = both
            if await asyncio.to_thread(self._rows.replace_all, partial(_encrypt_anew, both)):
                self._keys = both.newest_only()
                await self._keep_keys(header, self._keys)

    async def _keep_keys(self, header: Header, keys: KeyHolder) -> None:
        changed = await keys.store(header, self._keyring)
        await asyncio.to_thread(self._rows.put_header, changed)

    def _open_keys(self) -> KeyHolder:
        if self._keys is None:
            raise VaultLocked("The notes are locked; open them first")
        return self._keys

    async def _store(self, note: Note) -> NoteInfo:
        async with self._writing:
            return await asyncio.to_thread(_write, self._open_keys(), self._rows, note)

    async def _store_pending(self) -> tuple[NoteInfo, ...]:
        stored = []
        for note_id in tuple(self._pending):
            if (entry := self._pending.pop(note_id, None)) is None:
                continue
            try:
                stored.append(await self._store(entry[1]))
            except BaseException:
                self._pending[note_id] = entry
                raise
        return tuple(stored)


def _new_id() -> str:
    return secrets.token_hex(8)


def _write(keys: KeyHolder, rows: NoteRows, note: Note) -> NoteInfo:
    note_id = note.id or _new_id()
    content = {"id": note_id, "title": note.title, "text": note.text, "agent": note.agent}
    created, updated = rows.put(note_id, keys.cipher.encrypt(json.dumps(content).encode()))
    return NoteInfo(id=note_id, title=note.title, agent=note.agent, created=created, updated=updated)


def _list(keys: KeyHolder, rows: NoteRows) -> list[NoteInfo]:
    return [_info(keys, row) for row in rows.all()]


def _info(keys: KeyHolder, row: NoteRow) -> NoteInfo:
    readable = True
    try:
        note = _decrypt(keys, row.id, row.token)
    except NoteDamaged:
        note, readable = Note(title="(this note cannot be read)"), False
    return NoteInfo(
        id=row.id, title=note.title, agent=note.agent, created=row.created, updated=row.updated, readable=readable
    )


def _encrypt_anew(keys: KeyHolder, token: bytes) -> bytes | None:
    from cryptography.fernet import InvalidToken

    try:
        return keys.cipher.rotate(token)
    except InvalidToken:
        return None


def _decrypt(keys: KeyHolder, note_id: str, token: bytes) -> Note:
    from cryptography.fernet import InvalidToken

    try:
        content = json.loads(keys.cipher.decrypt(token))
        note = Note.model_validate(content)
    except (InvalidToken, ValueError, ValidationError):
        note = None
    if note is None or note.id != note_id:
        raise NoteDamaged(
            "This note cannot be decrypted: it was damaged or changed outside the workbench; "
            "put a backup of the library back, or delete the note"
        )
    return note
