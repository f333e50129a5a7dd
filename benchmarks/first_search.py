"""Seconds from the start of the process to the first answer, with 10,000 chunks in the library and caches in place.

Budget: at most 1.0 s.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._library import fill, open_library
from workbench.core.knowledge.indexes import LibraryIndexes

CHUNKS = 10_000
STARTS = 5

CHILD = """
import asyncio, sys
from pathlib import Path
from workbench.core.engine import Engine
from workbench.places import Places

async def main():
    engine = Engine(Places.under(Path(sys.argv[1])))
    await engine.start()
    answer = await engine.library.search("how do attackers use stolen credentials")
    print(len(answer.passages), [status.state.value for status in answer.statuses], flush=True)
    sys.stdin.readline()
    await engine.close()

asyncio.run(main())
"""


def measure(home: Path, chunks: int = CHUNKS, starts: int = STARTS) -> dict[str, float]:
    """The median over `starts` processes; one before them takes in the starter knowledge and writes the caches."""
    with open_library(home) as (library, embedder, places):
        fill(library, chunks, embedder.dimension)
        LibraryIndexes(library, places.indexes, embedder.dimension).refresh()
    times = [_first_answer(home) for _ in range(starts + 1)][1:]
    return {"seconds": round(statistics.median(times), 3), "longest": round(max(times), 3)}


def _first_answer(home: Path) -> float:
    """Start the engine in a new process and wait for its first answer; raises when it is not a full one."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        answered = child.stdout.readline()
        seconds = time.perf_counter() - began
        child.communicate("\n")
    if answered.strip() != "10 ['ok', 'ok']":
        raise RuntimeError(f"the first search answered: {answered}")
    return seconds


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        figures = measure(Path(home))
    print(json.dumps(figures) if options.json else f"{figures['seconds']} s from start to the first answer")


if __name__ == "__main__":
    main()
