"""What is committed is what the generator makes."""

import runpy
import sys
from pathlib import Path

import pytest

from workbench.core.demo.reading import FOLDER

TOOL = Path(__file__).resolve().parents[4] / "tools" / "make_demo.py"


def test_the_generator_makes_what_is_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(TOOL), str(tmp_path)])
    monkeypatch.setattr(sys, "path", list(sys.path))
    runpy.run_path(str(TOOL), run_name="__main__")
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 5
    for name in made:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
