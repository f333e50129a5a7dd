"""What the packaged programs need, as far as it can be seen without building them (tests/installer sees the rest)."""

import os
import runpy
import sys
from pathlib import Path

import pytest

from workbench.core.knowledge.loaders.guard import code_folders

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "own_libraries.py"


def test_programs_started_from_the_package_get_the_users_library_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/analyst-workbench/_internal:/home/me/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/home/me/lib")
    runpy.run_path(str(SCRIPT))
    assert os.environ["LD_LIBRARY_PATH"] == "/home/me/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_programs_started_from_the_package_get_no_library_path_where_the_user_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/analyst-workbench/_internal")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    runpy.run_path(str(SCRIPT))
    assert "LD_LIBRARY_PATH" not in os.environ


def test_the_reader_of_documents_may_open_the_executable_that_holds_its_modules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "workbench"))
    assert str(tmp_path) in code_folders()
