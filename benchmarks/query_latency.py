"""How long a search of 100,000 chunks takes, beside the sum of its parts run bare: embed, FAISS, full text.

Budget: the 95th percentile at most 1.3 times that of the sum.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._library import SEED, fill, open_library, words
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.stores.library_source import CANDIDATES, LibrarySource, library_sources

CHUNKS = 100_000
QUESTIONS = 200
WORDS_PER_QUESTION = 12


def measure(home: Path, chunks: int = CHUNKS, questions: int = QUESTIONS) -> dict[str, float]:
    """Percentiles over `questions` different questions, each asked of the product and of the bare parts in turn."""
    rng = np.random.default_rng(SEED + 1)
    asked = [words(rng, WORDS_PER_QUESTION) for _ in range(questions)]
    with open_library(home) as (library, embedder, places):
        fill(library, chunks, embedder.dimension)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        indexes.refresh()
        bare = BareParts(library, embedder, indexes)
        _, own = library_sources(library, indexes, embedder)
        ours, parts = asyncio.run(_ask(own, bare, asked))
    return {
        "ratio": round(float(np.percentile(ours, 95) / np.percentile(parts, 95)), 3),
        "p50_ms": round(float(np.percentile(ours, 50)) * 1000, 2),
        "p95_ms": round(float(np.percentile(ours, 95)) * 1000, 2),
        "parts_p50_ms": round(float(np.percentile(parts, 50)) * 1000, 2),
        "parts_p95_ms": round(float(np.percentile(parts, 95)) * 1000, 2),
    }


class BareParts:
    """The libraries themselves, with nothing of ours around them."""

    def __init__(self, library: Library, embedder: object, indexes: LibraryIndexes) -> None:
        import faiss
        import tantivy

        self._session, self._tokenizer = embedder._session, embedder._loaded_tokenizer()  # type: ignore[attr-defined]
        self._vectors = faiss.IndexFlatIP(384)
        with library.snapshot() as snapshot:
            for batch in snapshot.vectors_after(0):
                self._vectors.add(batch.vectors)
        self._texts = tantivy.Index.open(str(indexes.texts.folder))
        self._texts.register_tokenizer("words", indexes.texts._analyser)

    def ask(self, question: str) -> None:
        """Embed, search the vectors, search the words."""
        ids = np.array([self._tokenizer.encode(question).ids])
        (vector,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        self._vectors.search(vector, CANDIDATES)
        self._texts.searcher().search(self._texts.parse_query(question, ["text"]), CANDIDATES)


async def _ask(own: LibrarySource, bare: BareParts, asked: Sequence[str]) -> tuple[list[float], list[float]]:
    ours, parts = [], []
    await own.search("warm up")
    bare.ask("warm up")
    for question in asked:
        began = time.perf_counter()
        await own.search(question)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        bare.ask(question)
        parts.append(time.perf_counter() - began)
    return ours, parts


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        figures = measure(Path(home))
    print(json.dumps(figures) if options.json else f"{figures['p95_ms']} ms at p95, {figures['ratio']} times its parts")


if __name__ == "__main__":
    main()
