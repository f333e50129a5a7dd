import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.backends.fail
import pytest

from workbench.core import doctor
from workbench.core.database import Database
from workbench.core.doctor import ComponentState, ComponentStatus, examine
from workbench.core.stores.manifest import Manifest
from workbench.places import Places


async def component(places: Places, name: str) -> ComponentStatus:
    return next(each for each in await examine(places) if each.name.startswith(name))


async def test_a_fresh_installation_is_examined_without_making_anything(places: Places) -> None:
    before = sorted(places.data.parent.rglob("*"))
    statuses = await examine(places)
    assert sorted(places.data.parent.rglob("*")) == before
    names = [status.name for status in statuses]
    assert len(set(names)) == len(names) == len(doctor.CHECKS) + 1
    states = {status.name: status.state for status in statuses}
    assert states["Python"] is states["Packages"] is states["Library"] is states["Keyring"] is ComponentState.OK
    assert states["Embedder all-MiniLM-L6-v2"] is ComponentState.OK
    assert all(status.mend for status in statuses if status.state in (ComponentState.MISSING, ComponentState.BROKEN)), (
        "what is wrong says how to mend it"
    )


async def test_the_library_is_examined_while_the_program_uses_it(places: Places) -> None:
    with Database(places.database):
        status = await component(places, "Library")
    assert status.state is ComponentState.OK
    assert "sound" in status.detail


async def test_a_library_that_holds_records_is_sound(places: Places) -> None:
    with Database(places.database) as database, database.write() as connection:
        connection.execute(
            "INSERT INTO documents (id, collection, path, title, kind, media_type, content_hash, size, state, reason, "
            "ingested_at, epoch, blocks) "
            "VALUES ('d', 'starter', 'p', 't', 'weakness', 'm', 'h', 1, 'ingested', '', '', 1, '[]')"
        )
        connection.executemany(
            "INSERT INTO records (id, kind, title, data, document_id) VALUES (?, 'weakness', 't', '{}', 'd')",
            [("CWE-79",), ("CWE-89",)],
        )
    status = await component(places, "Library")
    assert status.state is ComponentState.OK, status.detail


async def test_a_damaged_library_is_told(places: Places) -> None:
    with Database(places.database) as database, database.write() as connection:
        connection.execute("CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                           "LIMIT 2000) SELECT hex(randomblob(200)) FROM n")  # fmt: skip
    data = bytearray(places.database.read_bytes())
    data[8_192:200_000] = b"\xa5" * (200_000 - 8_192)
    places.database.write_bytes(data)
    status = await component(places, "Library")
    assert status.state is ComponentState.BROKEN
    assert "backup" in status.mend


async def test_a_file_that_is_no_library_is_told(places: Places) -> None:
    places.database.write_bytes(b"this is not a database, but it is long enough to look at" * 40)
    assert (await component(places, "Library")).state is ComponentState.BROKEN


async def test_a_newer_library_is_told(places: Places) -> None:
    connection = sqlite3.connect(places.database)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    status = await component(places, "Library")
    assert (status.state, status.mend) == (ComponentState.BROKEN, "Update this program")


async def test_no_keyring_is_told_with_the_way_out(places: Places) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    status = await component(places, "Keyring")
    assert status.state is ComponentState.MISSING
    assert "passphrase" in status.mend


async def test_a_mistake_in_the_settings_is_told(places: Places) -> None:
    places.config_file.write_text('{"them": "dark"}')
    status = await component(places, "Settings")
    assert status.state is ComponentState.BROKEN
    assert "did you mean `theme`" in status.detail


async def test_a_damaged_index_is_told_and_needs_nobody(places: Places) -> None:
    folder = places.indexes / "vectors"
    folder.mkdir(parents=True)
    (folder / "data").write_text("as it was written")
    Manifest.of(folder, {"format": "1"}, epoch=1, count=1, files=["data"]).write(folder)
    assert (await component(places, "Indexes")).state is ComponentState.OK
    (folder / "data").write_text("changed")
    status = await component(places, "Indexes")
    assert status.state is ComponentState.BROKEN
    assert "vectors" in status.detail
    assert "built again" in status.mend


async def test_a_nearly_full_disk_is_told(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": doctor.MIN_FREE_BYTES - 1})
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert (await component(places, "Disk")).state is ComponentState.BROKEN


async def test_missing_packages_are_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor.PACKAGES, "Search", ("numpy", "a_package_that_is_not_there"))
    status = await component(places, "Packages")
    assert status.state is ComponentState.MISSING
    assert "a_package_that_is_not_there (search)" in status.detail


async def test_missing_system_libraries_are_named_with_their_packages(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "QT_LIBRARIES", {"libnothing.so.7": "libnothing7"})
    status = await component(places, "System libraries")
    assert (status.state, status.mend) == (ComponentState.MISSING, "apt-get install -y libnothing7")


async def test_a_machine_without_fonts_is_told(places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "_FONT_FOLDERS", (str(tmp_path / "none"),))
    assert (await component(places, "Fonts")).state is ComponentState.MISSING


@pytest.mark.expects_warnings
async def test_a_check_that_fails_is_reported_and_stops_no_other(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _torn_check(_places: Places) -> ComponentStatus:
        raise ValueError("unexpected")

    monkeypatch.setattr(doctor, "CHECKS", (_torn_check, *doctor.CHECKS))
    statuses = await examine(places)
    assert (statuses[0].name, statuses[0].state) == ("Torn check", ComponentState.BROKEN)
    assert len(statuses) == len(doctor.CHECKS) + 1


def test_examining_imports_no_qt(places: Places) -> None:
    code = (
        "import asyncio, json, sys\nfrom workbench.core.doctor import examine\nfrom workbench.places import Places\n"
        "asyncio.run(examine(Places.default()))\n"
        "print(json.dumps([name for name in sys.modules if name.startswith(('PySide6', 'qasync', 'torch'))]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


def test_the_doctor_and_the_set_up_name_the_same_packages() -> None:
    from tools.system_libraries import PACKAGES

    assert doctor.QT_LIBRARIES.items() <= PACKAGES.items()
