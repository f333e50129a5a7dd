import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import recipe
from .recipe import FileExistsAlreadyError, make_temp_file, open_own_file, open_private_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights and links of POSIX")


@pytest.fixture(autouse=True)
def open_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The umask that gives everything to everybody, and temporary files where the test can see them."""
    monkeypatch.setattr(recipe, "FOLDER", tmp_path)
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_temporary_file_is_private_and_vanishes_with_what_is_beside_it(tmp_path: Path) -> None:
    with make_temp_file(".pdf") as path:
        assert path.suffix == ".pdf"
        assert (rights(path), rights(path.parent)) == (0o600, 0o700)
        path.write_bytes(b"content")
        path.with_name("made by the converter").touch()
        assert path.is_relative_to(tmp_path)
    assert not list(tmp_path.iterdir())


def test_it_vanishes_after_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), make_temp_file():
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_two_temporary_files_are_two() -> None:
    with make_temp_file() as first, make_temp_file() as second:
        assert first != second


@pytest.mark.parametrize("suffix", ["/../x", "..", "/x", ".a/b", ".a\0"])
def test_attack_a_suffix_leads_nowhere(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="suffix"), make_temp_file(suffix):
        pass
    assert not list(tmp_path.iterdir())


def test_a_private_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    with open_private_file(tmp_path / "key") as file:
        assert rights(tmp_path / "key") == 0o600
        file.write(b"secret")
    with open_own_file(tmp_path / "key") as file:
        assert file.read() == b"secret"


def test_attack_a_planted_file_or_link_is_not_opened(tmp_path: Path) -> None:
    victim = tmp_path / "passwd"
    victim.write_bytes(b"root")
    (tmp_path / "link").symlink_to(victim)
    (tmp_path / "dangling").symlink_to(tmp_path / "not there yet")
    for name in ("passwd", "link", "dangling"):
        with pytest.raises(FileExistsAlreadyError, match=name):
            open_private_file(tmp_path / name)
    assert victim.read_bytes() == b"root"
    assert not (tmp_path / "not there yet").exists()


def test_attack_what_others_could_have_put_there_is_not_read(tmp_path: Path) -> None:
    good = tmp_path / "good"
    open_private_file(good).close()
    (tmp_path / "link").symlink_to(good)
    os.mkfifo(tmp_path / "pipe", 0o600)
    shared = tmp_path / "shared"
    shared.touch()
    shared.chmod(0o620)
    for name in ("link", "pipe", "shared"):
        with pytest.raises(OSError, match=name):
            open_own_file(tmp_path / name)
    (tmp_path / "hard").hardlink_to(good)
    with pytest.raises(PermissionError):
        open_own_file(good)


def test_attack_a_file_of_another_user_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_private_file(tmp_path / "key").close()
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "key").stat().st_uid + 1)
    with pytest.raises(PermissionError):
        open_own_file(tmp_path / "key")
