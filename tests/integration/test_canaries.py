"""Nothing secret is in anything on disk: every byte under the home folder is searched after a whole day's work."""

import base64
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MemoryKeyring
from workbench import logs
from workbench.core.engine import ConnectionKind, ConnectionSettings, Engine, Note, RunState, VaultStanding
from workbench.core.events import NoteWaiting, NoteWritten
from workbench.core.knowledge import shelf
from workbench.core.tasks import Task
from workbench.core.vault_keys import SERVICE
from workbench.places import Places

TITLE = "Kestrel-Umbra-4417 meeting"
TEXT = "The courier waits behind the ochre lighthouse at nine.\nNobody else may know: Zanzibar-Quartz-90210."
EDITED = "The courier moved to the vermilion windmill: Tamarisk-Helium-5521."
PASSWORD = "Tr0ub4dor&3 /tangerine-Parrot?"
PASSPHRASE = "eleven purple otters juggle 7 anvils"
CODE = "import subprocess\n\ndef show(name):\n    return subprocess.run('ls ' + name, shell=True)\n"
DATABASE = ConnectionSettings(
    name="threats", kind=ConnectionKind.POSTGRESQL, host="127.0.0.1", port=9, database="intel", user="reader"
)


@pytest.fixture(autouse=True)
def log_at_its_most_talkative(places_with_model: Places) -> Iterator[None]:
    logs.start(places_with_model.logs, level="TRACE")
    yield
    logs.stop()


@pytest.fixture(autouse=True)
def small_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The starter knowledge is no secret, and a part of it is taken in sooner."""
    documents = shelf.load_shelf()[::12]
    monkeypatch.setattr(shelf, "load_shelf", lambda: documents)


def forms_of(secret: str) -> set[bytes]:
    """The bytes a secret has in plain files, in JSON, in wide text, in hexadecimal and in Base64."""
    raw = secret.encode()
    plain = {raw, json.dumps(secret)[1:-1].encode(), repr(secret)[1:-1].encode(), secret.encode("utf-16-le")}
    # Base64 of a secret inside a longer text depends on where it begins; the first and last characters are its
    # neighbours'.
    encoded = {base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)}
    return plain | encoded | {raw.hex().encode(), zlib.compress(raw)}


def pieces_of(text: str) -> set[str]:
    """Words and lines that only this secret has, since a leak may be torn apart."""
    return {text, *text.splitlines(), *(word.strip(".:") for word in text.split() if "-" in word)}


def found_on_disk(home: Path, *secrets: str) -> list[str]:
    """Every place under `home` that holds a secret, file names included."""
    needles = {form: secret for secret in secrets for piece in pieces_of(secret) for form in forms_of(piece)}
    places = [(path, path.read_bytes()) for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.name == "workbench.db" for path, _ in places)
    assert any(path.name.startswith("workbench") and path.suffix == ".log" for path, _ in places)
    return [
        f"{path.relative_to(home)}: {secret!r}"
        for path, content in places
        for form, secret in needles.items()
        if form in content or form in str(path).encode()
    ]


def note_keys(memory_keyring: MemoryKeyring) -> set[str]:
    """The keys of the notes that the keyring holds now."""
    return {key for (service, _), held in memory_keyring.secrets.items() if service == SERVICE for key in held.split()}


def ciphertexts(places: Places) -> int:
    with sqlite3.connect(f"{places.database.as_uri()}?mode=ro", uri=True) as connection:
        (count,) = connection.execute("SELECT count(*) FROM notes").fetchone()
    connection.close()
    return int(count)


async def work_a_day(engine: Engine, out: Path) -> RunState:
    """Notes written and changed, a run that writes one, a judgement, reports in every format."""
    note_id = await engine.notes.save(Note(title=TITLE, text=TEXT))
    await engine.notes.save(Note(id=note_id, title=TITLE, text=TEXT + "\n" + EDITED))
    assert (await engine.notes.read(note_id)).text.endswith(EDITED)
    task = Task.model_validate({"kind": "review", "title": "Is the listing safe?", "code": CODE})
    handle = await engine.runs.submit(task)
    state = await handle.finished()
    assert state.decision is not None
    await engine.record.judge(handle.run_id, right=True)
    await engine.runs.report(handle.run_id, ("html", "pdf", "md", "json"), out)
    await engine.library.search(TEXT)
    return state


@pytest.mark.expects_warnings
async def test_note_password_and_key_are_nowhere_on_disk(
    places_with_model: Places, memory_keyring: MemoryKeyring
) -> None:
    places, home = places_with_model, places_with_model.data.parent
    engine = Engine(places, attended=True)
    await engine.start()
    await engine.notes.open()
    await engine.connections.save(DATABASE, PASSWORD)
    report = await engine.connections.test(DATABASE, None)
    assert not report.ok
    state = await work_a_day(engine, home / "reports")
    assert any(isinstance(note, NoteWritten) for note in state.notes)
    keys = note_keys(memory_keyring)
    while_open = found_on_disk(home, TITLE, TEXT, EDITED, PASSWORD, *keys)
    await engine.notes.rotate()
    keys |= note_keys(memory_keyring)
    engine.notes.lock()
    await engine.close()
    assert len(keys) == 2
    assert PASSWORD in memory_keyring.secrets.values()
    assert ciphertexts(places) >= 2
    assert while_open == []
    assert found_on_disk(home, TITLE, TEXT, EDITED, PASSWORD, *keys) == []


@pytest.mark.expects_warnings
async def test_a_note_under_a_passphrase_is_nowhere_on_disk_nor_is_the_passphrase(places_with_model: Places) -> None:
    places, home = places_with_model, places_with_model.data.parent
    engine = Engine(places, attended=True)
    await engine.start()
    await engine.notes.open(PASSPHRASE)
    keys = engine.notes._keys
    assert keys is not None
    secret_keys = [key.decode() for key in keys.keys]
    await work_a_day(engine, home / "reports")
    engine.notes.lock()
    with pytest.raises(Exception, match="passphrase"):
        await engine.notes.open("not " + PASSPHRASE)
    await engine.close()
    assert ciphertexts(places) >= 2
    assert found_on_disk(home, TITLE, TEXT, EDITED, PASSPHRASE, *secret_keys) == []


async def test_a_note_that_waits_and_is_dropped_is_nowhere_on_disk(places_with_model: Places) -> None:
    places, home = places_with_model, places_with_model.data.parent
    engine = Engine(places, attended=True)
    await engine.start()
    await engine.notes.keep(TITLE, TEXT, "research")
    task = Task.model_validate({"kind": "review", "title": "Is the listing safe?", "code": CODE})
    state = await (await engine.runs.submit(task)).finished()
    assert any(isinstance(note, NoteWaiting) for note in state.notes)
    assert (await engine.notes.state()).standing is not VaultStanding.OPEN
    texts = [note.text for _, note in engine.notes._pending.values()]
    assert TEXT in texts
    await engine.close()
    assert ciphertexts(places) == 0
    assert found_on_disk(home, TITLE, TEXT) == []
    (by_the_agent,) = set(texts) - {TEXT}
    on_disk = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not [form for form in forms_of(by_the_agent) if form in on_disk]


@pytest.mark.parametrize(
    "leak",
    [
        TEXT.encode(),
        json.dumps({"text": TEXT}).encode(),
        TEXT.splitlines()[1].encode(),
        base64.b64encode(b"ab" + TEXT.encode()),
        TEXT.encode("utf-16-le"),
        TEXT.encode().hex().encode(),
        b"only a word: Zanzibar-Quartz-90210",
    ],
)
def test_the_search_of_these_tests_finds_a_leak_in_any_form(places: Places, leak: bytes) -> None:
    places.database.write_bytes(b"SQLite format 3" + leak + b"\0")
    assert found_on_disk(places.data.parent, TEXT) != []
    places.database.write_bytes(b"SQLite format 3")
    assert found_on_disk(places.data.parent, TEXT) == []
