"""The packaged program, moved away from where it was built, with an empty environment around it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "dist" / "analyst-workbench"


class Packaged:
    """The two programs, run for a user who has nothing: no Python, no PATH, no settings."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.samples = folder / "_internal" / "resources" / "samples"
        self.environment = {"HOME": str(home), "WORKBENCH_HOME": str(home / "workbench"), "PATH": "/nonexistent"}

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line to its end."""
        return subprocess.run(
            [str(self.folder / "workbench"), *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    def log(self) -> str:
        """All that the program logged."""
        return "".join(path.read_text("utf-8") for path in sorted((self.home / "workbench" / "logs").glob("*")))


@pytest.fixture(scope="session")
def moved() -> Iterator[Path]:
    """The built folder under another path, so that nothing in it can rely on where it was built."""
    if not (BUILT / "workbench").is_file():
        pytest.fail(f"There is no packaged program in {BUILT}; build it with: make installer")
    with tempfile.TemporaryDirectory(dir=BUILT.parent, prefix="moved-") as parent:
        yield shutil.copytree(BUILT, Path(parent) / "else where", symlinks=True, copy_function=os.link)


@pytest.fixture
def packaged(moved: Path, tmp_path: Path) -> Packaged:
    """The programs with a home of this test alone."""
    home = tmp_path / "home"
    home.mkdir()
    return Packaged(moved, home)
