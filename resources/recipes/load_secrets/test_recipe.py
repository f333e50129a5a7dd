import json
import os
import pickle
from pathlib import Path

import pytest

from . import recipe
from .recipe import Secret, SecretError, load_secrets

PASSWORD = "hunter2-but-longer"

posix = pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(recipe, "FOLDER", tmp_path)
    return tmp_path


def put(folder: Path, name: str, content: bytes, mode: int = 0o400) -> Path:
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_file_comes_before_the_environment_and_both_leave_it(folder: Path) -> None:
    put(folder, "DB_PASSWORD", PASSWORD.encode() + b"\n")
    environment = {"DB_PASSWORD": "old", "API_KEY": "from environment", "PATH": "/bin"}
    secrets = load_secrets(["DB_PASSWORD", "API_KEY"], environment)
    assert secrets["DB_PASSWORD"].reveal() == PASSWORD
    assert secrets["API_KEY"].reveal() == "from environment"
    assert environment == {"PATH": "/bin"}


@pytest.mark.parametrize(("content", "value"), [(b"a\r\n", "a"), (b" a \n\n", " a \n"), (b"a", "a")])
def test_only_one_line_break_at_the_end_is_dropped(folder: Path, content: bytes, value: str) -> None:
    put(folder, "KEY", content)
    assert load_secrets(["KEY"], {})["KEY"].reveal() == value


def test_a_missing_or_empty_secret_stops_the_start(folder: Path) -> None:
    put(folder, "EMPTY", b"\n")
    for name in ("EMPTY", "MISSING"):
        with pytest.raises(SecretError, match=name):
            load_secrets([name], {"EMPTY": "", "MISSING": ""})


@posix
@pytest.mark.parametrize("mode", [0o644, 0o440, 0o604, 0o620])
def test_attack_a_file_that_others_can_read_is_refused(folder: Path, mode: int) -> None:
    put(folder, "KEY", PASSWORD.encode(), mode)
    with pytest.raises(SecretError, match="open to others") as caught:
        load_secrets(["KEY"], {})
    assert PASSWORD not in str(caught.value)


@posix
def test_attack_a_file_planted_by_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "KEY", PASSWORD.encode())
    owner = (folder / "KEY").stat().st_uid
    real = os.fstat

    def by_another(descriptor: int) -> os.stat_result:
        fields = list(real(descriptor))
        fields[4] = owner + 1000
        return os.stat_result(fields)

    monkeypatch.setattr(os, "fstat", by_another)
    with pytest.raises(SecretError, match="open to others"):
        load_secrets(["KEY"], {})


def test_attack_the_value_shows_in_no_text_made_of_it() -> None:
    secret = Secret(PASSWORD)
    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r}", "%s" % secret, repr({"key": [secret]})):  # noqa: UP031
        assert PASSWORD not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps({"key": secret})
    assert not hasattr(secret, "__dict__")


def test_attack_a_file_that_is_no_text_is_not_quoted_in_the_error(folder: Path) -> None:
    put(folder, "KEY", b"hunter2\xff")
    with pytest.raises(SecretError, match="no UTF-8") as caught:
        load_secrets(["KEY"], {})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "", "A B", "A\n"])
def test_attack_a_name_that_is_a_path_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SecretError, match="no name"):
        load_secrets([name], {})


def test_a_file_that_is_far_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 3)
    put(folder, "KEY", b"four")
    with pytest.raises(SecretError, match="more than 3"):
        load_secrets(["KEY"], {})


def test_secrets_compare_with_secrets_only() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_values_that_are_no_text_are_compared_too() -> None:
    assert Secret("\udcff") != Secret("a")
    assert Secret("\udcff") == Secret("\udcff")
