import asyncio
import sqlite3
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import MemoryKeyring
from workbench import logs
from workbench.core import vault_keys
from workbench.core.database import Database
from workbench.core.keys import Keyring, KeyringUnavailable
from workbench.core.vault import (
    Note,
    NoteDamaged,
    NoteInfo,
    NoteMissing,
    PendingNote,
    Vault,
    VaultLocked,
    VaultStanding,
)
from workbench.core.vault_keys import KeyMissing, PassphraseNeeded, VaultError, WrongPassphrase
from workbench.places import Places

PASSPHRASE = "five plain words in a row"
CANARY = "canary-of-the-note-5b1c"


@pytest.fixture
def database(places: Places) -> Iterator[Database]:
    with Database(places.database) as database:
        yield database


@pytest.fixture
def vault(database: Database) -> Vault:
    return Vault(database, Keyring())


@pytest.fixture
def no_keyring(memory_keyring: MemoryKeyring) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())


@pytest.fixture
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_keys, "SCRYPT_N", 2**10)


async def test_a_note_comes_back_as_it_was_saved(vault: Vault) -> None:
    assert (await vault.state()).standing is VaultStanding.NO_KEY
    await vault.open()
    note_id = await vault.save(Note(title="Log4Shell", text="# Findings\n\nÄ \u202e \0 🦊", agent="research"))
    assert await vault.read(note_id) == Note(
        id=note_id, title="Log4Shell", text="# Findings\n\nÄ \u202e \0 🦊", agent="research"
    )
    (info,) = await vault.list()
    assert (info.id, info.title, info.agent, info.readable) == (note_id, "Log4Shell", "research", True)


async def test_saving_again_changes_the_note_and_keeps_its_birthday(vault: Vault) -> None:
    await vault.open()
    note_id = await vault.save(Note(title="first"))
    (before,) = await vault.list()
    assert await vault.save(Note(id=note_id, title="second", text="more")) == note_id
    (after,) = await vault.list()
    assert (after.title, after.created) == ("second", before.created)
    assert after.updated > before.updated


async def test_the_list_begins_with_the_latest_change(vault: Vault) -> None:
    await vault.open()
    first, second = [await vault.save(Note(title=title)) for title in ("first", "second")]
    assert [info.id for info in await vault.list()] == [second, first]
    await vault.save(Note(id=first, title="first, changed"))
    assert [info.id for info in await vault.list()] == [first, second]


async def test_deleted_is_gone(vault: Vault) -> None:
    await vault.open()
    note_id = await vault.save(Note(title="gone"))
    await vault.delete(note_id)
    assert await vault.list() == []
    with pytest.raises(NoteMissing):
        await vault.read(note_id)


async def test_a_locked_vault_tells_nothing_and_opens_again(vault: Vault) -> None:
    await vault.open()
    note_id = await vault.save(Note(title="kept"))
    vault.lock()
    state = await vault.state()
    assert (state.standing, state.notes, state.protection) == (VaultStanding.LOCKED, 1, "keyring")
    for refused in (vault.list(), vault.read(note_id), vault.save(Note(title="x")), vault.delete(note_id)):
        with pytest.raises(VaultLocked):
            await refused
    await vault.open()
    assert (await vault.read(note_id)).title == "kept"


async def test_the_key_is_in_the_keyring_and_another_workbench_start_finds_it(
    database: Database, memory_keyring: MemoryKeyring
) -> None:
    first = Vault(database, Keyring())
    await first.open()
    note_id = await first.save(Note(title="kept"))
    assert [service for service, _ in memory_keyring.secrets] == [vault_keys.SERVICE]
    second = Vault(database, Keyring())
    assert (await second.state()).standing is VaultStanding.LOCKED
    await second.open()
    assert (await second.read(note_id)).title == "kept"


async def test_asking_for_the_state_of_an_existing_vault_leaves_the_keyring_alone(vault: Vault) -> None:
    await vault.open()
    vault.lock()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert (await vault.state()).standing is VaultStanding.LOCKED


@pytest.mark.parametrize("stored", [None, "", "not a key", "A" * 43 + "="])
async def test_without_its_key_in_the_keyring_no_new_key_is_made_over_the_notes(
    vault: Vault, memory_keyring: MemoryKeyring, stored: str | None
) -> None:
    await vault.open()
    note_id = await vault.save(Note(title="kept"))
    vault.lock()
    (name,) = memory_keyring.secrets
    key = memory_keyring.secrets.pop(name)
    if stored is not None:
        memory_keyring.secrets[name] = stored
    with pytest.raises(KeyMissing, match="not in the keyring"):
        await vault.open()
    memory_keyring.secrets[name] = key
    await vault.open()
    assert (await vault.read(note_id)).title == "kept"


@pytest.mark.usefixtures("no_keyring")
async def test_without_a_keyring_a_passphrase_protects_the_notes(database: Database) -> None:
    vault = Vault(database, Keyring())
    state = await vault.state()
    assert (state.standing, state.protection) == (VaultStanding.NO_KEYRING, "passphrase")
    with pytest.raises(PassphraseNeeded, match="No keyring here"):
        await vault.open()
    with pytest.raises(PassphraseNeeded, match="at least 15 characters"):
        await vault.open("too short")
    assert (await vault.state()).standing is VaultStanding.NO_KEYRING
    await vault.open(PASSPHRASE)
    note_id = await vault.save(Note(title="kept"))

    again = Vault(database, Keyring())
    with pytest.raises(PassphraseNeeded, match="protected by a passphrase"):
        await again.open()
    with pytest.raises(WrongPassphrase, match="try again"):
        await again.open(PASSPHRASE + "!")
    with pytest.raises(VaultLocked):
        await again.list()
    await again.open(PASSPHRASE)
    assert (await again.read(note_id)).title == "kept"


@pytest.mark.usefixtures("quick_scrypt")
async def test_a_passphrase_opens_in_any_spelling_of_the_same_letters(vault: Vault) -> None:
    passphrase = "F\u00fcnf einfache W\u00f6rter"
    await vault.open(passphrase)
    vault.lock()
    await vault.open(unicodedata.normalize("NFD", passphrase))
    assert (await vault.state()).standing is VaultStanding.OPEN


@pytest.mark.parametrize("column", ["salt = x'00'", "scrypt_n = 3", "scrypt_n = 1073741824", "wrapped_keys = x'00'"])
@pytest.mark.usefixtures("quick_scrypt")
async def test_a_changed_header_opens_nothing_and_says_so(vault: Vault, database: Database, column: str) -> None:
    await vault.open(PASSPHRASE)
    vault.lock()
    with database.write() as connection:
        connection.execute(f"UPDATE vault SET {column}")
    with pytest.raises(VaultError):
        await vault.open(PASSPHRASE)
    assert (await vault.state()).standing is VaultStanding.LOCKED


async def test_a_tampered_note_is_told_apart_and_the_others_stay_readable(vault: Vault, database: Database) -> None:
    await vault.open()
    good, bad = [await vault.save(Note(title=title)) for title in ("good", "bad")]
    with database.write() as connection:
        (token,) = connection.execute("SELECT ciphertext FROM notes WHERE id = ?", (bad,)).fetchone()
        flipped = token[:40] + bytes([token[40] ^ 1]) + token[41:]
        connection.execute("UPDATE notes SET ciphertext = ? WHERE id = ?", (flipped, bad))
    with pytest.raises(NoteDamaged, match="cannot be decrypted"):
        await vault.read(bad)
    assert {info.id: info.readable for info in await vault.list()} == {good: True, bad: False}
    assert (await vault.read(good)).title == "good"


async def test_a_note_moved_to_another_row_is_refused(vault: Vault, database: Database) -> None:
    await vault.open()
    first, second = [await vault.save(Note(title=title)) for title in ("first", "second")]
    with database.write() as connection:
        connection.execute(
            "UPDATE notes SET ciphertext = (SELECT ciphertext FROM notes WHERE id = ?) WHERE id = ?", (first, second)
        )
    with pytest.raises(NoteDamaged):
        await vault.read(second)


async def test_an_agents_note_waits_while_locked_and_is_stored_when_opened(vault: Vault) -> None:
    waiting = await vault.keep("A lead", "Look at CWE-79", "research")
    assert isinstance(waiting, PendingNote)
    assert vault.pending() == (waiting,)
    assert (await vault.state()).pending == 1
    (stored,) = await vault.open()
    assert stored.id == waiting.id
    assert vault.pending() == ()
    assert (await vault.read(waiting.id)).text == "Look at CWE-79"
    assert isinstance(await vault.keep("Another", "", "research"), NoteInfo)


async def test_only_the_notes_of_one_run_are_dropped(vault: Vault) -> None:
    mine, other = [await vault.keep(title, "text", "research") for title in ("mine", "other")]
    assert vault.drop_pending([mine.id, "unknown"]) == (mine,)
    assert vault.pending() == (other,)
    assert vault.drop_pending() == (other,)
    assert await vault.open() == ()
    assert await vault.list() == []


async def test_a_note_that_could_not_be_written_goes_on_waiting(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    await vault.open()
    vault.lock()
    waiting = await vault.keep("A lead", "text", "research")

    def full(*_: object) -> tuple[datetime, datetime]:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.core.vault_rows.NoteRows.put", full)
        with pytest.raises(sqlite3.OperationalError):
            await vault.open()
    assert vault.pending() == (waiting,)
    await vault.open()
    assert (await vault.read(waiting.id)).title == "A lead"


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
@pytest.mark.usefixtures("quick_scrypt")
async def test_after_a_rotation_the_notes_open_and_the_old_key_is_worth_nothing(
    vault: Vault, memory_keyring: MemoryKeyring, database: Database, passphrase: str | None
) -> None:
    await vault.open(passphrase)
    old = vault._keys
    note_id = await vault.save(Note(title="kept"))
    await vault.rotate()
    assert (await vault.read(note_id)).title == "kept"
    vault.lock()
    await vault.open(passphrase)
    assert (await vault.read(note_id)).title == "kept"
    vault._keys = old
    with pytest.raises(NoteDamaged):
        await vault.read(note_id)


@pytest.mark.usefixtures("quick_scrypt")
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
async def test_a_rotation_that_is_killed_at_any_step_leaves_notes_that_open(
    database: Database, monkeypatch: pytest.MonkeyPatch, passphrase: str | None
) -> None:
    vault = Vault(database, Keyring())
    await vault.open(passphrase)
    note_id = await vault.save(Note(title="kept"))
    for step in ("put_header", "replace_all"):
        with monkeypatch.context() as patch:
            patch.setattr(f"workbench.core.vault_rows.NoteRows.{step}", _killed)
            with pytest.raises(KeyboardInterrupt):
                await vault.rotate()
        vault = Vault(database, Keyring())
        await vault.open(passphrase)
        assert (await vault.read(note_id)).title == "kept"


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


async def test_rotation_keeps_the_old_key_while_a_note_is_damaged(vault: Vault, database: Database) -> None:
    await vault.open()
    note_id = await vault.save(Note(title="kept"))
    with database.write() as connection:
        connection.execute("INSERT INTO notes VALUES ('bad', '2026-01-01T00:00:00', '2026-01-01T00:00:00', x'00')")
    await vault.rotate()
    assert vault._keys is not None
    assert len(vault._keys.keys) == 2
    assert (await vault.read(note_id)).title == "kept"


async def test_notes_saved_during_a_rotation_stay_readable(vault: Vault) -> None:
    await vault.open()
    saving = [vault.save(Note(title=f"note {number}")) for number in range(5)]
    ids, _, more = await asyncio.gather(
        asyncio.gather(*saving), vault.rotate(), asyncio.gather(*(vault.save(Note(title="late")) for _ in range(3)))
    )
    vault.lock()
    await vault.open()
    assert all(info.readable for info in await vault.list())
    assert len(ids) + len(more) == 8


async def test_beginning_anew_deletes_the_notes_and_their_key(vault: Vault, memory_keyring: MemoryKeyring) -> None:
    await vault.open()
    await vault.save(Note(title="old"))
    await vault.begin_anew()
    assert memory_keyring.secrets == {}
    assert (await vault.state()).standing is VaultStanding.NO_KEY
    await vault.open()
    assert await vault.list() == []


async def test_two_openings_at_once_make_one_key(vault: Vault, memory_keyring: MemoryKeyring) -> None:
    await asyncio.gather(vault.open(), vault.open())
    assert len(memory_keyring.secrets) == 1


async def test_a_silent_keyring_leaves_the_vault_locked(database: Database) -> None:
    vault = Vault(database, Keyring())
    await vault.open()
    vault.lock()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    with pytest.raises(KeyringUnavailable):
        await vault.open()
    assert (await vault.state()).standing is VaultStanding.LOCKED


def test_neither_a_note_nor_its_keys_are_in_what_python_prints_of_them() -> None:
    note = Note(title=CANARY, text=CANARY)
    assert CANARY not in f"{note!r} {note}"
    with pytest.raises(ValueError, match="title") as caught:
        Note(title=CANARY * 100)
    assert CANARY not in str(caught.value)
    assert "secret" not in repr(vault_keys.KeyHolder((b"secret",)))


@pytest.mark.expects_warnings
@pytest.mark.usefixtures("quick_scrypt")
async def test_neither_note_nor_passphrase_nor_key_is_in_any_file_under_the_home_folder(
    places: Places, memory_keyring: MemoryKeyring
) -> None:
    logs.start(places.logs)
    database = Database(places.database)
    database.open()
    try:
        vault = Vault(database, Keyring())
        await vault.keep(f"{CANARY} title", f"{CANARY} waits", "research")
        await vault.open(PASSPHRASE)
        note_id = await vault.save(Note(title=CANARY, text=f"{CANARY} " * 5_000, agent="research"))
        await vault.read(note_id)
        await vault.list()
        with database.write() as connection:
            connection.execute("UPDATE notes SET ciphertext = substr(ciphertext, 1, 99) WHERE id = ?", (note_id,))
        try:
            await vault.read(note_id)
        except NoteDamaged:
            logs.logger.exception("A note could not be read")
        assert vault._keys is not None
        forbidden = [CANARY.encode(), CANARY.encode("utf-16-le"), PASSPHRASE.encode(), vault._keys.keys[0]]
        _assert_nowhere(places.data.parent, forbidden)
        vault.lock()
        await vault.keep(CANARY, CANARY, "research")
        vault.drop_pending()
    finally:
        database.close()
        logs.stop()
    files = _assert_nowhere(places.data.parent, forbidden)
    assert {"workbench.db", "workbench.log"} <= files


def _assert_nowhere(folder: Path, forbidden: list[bytes]) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        data = path.read_bytes()
        for secret in forbidden:
            assert secret not in data, f"{path.name} holds what must not be on disk"
    return {path.name for path in files}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(title=st.text(max_size=300), text=st.text(max_size=2_000), agent=st.text(max_size=20))
def test_any_text_survives_encryption(places: Places, title: str, text: str, agent: str) -> None:
    async def there_and_back() -> Note:
        vault = Vault(database, Keyring())
        await vault.open()
        return await vault.read(await vault.save(Note(title=title, text=text, agent=agent)))

    with Database(places.database) as database:
        note = asyncio.run(there_and_back())
    assert (note.title, note.text, note.agent) == (title, text, agent)
