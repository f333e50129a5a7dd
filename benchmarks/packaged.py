"""What the packaged program weighs, and how long its window and its command line take.

Needs `make installer` before. The window is timed from the start of the process until an X server (Xvfb) shows a
window of our title; the command line until `--version` has ended. `seconds` are medians after one start that is not
counted. No budget yet: the figures are recorded so that a later change can be compared.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "dist" / "analyst-workbench"
STARTS = 5
POLL_SECONDS = 0.02
DEADLINE_SECONDS = 60.0
WINDOW = re.compile(r'"Analyst Workbench": \("analyst-workbench".*\)\s+(\d+)x(\d+)\+')
"""A line of `xwininfo -tree` with our title and class; Qt's helper windows carry the title too, but no class."""


def measure(starts: int = STARTS) -> dict[str, float]:
    """Size of the folder in MB (10^6 bytes on disk, links not followed), and median seconds of both programs."""
    with tempfile.TemporaryDirectory() as home, display() as name:
        environment = {"HOME": home, "WORKBENCH_HOME": home, "PATH": "/nonexistent", "DISPLAY": name}
        window = [_time_window(environment) for _ in range(starts + 1)][1:]
        command_line = [_time_command_line(environment) for _ in range(starts + 1)][1:]
    return {
        "megabytes": round(size_of(FOLDER) / 1e6, 1),
        "files": sum(path.is_file() for path in FOLDER.rglob("*")),
        "window_seconds": round(statistics.median(window), 2),
        "window_longest": round(max(window), 2),
        "command_line_seconds": round(statistics.median(command_line), 2),
    }


def size_of(folder: Path) -> int:
    """Bytes of all files in `folder`; what links point to is counted once, where it lies."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


@contextlib.contextmanager
def display() -> Iterator[str]:
    """An X server of our own without a screen; gives its name for DISPLAY."""
    for tool, package in {"Xvfb": "xvfb", "xwininfo": "x11-utils"}.items():
        if shutil.which(tool) is None:
            raise RuntimeError(f"{tool} is missing, without which no window can be seen; apt-get install -y {package}")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def is_shown(name: str) -> bool:
    """Whether the main window stands on the display `name`."""
    tree = subprocess.run(
        ["xwininfo", "-root", "-tree"], env={**os.environ, "DISPLAY": name}, capture_output=True, text=True, check=False
    )
    found = WINDOW.search(tree.stdout)
    return found is not None and int(found[1]) > 100


def wait_until(holds: Callable[[], bool], what: str, seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for something; RuntimeError saying `what` did not come in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


def _time_window(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen([str(FOLDER / "analyst-workbench")], env=environment, stderr=subprocess.DEVNULL) as window:
        try:
            wait_until(lambda: is_shown(environment["DISPLAY"]), "the window")
            taken = time.perf_counter() - began
        finally:
            window.terminate()
    return taken


def _time_command_line(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([str(FOLDER / "workbench"), "--version"], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    if not (FOLDER / "workbench").is_file():
        sys.exit(f"There is no packaged program in {FOLDER}; build it with: make installer")
    figures = measure()
    if options.json:
        print(json.dumps(figures))
    else:
        print(
            "{megabytes} MB, window after {window_seconds} s, command line {command_line_seconds} s".format(**figures)
        )


if __name__ == "__main__":
    main()
