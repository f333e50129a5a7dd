"""What the packaged programs need, as far as it can be seen without building them (tests/installer sees the rest)."""

import os
import runpy
import sys
from pathlib import Path

import pytest

from workbench.core.knowledge import embedder
from workbench.core.knowledge.export import ExportError, weights_folder
from workbench.core.knowledge.loaders.guard import code_folders
from workbench.places import Places

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


def test_where_there_are_no_weights_a_damaged_model_is_answered_by_one_sentence(
    monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr("workbench.core.knowledge.export.find_spec", lambda _name: None)
    with pytest.raises(ExportError):
        weights_folder()
    model = embedder.OnnxEmbedder(places)
    damaged = places.models / embedder.export_name(model.precision)
    damaged.mkdir(parents=True)
    (damaged / embedder.MANIFEST_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(embedder.EmbedderError, match="install the program again"):
        model.prepare()
