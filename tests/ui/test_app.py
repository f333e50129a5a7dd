"""The program itself, in a process of its own: it paints before it loads, and ends when told to."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "numpy", "networkx", "matplotlib", "torch", "transformers", "faiss", "tantivy", "onnxruntime", "tokenizers",
    "psycopg", "pymongo", "keyring", "bandit", "libcst", "typst", "pypdfium2", "docx", "bs4", "lxml", "pygments",
    "cryptography", "pydantic", "loguru",
)  # fmt: skip

AT_FIRST_PAINT = """
import json, sys
from workbench import app
async def tell(window, *_):
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), flush=True)
    window.close()
app._work = tell
app.main(["--home", sys.argv[1]])
"""


def environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def test_the_window_paints_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", AT_FIRST_PAINT, str(tmp_path)],
        capture_output=True, text=True, timeout=60, env=environment(), check=False,
    )  # fmt: skip
    modules = json.loads(ended.stdout.splitlines()[0])
    assert "PySide6" in modules
    assert sorted(set(HEAVY) & set(modules)) == []


IDLE = """
import asyncio, sys
from workbench import app
async def idle(window, *_):
    print("ready", flush=True)
    await asyncio.sleep(60)
app._work = idle
raise SystemExit(app.main(["--home", sys.argv[1]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_program_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", IDLE, str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    ) as running:  # fmt: skip
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            running.send_signal(number)
            _, errors = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 0, errors
    assert "Traceback" not in errors
    assert (tmp_path / "config" / "window.ini").is_file()


READS_SOURCES = """
import inspect, sys
import PySide6.QtWidgets
if sys.argv[1] == "restored":
    from workbench.ui import plain_import
    plain_import.restore()
read = []
inspect.getsource = lambda module: read.append(module) or ""
import colorsys
from PySide6.QtWidgets import QCalendarWidget
print(len(read))
"""


@pytest.mark.parametrize(("how", "reads"), [("restored", False), ("as PySide6 has it", True)])
def test_importing_a_module_does_not_read_its_source(how: str, reads: bool) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", READS_SOURCES, how], capture_output=True, text=True, timeout=60, check=True
    )
    assert (int(ended.stdout) > 0) == reads
