import subprocess
import sys
from pathlib import Path

import pytest

from workbench.core import child_process
from workbench.core.child_process import CHILD_SWITCH, child_command, run_as_child

MODULE = "workbench.core.analysis.child"


def test_only_known_modules_are_started_as_children() -> None:
    with pytest.raises(ValueError, match="not a child module"):
        child_command("os")


def test_a_frozen_program_starts_itself_with_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command(MODULE) == [sys.executable, CHILD_SWITCH, MODULE]


@pytest.mark.parametrize("argv", [["workbench"], ["workbench", "run", "x"], ["workbench", CHILD_SWITCH, "os"]])
def test_an_ordinary_start_is_no_child(argv: list[str]) -> None:
    assert run_as_child(argv) is False


def test_the_switch_runs_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(child_process.runpy, "run_module", lambda name, **_: ran.append(name))
    assert run_as_child(["workbench", CHILD_SWITCH, MODULE]) is True
    assert ran == [MODULE]


def test_a_file_beside_the_code_under_review_is_not_run_by_the_child(tmp_path: Path) -> None:
    (tmp_path / "bandit.py").write_text("raise SystemExit(9)\n")
    done = subprocess.run(child_command(MODULE), cwd=tmp_path, input="", text=True, timeout=60, check=False)
    assert done.returncode == 0
