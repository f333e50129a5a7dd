"""The packaged window opens on a bare X display, starts its engine, and closes when asked to."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.packaged import display, is_shown, wait_until
from tests.installer.conftest import Packaged

pytestmark = pytest.mark.installer


@pytest.fixture
def window(packaged: Packaged) -> Iterator["subprocess.Popen[str]"]:
    """The window program on a display of its own, its window shown."""
    with display() as name:
        process = subprocess.Popen(
            [str(packaged.folder / "analyst-workbench")],
            env={**packaged.environment, "DISPLAY": name},
            cwd=packaged.home,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_until(lambda: is_shown(name), "the window")
            yield process
        finally:
            process.kill()
            process.communicate()


def test_the_window_starts_its_engine_and_closes_on_request(
    packaged: Packaged, window: "subprocess.Popen[str]"
) -> None:
    wait_until((packaged.home / "workbench" / "data" / "workbench.db").is_file, "the library")
    window.send_signal(signal.SIGTERM)
    _, errors = window.communicate(timeout=40)
    assert window.returncode == 0, errors
    assert "Traceback" not in errors
    assert "Analyst Workbench" in packaged.log()
    assert "ERROR" not in packaged.log()


def test_the_window_uses_its_own_libraries_and_no_python_of_the_machine(
    packaged: Packaged, window: "subprocess.Popen[str]"
) -> None:
    lines = Path(f"/proc/{window.pid}/maps").read_text("utf-8").splitlines()
    mapped = {line.split(maxsplit=5)[5] for line in lines if "/" in line}
    ours = {Path(path).name for path in mapped if path.startswith(str(packaged.folder))}
    assert {"libQt6Widgets.so.6", "libpython3.11.so.1.0"} <= ours
    assert not [path for path in mapped if "site-packages" in path or "dist-packages" in path]
