"""`python -m workbench` where there is no display."""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
@pytest.mark.parametrize(
    ("option", "code", "told"),
    [
        ("--version", 0, "Analyst Workbench "),
        ("--help", 0, "--home"),
        ("--nonsense", 2, "unrecognized"),
        ("--home=x", 2, "no display"),
    ],
)
def test_an_option_is_answered_and_starts_no_demonstration(option: str, code: int, told: str) -> None:
    displays = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    environment = {name: value for name, value in os.environ.items() if name not in displays}
    command = [sys.executable, "-m", "workbench", option]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert ended.returncode == code
    assert told in ended.stdout + ended.stderr
