import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import recipe
from .recipe import write_atomically


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "state.json"
    found.write_bytes(b"old")
    found.chmod(0o640)
    return found


def only(path: Path) -> bool:
    return [item.name for item in path.parent.iterdir()] == [path.name]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=1000))
def test_the_content_is_there_and_nothing_else(path: Path, content: bytes) -> None:
    write_atomically(path, content)
    assert path.read_bytes() == content
    assert only(path)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX")
def test_an_old_file_keeps_its_rights_and_a_new_one_is_private(path: Path) -> None:
    write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o640
    write_atomically(path.with_name("fresh"), b"new")
    assert path.with_name("fresh").stat().st_mode & 0o777 == 0o600


def test_attack_a_reader_meanwhile_has_the_whole_old_file(path: Path) -> None:
    with path.open("rb") as reader:
        assert reader.read(1) == b"o"
        write_atomically(path, b"new and longer")
        assert reader.read() == b"ld"


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_attack_a_failure_at_any_step_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(OSError, match="full"):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert only(path)


def test_the_content_is_synced_before_it_gets_its_name_and_the_folder_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        steps.append("sync")
        fsync(descriptor)

    def noted_replace(old: Path, new: Path) -> Path:
        steps.append("rename")
        assert old.parent == new.parent
        assert old.read_bytes() == b"new"
        return replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_atomically(path, b"new")
    assert steps == ["sync", "rename", "sync"]
    assert recipe.MODE == 0o600


def test_a_link_is_followed(path: Path) -> None:
    link = path.parent / "current"
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_attack_a_file_prepared_under_a_guessed_temporary_name_is_not_used(path: Path) -> None:
    planted = path.with_name(".state.json.new")
    planted.write_bytes(b"planted")
    write_atomically(path, b"new")
    assert planted.read_bytes() == b"planted"
