"""The keyring of a Linux desktop, for real: a Secret Service (gnome-keyring) on a message bus of the test's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.real_server,
    pytest.mark.skipif(
        shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
        reason="needs gnome-keyring and dbus (apt-get install -y gnome-keyring dbus)",
    ),
]

UNLOCKED = """
import asyncio, subprocess, sys
daemon = subprocess.run(["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=b"login password",
                        capture_output=True, check=True)
from workbench.core.database import Database
from workbench.core.keys import Keyring
from workbench.core.vault import Note, Vault
from workbench.places import Places

async def main():
    places = Places.default()
    places.make()
    keyring = Keyring()
    print(await keyring.backend())
    await keyring.put("analyst-workbench/test", "name", "a secret \\u00e4")
    assert await keyring.get("analyst-workbench/test", "name") == "a secret \\u00e4"
    await keyring.delete("analyst-workbench/test", "name")
    assert await keyring.get("analyst-workbench/test", "name") is None
    with Database(places.database) as database:
        vault = Vault(database, keyring)
        await vault.open()
        note_id = await vault.save(Note(title="kept", text="in the secret service"))
        again = Vault(database, Keyring())
        await again.open()
        assert (await again.read(note_id)).text == "in the secret service"

asyncio.run(main())
"""

LOCKED = """
import asyncio
from workbench.core.keys import Keyring, KeyringUnavailable

async def main():
    try:
        await Keyring(seconds=5).put("analyst-workbench/test", "name", "secret")
    except KeyringUnavailable as error:
        print(error)

asyncio.run(main())
"""


def run(code: str, home: Path) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "WORKBENCH_HOME": str(home / "workbench"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    home.chmod(0o700)
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", code],
        capture_output=True, text=True, timeout=60, env=environment, cwd=home, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_notes_and_secrets_live_in_the_secret_service(tmp_path: Path) -> None:
    assert "Secret Service" in run(UNLOCKED, tmp_path)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"in the secret service" not in path.read_bytes()


def test_a_locked_secret_service_is_given_up_in_a_sentence(tmp_path: Path) -> None:
    said = run(LOCKED, tmp_path)
    assert said.startswith(
        ("The keyring did not answer within 5 seconds", "The keyring refused the request", "No keyring")
    )
