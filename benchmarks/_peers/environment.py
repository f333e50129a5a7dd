"""The virtual environment of the other libraries, and children that run in it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._peers.systems import PRODUCT, SYSTEMS

ROOT = Path(__file__).resolve().parents[2]
SAME = ("torch", "transformers", "sentence-transformers", "tokenizers", "numpy")
"""What runs the model is held at the product's own versions; the libraries compared are the newest there are."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
CHILD_SECONDS = 3 * 3600.0


class ChildError(Exception):
    """A system could not be measured; the message says why in one line."""


class Environment:
    """Pythons that run systems: this one for the product, the one in `folder` for the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def _python(self) -> Path:
        return self._folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def install(self, systems: Sequence[str]) -> dict[str, str]:
        """Make the environment and install what is not there yet; reasons by the systems that cannot be had."""
        if not self._python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self._folder)], check=True)
        reasons = {}
        for name in systems:
            if name != PRODUCT and not self._has(SYSTEMS[name].packages):
                print(f"installing {' '.join(SYSTEMS[name].packages)} ...", file=sys.stderr, flush=True)
                if reason := self._pip(SYSTEMS[name].packages):
                    reasons[name] = reason
        return reasons

    def _has(self, packages: Sequence[str]) -> bool:
        code = "import sys; from importlib.metadata import version; [version(name) for name in sys.argv[1:]]"
        return not subprocess.run([self._python, "-c", code, *packages], capture_output=True, check=False).returncode

    def _pip(self, packages: Sequence[str]) -> str:
        """Why the packages could not be installed, or nothing."""
        with tempfile.TemporaryDirectory() as scratch:
            constraints = Path(scratch) / "constraints.txt"
            constraints.write_text("\n".join(held((ROOT / "constraints.txt").read_text(encoding="utf-8"))) + "\n")
            done = subprocess.run(
                [self._python, "-m", "pip", "install", "--quiet", "-c", constraints, "torch", *packages],
                capture_output=True,
                text=True,
                check=False,
            )
        return _last_line(done.stderr) if done.returncode else ""

    def run(self, name: str, job: dict[str, Any]) -> dict[str, Any]:
        """What the child found out. Raises ChildError when it fails."""
        python = sys.executable if name == PRODUCT else str(self._python)
        with tempfile.TemporaryDirectory() as scratch:
            files = [Path(scratch) / "job.json", Path(scratch) / "result.json"]
            files[0].write_text(json.dumps(job), encoding="utf-8")
            try:
                done = subprocess.run(
                    [python, "-m", "benchmarks._peers.child", name, *map(str, files)],
                    cwd=ROOT,
                    env=os.environ | OFFLINE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=CHILD_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise ChildError(f"took over {CHILD_SECONDS / 3600:.0f} hours and was stopped") from error
            if done.returncode:
                raise ChildError(_last_line(done.stderr))
            result: dict[str, Any] = json.loads(files[1].read_text(encoding="utf-8"))
        return result


def held(constraints: str) -> list[str]:
    """Those lines of the product's constraints that the other libraries share."""
    lines = [line.strip() for line in constraints.splitlines()]
    return [line for line in lines if line.partition("==")[0] in SAME]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2] or "no reason was given"
