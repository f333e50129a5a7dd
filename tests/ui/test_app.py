"""The program itself, in a process of its own: it paints before it loads, and ends when told to."""

import json
import os
import signal
import subprocess
import sys
import time
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


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_ctrl_c_closes_the_program_in_order(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "workbench", "--home", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    kept = tmp_path / "config" / "window.ini"
    try:
        wait_for(lambda: (tmp_path / "config").is_dir() and running.poll() is None)
        time.sleep(1.5)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 0, errors
    assert "Traceback" not in errors
    assert kept.is_file()


def wait_for(condition: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)
