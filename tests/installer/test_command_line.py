"""The packaged command line does the whole job where there is no Python."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import typst
from docx import Document

from tests.installer.conftest import Packaged
from tests.unit.core.knowledge.office import old_word, workbook

pytestmark = pytest.mark.installer


def test_the_sample_review_is_done_and_written_in_every_format(packaged: Packaged, tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = packaged("run", str(packaged.samples / "review-flask-view.json"), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.suffix for path in out.iterdir()} >= {".pdf", ".html", ".md", ".json"}
    assert next(out.glob("*.pdf")).read_bytes().startswith(b"%PDF-")
    run = json.loads((out / "run.json").read_text("utf-8"))
    assert run["decision"]["verdict"] == "do not use"
    assert "bandit" in {witness for shown in run["findings"] for witness in shown["finding"]["witnesses"]}
    assert "not analysed" not in done.stdout


@pytest.mark.parametrize("sample", ["draft-avatar-upload", "research-xz-backdoor", "assess-tls-change"])
def test_every_other_sample_comes_to_a_decision(packaged: Packaged, tmp_path: Path, sample: str) -> None:
    out = tmp_path / "report"
    done = packaged("run", str(packaged.samples / f"{sample}.json"), "--out", str(out), "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((out / "run.json").read_text("utf-8"))["decision"]["verdict"]


def test_the_doctor_finds_the_model_in_the_program_and_names_the_keyring(packaged: Packaged) -> None:
    done = packaged("doctor", "--json")
    assert done.returncode == 0, done.stderr
    components = {component["name"]: component for component in json.loads(done.stdout)}
    embedder = next(component for name, component in components.items() if name.startswith("Embedder"))
    assert embedder["state"] == "ok"
    assert str(packaged.folder) in embedder["detail"]
    assert components["Packages"]["state"] == "ok", components["Packages"]["detail"]
    assert components["Keyring"]["detail"]


@pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
    reason="needs gnome-keyring and dbus (apt-get install -y gnome-keyring dbus)",
)
def test_the_keyring_of_the_desktop_is_found_and_used(packaged: Packaged) -> None:
    session = (
        "printf 'login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1\n"
        'exec "$0" doctor --json'
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", session, str(packaged.folder / "workbench")],
        env={**packaged.environment, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    keyring = next(component for component in json.loads(done.stdout) if component["name"] == "Keyring")
    assert keyring["state"] == "ok", keyring
    assert "Secret Service" in keyring["detail"]


def test_documents_of_many_kinds_are_taken_in_and_found_again(packaged: Packaged, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "gateway.md").write_text("# Gateway\n\nThe zebra gateway rotates its keys every ninety days.\n", "utf-8")
    word = Document()
    word.add_paragraph("The walrus archive is restored from tape once in each quarter.")
    word.save(str(folder / "archive.docx"))
    (folder / "ports.xlsx").write_bytes(workbook({"Hosts": [["host", "use"], ["lynx", "keeps the badger ledger"]]}))
    (folder / "memo.doc").write_bytes(old_word("The heron relay is replaced in autumn.\r"))
    (folder / "note.rtf").write_bytes(b"{\\rtf1\\ansi The stork mirror copies nightly.\\par}")
    pdf = typst.compile(b"The otter scanner examines every uploaded image for malware.")
    (folder / "scanner.pdf").write_bytes(pdf)

    done = packaged("ingest", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    for question, words in {
        "how often does the zebra gateway rotate keys": "ninety days",
        "when is the walrus archive restored": "each quarter",
        "what does the otter scanner examine": "uploaded image",
        "which host keeps the badger ledger": "lynx",
        "when is the heron relay replaced": "autumn",
        "how often does the stork mirror copy": "nightly",
    }.items():
        found = packaged("search", question, "--limit", "3", "--json")
        assert found.returncode == 0, found.stderr
        assert any(words in passage["text"] for passage in json.loads(found.stdout)["passages"]), question


def test_a_bad_task_gets_one_sentence(packaged: Packaged, tmp_path: Path) -> None:
    task = tmp_path / "task.json"
    task.write_text(json.dumps({"kind": "audit", "title": "t", "code": "c"}), encoding="utf-8")
    done = packaged("run", str(task))
    assert done.returncode == 2
    assert "choose one of draft, review, research, assess" in done.stderr
    assert "Traceback" not in done.stderr
