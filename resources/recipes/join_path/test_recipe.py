from pathlib import Path

import pytest

from .recipe import PathRefusedError, join_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    (files / "reports").mkdir(parents=True)
    (files / "reports" / "june.txt").write_text("sunny")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "files-private").mkdir()
    (tmp_path / "files-private" / "key.txt").write_text("key")
    return files


def test_a_file_below_the_folder_is_found(folder: Path) -> None:
    assert join_path(folder, "reports/june.txt").read_text() == "sunny"
    assert join_path(folder, "reports/../reports/june.txt").read_text() == "sunny"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "reports/../../secret.txt",
        "../files-private/key.txt",
        "/etc/passwd",
        "..\\secret.txt",
        "C:/secret.txt",
        "reports/june.txt\0.png",
        "",
    ],
)
def test_attack_a_name_that_climbs_out_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(PathRefusedError):
        join_path(folder, name)


def test_attack_a_link_that_leads_out_is_refused(folder: Path) -> None:
    (folder / "holiday.txt").symlink_to(folder.parent / "secret.txt")
    with pytest.raises(PathRefusedError, match="leads out"):
        join_path(folder, "holiday.txt")


def test_a_folder_is_no_file(folder: Path) -> None:
    with pytest.raises(PathRefusedError, match="no such file"):
        join_path(folder, "reports")


@pytest.mark.parametrize("name", ["a" * 5_000, "a/" * 3_000, "loop", "loop/x", "\ud800"])
def test_attack_a_name_that_no_file_can_have_is_refused_and_breaks_nothing(folder: Path, name: str) -> None:
    (folder / "loop").symlink_to("loop")
    with pytest.raises(PathRefusedError):
        join_path(folder, name)
