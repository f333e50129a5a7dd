"""How long the event loop of the window is ever kept from its work, in a full run with ingestion and model load.

A thread asks the loop for a sign of life every 5 ms by the clock and takes the time until it answers. A question that
came late because another thread held the interpreter counts from when it was due, so that such stalls are seen too.
Budget: 99 % answered within 16 ms, every one within 50 ms.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.core.engine import Engine
    from workbench.ui.main_window import MainWindow

EVERY = 0.005
FILES, SECTIONS = 120, 12


class SignsOfLife:
    """Asks `loop` every EVERY seconds; `delays` are the answers' delays in seconds, with when each was asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ended = threading.Event()
        self.delays: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._ask, name="signs of life", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        self._thread.join()

    def _ask(self) -> None:
        due = time.perf_counter()
        while not self._ended.is_set():
            due += EVERY
            pause = due - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            self._loop.call_soon_threadsafe(self._answer, due)

    def _answer(self, due: float) -> None:
        self.delays.append((due, time.perf_counter() - due))


def figures(delays: Sequence[float]) -> dict[str, float]:
    """The 99th percentile and the maximum, in milliseconds."""
    ordered = sorted(delays)
    return {
        "p99_ms": round(ordered[int(0.99 * (len(ordered) - 1))] * 1000, 2),
        "longest_ms": round(ordered[-1] * 1000, 2),
    }


def measure() -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Drive the real window through a sample run while it reads files in; figures, and (moment, delay) of each sign."""
    from workbench import app
    from workbench.ui import furnishing

    signs: list[SignsOfLife] = []
    furnish = furnishing.furnish

    async def furnish_watched(window: "MainWindow", config: "ConfigStore") -> None:
        signs.append(SignsOfLife(asyncio.get_running_loop()))
        signs[0].start()
        await furnish(window, config)

    furnishing.furnish = furnish_watched
    with tempfile.TemporaryDirectory() as home:
        documents = Path(home) / "documents"
        write_documents(documents)

        async def drive(window: "MainWindow", engine: "Engine") -> None:
            await run_sample(window, engine, documents)
            signs[0].stop()

        code = app.main(["--home", str(Path(home) / "home")], script=drive)
    if code or not signs[0].delays:
        raise RuntimeError("the run failed; drive the window by hand to see why")
    return figures([delay for _, delay in signs[0].delays]), signs[0].delays


async def run_sample(window: "MainWindow", engine: "Engine", documents: Path) -> None:
    """The review sample from the form to its decision, and a folder read in beside it."""
    from workbench.ui.samples import read_samples

    sample = next(task for path, task in await asyncio.to_thread(read_samples) if "review" in path.stem)
    window.form.show_task(sample)
    window.ingest.start([documents])
    ended, read = asyncio.Event(), asyncio.Event()
    window.control.ended.connect(ended.set)
    window.ingest.ended.connect(read.set)
    window.commands.invoke("run.start")
    await ended.wait()
    await read.wait()
    for name in window.docks:
        window.docks.show(name)
        await asyncio.sleep(0.2)


def write_documents(folder: Path) -> None:
    """Markdown files of a few pages each."""
    folder.mkdir()
    sentence = "The service checks every request before it touches the store, and says in its log why it refused one. "
    for number in range(FILES):
        sections = [f"## Rule {number}.{section}\n\n{sentence * 12}" for section in range(SECTIONS)]
        (folder / f"rules-{number:03}.md").write_text(f"# Rules {number}\n\n" + "\n\n".join(sections), "utf-8")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json; --worst tells when the longest stalls were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--worst", type=int, default=0, help="also list so many of the longest stalls, on stderr")
    options = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found, delays = measure()
    for moment, delay in sorted(delays, key=lambda each: -each[1])[: options.worst]:
        print(f"{delay * 1000:8.1f} ms at {moment - delays[0][0]:7.2f} s", file=sys.stderr)
    if options.json:
        print(json.dumps(found))
    else:
        print("99 % within {p99_ms} ms, the longest {longest_ms} ms".format(**found))


if __name__ == "__main__":
    main()
