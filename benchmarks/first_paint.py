"""How long the window takes to its first paint, against a bare QMainWindow in the same run.

Both are timed from outside, from the start of the process to the line it prints once it has painted, in turn, several
times; the medians are compared. Budget: at most 3 times the bare window.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 9

BARE = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, self.tell)
    def tell(self):
        print("painted", flush=True)
        os._exit(0)

app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

OURS = """
import os, sys
from workbench import app
from PySide6.QtWidgets import QMainWindow

def tell():
    print("painted", flush=True)
    os._exit(0)

show = QMainWindow.show
def show_and_listen(window):
    window.painted.connect(tell)
    show(window)
QMainWindow.show = show_and_listen
app.main(["--home", sys.argv[1]])
"""


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Median milliseconds to the first paint of our window and of a bare one, and their ratio."""
    with tempfile.TemporaryDirectory() as home:
        times: dict[str, list[float]] = {BARE: [], OURS: []}
        for code in (BARE, OURS):
            _time(code, home)
        for _ in range(rounds):
            for code, taken in times.items():
                taken.append(_time(code, home))
    bare, ours = (statistics.median(taken) * 1000 for taken in times.values())
    return {"ratio": round(ours / bare, 3), "ours_ms": round(ours, 1), "bare_ms": round(bare, 1)}


def _time(code: str, home: str) -> float:
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code, home], stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).parent.parent
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        taken = time.perf_counter() - began
    if line.strip() != b"painted":
        raise RuntimeError("the window ended without painting; start it by hand to see why")
    return taken


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(argv)
    figures = measure(options.rounds)
    if options.json:
        print(json.dumps(figures))
    else:
        print("{ours_ms} ms to the first paint, {ratio} times a bare window ({bare_ms} ms)".format(**figures))


if __name__ == "__main__":
    main()
