"""How fast files come in, beside the bare encoder on the same chunks, and what a second pass over them costs.

Budget: at least 0.9 of the bare encoder's chunks per second; the second pass at most 2 % of the first.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._library import SEED, open_library, words
from workbench.core.knowledge.ingest_events import FileEnded, FileState
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.knowledge.library import Library

ROUNDS = 3
FILES = 120
PARAGRAPHS = 8
WORDS_PER_PARAGRAPH = 30


def measure_rounds(rounds: int = ROUNDS) -> dict[str, float]:
    """The round of the median ratio, with the lowest and the highest ratio of all rounds."""
    measured = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            measured.append(measure(Path(home)))
    measured.sort(key=lambda figures: figures["ratio"])
    return {
        **measured[rounds // 2],
        "lowest_ratio": measured[0]["ratio"],
        "highest_ratio": measured[-1]["ratio"],
        "rounds": rounds,
    }


def measure(home: Path, files: int = FILES) -> dict[str, float]:
    """Times of one ingestion of `files` Markdown files, of the encoder alone, and of the same ingestion again."""
    folder = home / "files"
    folder.mkdir()
    rng = np.random.default_rng(SEED + 2)
    for number in range(files):
        paragraphs = [words(rng, WORDS_PER_PARAGRAPH) + "." for _ in range(PARAGRAPHS)]
        (folder / f"{number}.md").write_text(f"# File {number}\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    with open_library(home) as (library, embedder, _):
        first = asyncio.run(_ingest(IngestJob([folder], library, embedder), FileState.ADDED, files))
        texts = _texts(library)
        began = time.perf_counter()
        embedder.embed(texts)
        bare = time.perf_counter() - began
        second = asyncio.run(_ingest(IngestJob([folder], library, embedder), FileState.UNCHANGED, files))
    return {
        "ratio": round(bare / first, 3),
        "unchanged_ratio": round(second / first, 4),
        "chunks_per_second": round(len(texts) / first, 1),
        "chunks": len(texts),
    }


async def _ingest(job: IngestJob, expected: FileState, files: int) -> float:
    """Seconds the job takes; raises when a file does not end as expected."""
    began = time.perf_counter()
    states = [event.state async for event in job if isinstance(event, FileEnded)]
    seconds = time.perf_counter() - began
    if states != [expected] * files:
        raise RuntimeError(f"the files ended as {set(states)}, not as {expected}")
    return seconds


def _texts(library: Library) -> list[str]:
    with library.snapshot() as snapshot:
        return [chunk.text for batch in snapshot.texts_after(0) for chunk in batch]


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    figures = measure_rounds()
    print(
        json.dumps(figures)
        if options.json
        else f"{figures['chunks_per_second']} chunks a second, {figures['ratio']} of the bare encoder"
    )


if __name__ == "__main__":
    main()
