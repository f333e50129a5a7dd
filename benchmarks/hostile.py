"""What becomes of files made to hurt, read through the loader child of the product.

Budget: each ends in its text or in a sentence within the limits of time and memory, and none makes its reader crash,
reads a file beside it, changes one, or connects to anywhere. The files are made by code: _hostile_files and, for Office
and mail, the module of the loaders' tests.
"""

import argparse
import json
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks._hostile_files import HOSTILE
from tests.unit.core.knowledge.loaders.test_hostile_office import HOSTILE as OFFICE
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.process import LoaderProcess

SECRET = "canary-4f1d9a"


class Listener:
    """A server on this machine that counts who connects."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.connections += 1

    def close(self) -> None:
        """Listen no more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


def measure(folder: Path) -> dict[str, object]:
    """Counts of how the files end, and the names of those that did harm."""
    secret = folder / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    listener = Listener()
    files = {**HOSTILE, **{name: (make, text, "") for name, (make, text, _) in OFFICE.items()}}
    ends: Counter[str] = Counter()
    bad, slowest = [], ("", 0.0)
    with LoaderProcess() as loader:
        for name, (make, text, _) in files.items():
            path = folder / "in" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(placed(make(), secret, listener.address))
            began = time.perf_counter()
            end, harm = outcome(loader, path, text)
            slowest = max(slowest, (name, time.perf_counter() - began), key=lambda each: each[1])
            ends[end] += 1
            path.unlink()
            if harm:
                bad.append(f"{name}: {harm}")
    untouched = sorted(path.name for path in folder.rglob("*")) == ["in", "secret.txt"] and secret.read_text() == SECRET
    listener.close()
    return {
        "files": len(files),
        **{end: ends[end] for end in ("text", "told", "crashed", "hung")},
        "harm": bad,
        "connections": listener.connections,
        "folder_untouched": untouched,
        "slowest": slowest[0],
        "slowest_s": round(slowest[1], 1),
    }


def placed(data: bytes, secret: Path, server: str) -> bytes:
    """The file with the places that it is after."""
    return data.replace(b"{secret}", str(secret).encode()).replace(b"{server}", server.encode())


def outcome(loader: LoaderProcess, path: Path, text: str) -> tuple[str, str]:
    """How a file ends, and what is wrong with that; empty when nothing is."""
    try:
        document, _ = loader.load(path)
    except LoadError as error:
        sentence = str(error)
        end = "crashed" if "reader crash" in sentence else "hung" if "took longer than" in sentence else "told"
        return end, "" if end == "told" and not text else f"{end}, {sentence[:120]}"
    if SECRET in document.text or "root:x:0" in document.text:
        return "text", "it read a file beside it"
    return "text", "" if text in document.text else "its text is missing"


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder).resolve())
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
