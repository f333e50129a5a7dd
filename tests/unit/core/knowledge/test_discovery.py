import os
from pathlib import Path

import pytest

from workbench.core.knowledge.discovery import discover, printable


def _names(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text", encoding="utf-8")


def test_files_are_found_once_sorted_and_tool_folders_are_left_out(tmp_path: Path) -> None:
    kept = ["a.md", "env/terraform.tf", "src/b.py", "src/deep/c.txt"]
    left = [".git/config.md", "node_modules/x.js", "src/__pycache__/b.py", "my-venv/lib/x.py", ".hidden/y.md"]
    _names(tmp_path, [*kept, *left, "my-venv/pyvenv.cfg"])
    found = discover([tmp_path, tmp_path / "src", tmp_path / "a.md"])
    assert sorted(str(file.path.relative_to(tmp_path)) for file in found.files) == sorted(kept)
    assert found.files[0].path.name == "a.md"
    assert [file.size for file in found.files] == [4] * 4
    (notice,) = found.notices
    assert "5 folders were left out" in notice
    for name in (".git", "node_modules", "my-venv"):
        assert name in notice


def test_a_hidden_folder_that_is_given_itself_is_taken(tmp_path: Path) -> None:
    _names(tmp_path, [".notes/a.md"])
    assert [file.path.name for file in discover([tmp_path / ".notes"]).files] == ["a.md"]


def test_links_are_not_followed_wherever_they_lead(tmp_path: Path) -> None:
    _names(tmp_path, ["outside/secret.md", "inside/a.md"])
    inside = tmp_path / "inside"
    (inside / "out.md").symlink_to(tmp_path / "outside" / "secret.md")
    (inside / "same.md").symlink_to(inside / "a.md")
    (inside / "loop.md").symlink_to(inside / "loop.md")
    (inside / "folder").symlink_to(tmp_path / "outside", target_is_directory=True)
    (inside / "round").symlink_to(inside, target_is_directory=True)
    found = discover([inside])
    assert [file.path.name for file in found.files] == ["a.md"]
    assert sorted(file.path.name for file in found.refused) == ["loop.md", "out.md", "same.md"]
    assert all(file.skipped and "is a link" in file.reason for file in found.refused)
    assert sorted(folder.name for folder in found.folders_left_out) == ["folder", "round"]


def test_a_link_that_the_analyst_gives_is_followed_but_not_a_loop(tmp_path: Path) -> None:
    _names(tmp_path, ["real/a.md"])
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    found = discover([tmp_path / "link", tmp_path / "loop.md"])
    assert [file.path for file in found.files] == [tmp_path / "real" / "a.md"]
    assert "cannot be opened" in found.refused[0].reason


def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    _names(tmp_path, ["picture.png"])
    (tmp_path / "empty.md").touch()
    os.mkfifo(tmp_path / "pipe.md")
    found = discover([tmp_path, tmp_path / "missing.md"])
    assert found.files == []
    reasons = {file.path.name: (file.skipped, file.reason) for file in found.refused}
    assert reasons["picture.png"][0] is True
    assert "empty.md is empty" in reasons["empty.md"][1]
    assert "no regular file" in reasons["pipe.md"][1]
    assert "missing.md cannot be opened" in reasons["missing.md"][1]


def test_a_folder_that_may_not_be_listed_is_refused_and_the_others_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _names(tmp_path, ["shut/a.md", "open/b.md"])
    listing = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([tmp_path])
    assert [file.path.name for file in found.files] == ["b.md"]
    assert "shut cannot be listed (Permission denied)" in found.refused[0].reason


def test_a_name_that_is_no_text_is_refused_and_can_be_shown(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/b\xff.md"
    try:
        Path(os.fsdecode(path)).write_text("text", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such names")
    (refused,) = discover([tmp_path]).refused
    assert "b?.md has a name that is no valid text" in refused.reason
    assert printable(str(refused.path)).endswith("b?.md")


def test_the_search_ends_when_it_is_stopped(tmp_path: Path) -> None:
    _names(tmp_path, [f"{number:02}.md" for number in range(20)])
    calls = iter(range(100))
    assert len(discover([tmp_path], lambda: next(calls) >= 5).files) == 5
