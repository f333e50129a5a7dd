"""What is in the package, and what must not be."""

import re
from pathlib import Path

import pytest
from PyInstaller.archive.readers import CArchiveReader

from workbench.core.knowledge.export import MODEL_FILE

pytestmark = pytest.mark.installer

NEVER = {"torch", "transformers", "sentence_transformers", "scipy", "sklearn", "onnx", "pytest", "PyInstaller"}
"""What only the export of the model or development needs."""

GPL = re.compile(r"^(readline\.|libreadline|_gdbm\.|libgdbm)")
OF_THE_DESKTOP = re.compile(r"^(libqgtk3|libgtk|libgdk|libpango)")


def modules_in(program: Path) -> set[str]:
    """Names of the modules inside an executable."""
    return set(CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz").toc)


@pytest.fixture(scope="module")
def files(moved: Path) -> set[Path]:
    """Every file, relative to the folder of libraries."""
    libraries = moved / "_internal"
    return {path.relative_to(libraries) for path in libraries.rglob("*")}


@pytest.mark.parametrize("program", ["workbench", "analyst-workbench"])
def test_what_only_builds_or_tests_is_left_out(moved: Path, files: set[Path], program: str) -> None:
    inside = {name.partition(".")[0] for name in modules_in(moved / program)} | {path.parts[0] for path in files}
    assert not inside & NEVER
    assert "workbench" in inside


def test_neither_gpl_libraries_nor_the_builders_gtk_are_in(files: set[Path]) -> None:
    assert not sorted(path.name for path in files if GPL.match(path.name) or OF_THE_DESKTOP.match(path.name))


def test_lgpl_libraries_lie_beside_the_programs_where_they_can_be_replaced(moved: Path, files: set[Path]) -> None:
    names = {str(path) for path in files}
    assert {"PySide6/Qt/lib/libQt6Core.so.6", "PySide6/QtCore.abi3.so", "psycopg/__init__.pyc"} <= names
    inside = {name.partition(".")[0] for name in modules_in(moved / "analyst-workbench")}
    assert not inside & {"PySide6", "shiboken6", "psycopg", "psycopg_pool"}


def test_drivers_that_load_only_when_a_connection_is_used_are_in(moved: Path, files: set[Path]) -> None:
    native = {path.name.partition(".")[0] for path in files if path.parts[0] == "psycopg_binary"}
    assert {"_psycopg", "pq"} <= native
    assert {"pymongo.asynchronous.mongo_client", "bson"} <= modules_in(moved / "analyst-workbench")


def test_recipes_lie_there_as_text_and_the_model_is_there_once(files: set[Path]) -> None:
    assert len([path for path in files if path.name == "recipe.py"]) >= 12
    assert len([path for path in files if path.name == MODEL_FILE]) == 1
    assert {Path("LICENSE"), Path("THIRD_PARTY_NOTICES.md")} <= files
    assert not [path for path in files if path.parts[0] == "resources" and path.suffix == ".pyc"]
