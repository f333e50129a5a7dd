import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from workbench import logs


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    logs.start(tmp_path / "logs")
    yield tmp_path / "logs" / "workbench.log"
    logs.stop()


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("connecting with password=hunter2hunter2", "hunter2hunter2"),
        ('{"password": "with spaces, and commas"}', "with spaces, and commas"),
        ("DB_PASSWORD='s3cr3t value'", "s3cr3t value"),
        ("api-key: 0123456789abcdef", "0123456789abcdef"),
        ("postgresql://analyst:p@ss/word@db.example/threats", "p@ss/word"),
        ("GET https://user:topsecret@host/path failed", "topsecret"),
        ("{'Authorization': 'Bearer abc.def-ghi'}", "abc.def-ghi"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("sent bearer 0123456789abcdef", "0123456789abcdef"),
        ("using ghp_abcdefghijklmnopqrstuvwxyz0123", "ghp_abcdefghijklmnopqrstuvwxyz0123"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "MIIEow"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEow cut short", "MIIEow"),
        ("key " + "A" * 42 + "_=", "A" * 42),
    ],
)
def test_what_looks_like_a_secret_is_redacted(line: str, secret: str) -> None:
    assert secret not in logs.redact(line)
    assert logs.HIDDEN in logs.redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "5 tokens were used by http://127.0.0.1:8000/v1",
        "CWE-798: hard-coded credentials in settings.py, lines 3 to 9",
        "sha256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "the review bypasses nothing",
    ],
)
def test_a_line_without_a_secret_stays_as_it_is(line: str) -> None:
    assert logs.redact(line) == line


def test_no_generated_note_key_passes() -> None:
    for _ in range(50):
        key = Fernet.generate_key().decode()
        assert key not in logs.redact(f"opened with {key}.")


@given(st.text("xyzXYZ0123/@:%+é\\'\"", min_size=6, max_size=40))
def test_a_concealed_secret_is_hidden_wherever_it_stands(secret: str) -> None:
    logs.conceal(secret)
    try:
        assert logs.redact(f"before {secret} after") == f"before {logs.HIDDEN} after"
    finally:
        logs._secrets.clear()


def test_a_short_secret_does_not_shred_other_words() -> None:
    logs.conceal("ab")
    try:
        assert logs.redact("about ab, table") == f"about {logs.HIDDEN}, table"
    finally:
        logs._secrets.clear()


@pytest.mark.expects_warnings
def test_the_file_holds_neither_a_secret_nor_the_values_of_a_traceback(log_file: Path) -> None:
    def fails(note_text: str) -> int:
        return len(note_text) // 0 if note_text else 0

    try:
        fails("-".join(["canary", "in", "a", "variable"]))
    except ZeroDivisionError:
        logger.exception("postgresql://me:canary-password@host/db with password={}", "canary-word")
    text = log_file.read_text("utf-8")
    assert "ZeroDivisionError" in text
    assert "return len(note_text) // 0" in text
    for canary in ("canary-password", "canary-word", "canary-in-a-variable"):
        assert canary not in text


def test_one_entry_cannot_pass_as_two(log_file: Path) -> None:
    logger.info("file {} read", "a.py\n2026-01-01 00:00:00.000 | ERROR    | forged | line\x1b[31m\u202e")
    lines = log_file.read_text("utf-8").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("    ")
    assert "‹U+001B›" in lines[1]
    assert "‹U+202E›" in lines[1]


def test_braces_in_a_message_are_text(log_file: Path) -> None:
    logger.info("{}", "{extra[secret]} {0}")
    assert "{extra[secret]} {0}" in log_file.read_text("utf-8")


def test_only_the_user_can_read_the_log(log_file: Path) -> None:
    logger.info("a line")
    assert log_file.stat().st_mode & 0o077 == 0


@pytest.mark.expects_warnings
def test_what_libraries_log_comes_along_under_their_name(log_file: Path) -> None:
    logging.getLogger("some.library").warning("retrying with token=%s", "abcdef123456")
    logging.getLogger("some.library").debug("not kept")
    text = log_file.read_text("utf-8")
    assert "some.library | retrying with token=[redacted]" in text
    assert "not kept" not in text


def test_the_panel_hears_every_line_until_it_stops_listening(log_file: Path) -> None:
    heard: list[logs.LogEntry] = []
    unfollow = logs.follow(heard.append)
    logger.info("first password=abcd1234")
    worker = threading.Thread(target=lambda: logger.info("second"))
    worker.start()
    worker.join()
    unfollow()
    logger.info("third")
    assert [entry.text for entry in heard] == ["first password=[redacted]", "second"]
    assert [entry.text for entry in logs.recent()][-3:] == ["first password=[redacted]", "second", "third"]


def test_the_file_rotates_and_only_five_old_ones_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "ROTATE_BYTES", 2_000)
    logs.start(tmp_path)
    try:
        for number in range(300):
            logger.info("line {} {}", number, "x" * 60)
    finally:
        logs.stop()
    files = list(tmp_path.glob("workbench*.log"))
    assert 2 <= len(files) <= logs.KEEP_FILES + 1
    assert all(file.stat().st_size < 3_000 for file in files)
