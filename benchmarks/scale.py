"""A library of 1,000,000 chunks: recall, latency, resident memory, start, size. Recall is that of real chunks.

Budgets: recall@10 against comparing all at least .95 on real vectors; resident at most 1.5 GB in a process that opened
the library and searched; the 95th percentile of a search at most 1.3 times that of its parts. The library and the
vectors of real chunks (see _real.py) are made once, which takes the better part of an hour, and kept in the folders
given, or under WORKBENCH_BENCH.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import _real, query_latency
from benchmarks._library import fill, open_library
from workbench.core.knowledge.embedder import OnnxEmbedder
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.stores.base import VectorBatch
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.inverted_file import Batches
from workbench.core.stores.library_source import library_sources
from workbench.places import Places

CHUNKS = 1_000_000
REAL = 100_000
HELD_OUT = 500
"""Real chunks that are not in the index and are searched for."""
BUILD_FILE = "built.json"


def measure(library: Path, real: Path, chunks: int = CHUNKS, real_chunks: int = REAL) -> dict[str, float]:
    """All the figures of this page; makes what is not there."""
    embedder = OnnxEmbedder(Places.default())
    _real.embed(real, real_chunks, embedder)
    vectors = _real.load(real)
    if not (library / BUILD_FILE).exists():
        _make(library, chunks, vectors)
    figures = recall(vectors, embedder) | query_latency.measure(library, chunks)
    figures |= _resident(library)
    return figures | json.loads((library / BUILD_FILE).read_text(encoding="utf-8")) | _sizes(library)


def _make(home: Path, chunks: int, vectors: np.ndarray) -> None:
    """Fill a library with jittered copies of real vectors, build its indexes, and note how long both took."""
    with open_library(home) as (library, embedder, places):
        with library.snapshot() as snapshot:
            held = snapshot.chunks()
        began = time.perf_counter()
        if not held:
            fill(library, chunks, embedder.dimension, vectors)
        filled = time.perf_counter()
        LibraryIndexes(library, places.indexes, embedder.dimension).rebuild(lambda _done, _total: None)
        built = time.perf_counter()
    notes = {"build_s": round(built - filled, 1)} | ({} if held else {"fill_s": round(filled - began, 1)})
    (home / BUILD_FILE).write_text(json.dumps(notes), encoding="utf-8")


def recall(vectors: np.ndarray, embedder: OnnxEmbedder) -> dict[str, float]:
    """Of the true ten nearest the share that the product's index finds: for chunks, and for the shelf's questions.

    The questions are of another field than the chunks, so they lie far from all of them: the hardest there are.
    """
    order = np.random.default_rng(_real.SEED).permutation(len(vectors))
    chunks, held = vectors[order[:HELD_OUT]], vectors[order[HELD_OUT:]]
    index = FaissIndex(embedder.dimension)
    began = time.perf_counter()
    index.build(Batches(len(held), lambda: _batches(held)), lambda _: None)
    seconds = time.perf_counter() - began
    by_chunks, by_questions = _recall(index, held, chunks), _recall(index, held, embedder.embed(_questions()))
    return {
        "recall@10": round(by_chunks, 4),
        "recall@10_questions": round(by_questions, 4),
        "real_chunks": len(held),
        "real_build_s": round(seconds, 1),
    }


def _recall(index: FaissIndex, held: np.ndarray, asked: np.ndarray) -> float:
    found = 0
    for vector in asked:
        nearest = np.argpartition(-(held @ vector), 10)[:10]
        found += len(set(nearest.tolist()) & {chunk for chunk, _ in index.search(vector[None], 10)})
    return found / (10 * len(asked))


def _batches(vectors: np.ndarray, size: int = 1000) -> Iterator[VectorBatch]:
    for start in range(0, len(vectors), size):
        part = vectors[start : start + size]
        yield VectorBatch(np.arange(start, start + len(part)), ["library/document"] * len(part), part)


def _questions() -> list[str]:
    folder = Path(__file__).parent / "shelf_questions"
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line)["question"] for line in lines]


def _resident(library: Path) -> dict[str, float]:
    """What a process of its own says of itself after it opened the library and asked 200 questions."""
    command = [sys.executable, "-m", "benchmarks.scale", "--searching", "--library", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _search(home: Path) -> dict[str, float]:
    began = time.perf_counter()
    with open_library(home) as (library, embedder, places):
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        _, own = library_sources(library, indexes, embedder)

        async def ask() -> float:
            await own.search("how do attackers use stolen credentials")
            first = time.perf_counter() - began
            for question in query_latency.drawn(query_latency.QUESTIONS):
                await own.search(question)
            return first

        first = asyncio.run(ask())
        status = Path("/proc/self/status").read_text(encoding="ascii")
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in status.splitlines() if "kB" in line}
    return {
        "resident_mb": round(sizes["VmRSS"]),
        "resident_own_mb": round(sizes["RssAnon"]),
        "resident_peak_mb": round(sizes["VmHWM"]),
        "first_search_s": round(first, 2),
    }


def _sizes(home: Path) -> dict[str, float]:
    places = Places.under(home)
    indexes = {path.name.partition("-")[0]: _megabytes(path) for path in places.indexes.iterdir()}
    return {"database_mb": _megabytes(places.data)} | {f"{name}_index_mb": size for name, size in indexes.items()}


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    kept = Path(os.environ.get("WORKBENCH_BENCH") or Places.default().cache / "benchmarks")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--chunks", type=int, default=CHUNKS, help="size of the library")
    parser.add_argument(
        "--real", type=int, default=REAL, help="real chunks to embed; fewer than there are: all of them"
    )
    parser.add_argument("--library", type=Path, default=kept / "million", help="where the library is kept")
    parser.add_argument("--vectors", type=Path, default=kept / "real", help="where the vectors of real chunks are kept")
    parser.add_argument("--searching", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.searching:
        figures = _search(options.library)
    else:
        figures = measure(options.library, options.vectors, options.chunks, options.real)
    print(
        json.dumps(figures) if options.json or options.searching else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


if __name__ == "__main__":
    main()
