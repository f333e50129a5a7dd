"""Tasks and task files: what is taken, and the one sentence for what is not."""

import json
from pathlib import Path

import pytest

from workbench.core.tasks import MAX_ATTACHMENT_BYTES, OPTIONS, Task, TaskError, TaskKind, load_task, make_task

GOOD = {"kind": "review", "title": " Is this safe? ", "code": "print(1)"}


def write(folder: Path, data: object) -> Path:
    path = folder / "task.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_a_task_file_brings_its_files_along(tmp_path: Path) -> None:
    (tmp_path / "view.py").write_text("import os\n", encoding="utf-8")
    task = load_task(write(tmp_path, {**GOOD, "files": ["view.py"]}))
    assert task.title == "Is this safe?"
    assert [unit.name for unit in task.code_units] == ["pasted code", "view.py"]


def test_the_options_go_from_permissive_to_safest_for_every_kind() -> None:
    assert [OPTIONS[kind][-1] for kind in TaskKind] == ["do not use", "do not use", "act now", "refuse"]
    assert make_task({**GOOD, "options": ["go", "stop"]}).verdicts == ("go", "stop")


def test_a_task_survives_its_json() -> None:
    task = make_task({**GOOD, "description": "\u202e odd \x07", "limits": {"seconds": 5}})
    assert Task.model_validate_json(task.model_dump_json()) == task


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "audit"}, "choose one of draft, review, research, assess"),
        ({"title": " "}, "no title"),
        ({"kind": "research", "code": ""}, "task is empty"),
        ({"code": ""}, "task is empty"),
        ({"code": "", "description": "look at my app"}, "review needs code"),
        ({"options": ["only one"]}, "2 to 10 different options"),
        ({"options": ["a", "a"]}, "2 to 10 different options"),
        ({"limits": {"seconds": -1}}, "limits.seconds"),
        ({"colour": "blue"}, "`colour` is not a field of a task"),
        ({"descripton": "x"}, "did you mean `description`?"),
        ({"tlp": "purple"}, "tlp"),
    ],
)
def test_what_is_wrong_with_a_task_is_said_in_one_sentence(change: dict[str, object], words: str) -> None:
    with pytest.raises(TaskError) as caught:
        make_task({**GOOD, **change})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[1]", '{"kind": "review", "files": "a.py", "title": "t", "code": "c"}'])
def test_a_broken_task_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(TaskError, match=r"task\.json"):
        load_task(write(tmp_path, text))


def test_a_huge_a_binary_and_a_missing_attachment_are_refused_by_name(tmp_path: Path) -> None:
    huge = tmp_path / "huge.py"
    with huge.open("wb") as file:
        file.truncate(200_000_000)
    (tmp_path / "tool.bin").write_bytes(b"\x7fELF\0\0\0")
    for name, words in (("huge.py", "200.0 MB"), ("tool.bin", "binary file"), ("gone.py", "cannot be read")):
        with pytest.raises(TaskError, match=words) as caught:
            load_task(write(tmp_path, {**GOOD, "files": [name]}))
        assert name in str(caught.value)


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "link.py"])
def test_a_task_file_cannot_collect_files_from_outside_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "task"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.py").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TaskError, match="outside its own folder"):
        load_task(write(folder, {**GOOD, "files": [name]}))


def test_pasted_code_has_the_same_limit_as_a_file() -> None:
    with pytest.raises(TaskError, match="code"):
        make_task({**GOOD, "code": "x" * (MAX_ATTACHMENT_BYTES + 1)})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_attached_files_are_read_in_their_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.py").write_bytes("# größe\n".encode(encoding))
    task = load_task(write(tmp_path, {**GOOD, "files": ["a.py"]}))
    assert task.attachments[0].text == "# größe\n"
