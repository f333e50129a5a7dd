"""The loader child: what comes through it, and what happens when it misbehaves."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import pdf, with_part, word
from workbench.core.knowledge.documents import LoadError, UnknownKindError
from workbench.core.knowledge.loaders.kinds import KINDS
from workbench.core.knowledge.loaders.process import LoaderProcess
from workbench.core.knowledge.loaders.registry import load_file


@pytest.fixture(scope="module")
def loader() -> Iterator[LoaderProcess]:
    with LoaderProcess() as process:
        yield process


ODD_FILES = {
    "empty.md": (b"", "is empty"),
    "blank.txt": (b" \n\n ", "is empty"),
    "zeros.txt": (b"\0\0\0", "is empty"),
    "program.py": (b"\x7fELF\x02\x01\x01" + bytes(100), "is a binary file"),
    "broken.pdf": (b"%PDF-1.4\n%%EOF", "is broken"),
    "named.pdf": (b"just text", "is broken"),
    "locked.pdf": (pdf("x", encrypted=True), "is encrypted"),
    "scan.pdf": (pdf(""), "no text on any of its pages"),
    "broken.docx": (b"PK\x03\x04", "is broken"),
    "locked.docx": (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99) + "EncryptedPackage".encode("utf-16-le"),
        "is encrypted",
    ),
    "bomb.docx": (with_part(word([("Normal", "x")]), "word/document.xml", b" " * 30_000_000), "is too large"),
    "deep.json": (b"[" * 200_000, "is broken .*nested too deeply"),
    "half.json": (b'{"a": ', "is broken .*line 1"),
    "open.csv": (b'a,b\n"' + b"x" * 1_100_000, "is broken"),
    "scripts.html": (b"<html><script>only()</script></html>", "is empty"),
    "picture.png": (b"\x89PNG", "no loader reads .png files"),
    "no_ending": (b"\x01\x02\x00\x03", "no loader reads such bytes without an ending"),
    ".hidden": (b"text", "no loader reads hidden files"),
    "archive.zip": (b"7z\xbc\xaf\x27\x1c\0\4", "no loader reads a 7-Zip archive"),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_an_odd_file_ends_in_a_sentence_that_names_it_and_says_what_it_is(
    loader: LoaderProcess, tmp_path: Path, name: str
) -> None:
    data, reason = ODD_FILES[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LoadError, match=f"{name} .*{reason}|{name} {reason}"):
        loader.load(tmp_path / name)


def test_unknown_kinds_are_told_from_files_that_cannot_be_read(loader: LoaderProcess, tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("text", encoding="utf-8")
    with pytest.raises(UnknownKindError):
        loader.load(tmp_path / "a.xyz")
    with pytest.raises(LoadError, match=r"missing\.md cannot be opened") as error:
        loader.load(tmp_path / "missing.md")
    assert not isinstance(error.value, UnknownKindError)


def test_what_is_no_plain_file_is_not_opened(loader: LoaderProcess, tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(LoadError, match="no regular file"):
        loader.load(tmp_path / "folder.md")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.md")
        with pytest.raises(LoadError, match="no regular file"):
            loader.load(tmp_path / "pipe.md")


def test_a_file_of_a_hundred_megabytes_is_refused_without_being_read(loader: LoaderProcess, tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(LoadError, match=r"huge\.txt is too large \(100 MB; the limit is 50 MB\)"):
        loader.load(tmp_path / "huge.txt")


def test_a_link_that_leads_to_itself_cannot_be_opened(loader: LoaderProcess, tmp_path: Path) -> None:
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    with pytest.raises(LoadError, match="cannot be opened"):
        loader.load(tmp_path / "loop.md")


def test_a_document_comes_through_the_child_as_it_was_loaded(loader: LoaderProcess, tmp_path: Path) -> None:
    path = tmp_path / "döcument.md"
    path.write_text("# Title\n\n" + "Ünïcode 漏洞 \u2028 paragraph. " * 5000 + "\n\n- item\n" * 3000, encoding="utf-8")
    assert loader.load(path) == load_file(path)


PACKED_OR_STRICT = {
    ".pdf", ".json", ".jsonl", ".ndjson", ".xml", ".rss", ".atom", ".svg", ".xsd", ".wsdl", ".rtf", ".msg", ".ipynb",
    ".docx", ".docm", ".dotx", ".dotm", ".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm",
    ".odt", ".ott", ".odp", ".otp",
    ".zip", ".jar", ".war", ".whl", ".epub", ".tar", ".tgz", ".tbz2", ".txz",
}  # fmt: skip
"""Endings of files that plain words do not make."""


@pytest.mark.parametrize("ending", sorted(KINDS))
def test_every_ending_has_a_loader_that_is_there(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"plain, words\nno, more\n")
    if ending in PACKED_OR_STRICT:
        with pytest.raises(LoadError, match="is broken"):
            load_file(path)
    else:
        document, _ = load_file(path)
        assert document.media_type == KINDS[ending].media_type
        assert {"plain", "words", "no", "more"} <= set(re.findall(r"\w+", document.text))


def test_a_file_that_takes_too_long_is_given_up_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    with LoaderProcess(deadline=0.01) as process:
        with pytest.raises(LoadError, match=r"a\.md took longer than"):
            process.load(tmp_path / "a.md")
        process._deadline = 30
        assert process.load(tmp_path / "a.md")[0].text == "text"


def test_a_crash_of_the_child_ends_one_file_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    with LoaderProcess() as process:
        process.load(tmp_path / "a.md")
        assert process._child is not None
        process._child.kill()
        process._child.wait()
        assert process.load(tmp_path / "a.md")[0].text == "text"
        child = process._child
        assert child.stdin is not None
        child.stdin.write(b"no request\n")
        with pytest.raises(LoadError, match=r"a\.md made its reader crash"):
            process.load(tmp_path / "a.md")
        assert process.load(tmp_path / "a.md")[0].text == "text"


def test_closing_ends_a_load_in_progress_and_leaves_no_child(tmp_path: Path) -> None:
    (tmp_path / "big.json").write_text("[" + "1234567890," * 3_000_000 + "1]", encoding="utf-8")
    process = LoaderProcess()
    failures: list[LoadError] = []

    def load() -> None:
        try:
            process.load(tmp_path / "big.json")
        except LoadError as error:
            failures.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    while process._child is None:
        time.sleep(0.01)
    child = process._child
    began = time.monotonic()
    process.close()
    thread.join(timeout=5)
    assert time.monotonic() - began < 1
    assert child.poll() is not None
    assert "was stopped" in str(failures[0])
    with pytest.raises(LoadError, match="was stopped"):
        process.load(tmp_path / "big.json")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_child_inherits_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TEST_API_KEY", "canary-5e1f")
    (tmp_path / "a.md").write_text("text", encoding="utf-8")
    with LoaderProcess() as process:
        process.load(tmp_path / "a.md")
        assert process._child is not None
        assert b"canary-5e1f" not in Path(f"/proc/{process._child.pid}/environ").read_bytes()


FORBIDDEN = {
    "another file": "open(sys.argv[2]).read()",
    "writing": "open(sys.argv[1], 'a')",
    "removing": "os.remove(sys.argv[1])",
    "starting a program": "import subprocess; subprocess.run(['true'])",
    "a shell": "os.system('true')",
    "a connection": "import socket; socket.create_connection(('127.0.0.1', 9))",
}


@pytest.mark.parametrize("action", FORBIDDEN)
def test_code_in_the_child_can_only_read_its_document(tmp_path: Path, action: str) -> None:
    document, other = tmp_path / "a.md", tmp_path / "other.md"
    document.write_text("mine", encoding="utf-8")
    other.write_text("not mine", encoding="utf-8")
    script = f"""
import os, sys
from pathlib import Path
from workbench.core.knowledge.loaders.guard import Guard, code_folders
guard = Guard(code_folders())
guard.install()
guard.allow(Path(sys.argv[1]))
import json.tool, csv
assert open(sys.argv[1]).read() == "mine"
try:
    {FORBIDDEN[action]}
except PermissionError as error:
    assert "a loader may not" in str(error), error
else:
    sys.exit(3)
"""
    done = subprocess.run([sys.executable, "-c", script, str(document), str(other)], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert document.read_text(encoding="utf-8") == "mine"
