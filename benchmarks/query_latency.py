"""How long a search takes, of 100,000 chunks or more, beside the sum of its parts run bare: embed, FAISS, full text.

Budget: the 95th percentile at most 1.3 times that of the sum. The bare parts search the same kinds of index as the
product does, read by the libraries themselves.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._library import SEED, fill, open_library, prose
from workbench.core.knowledge.embedder import OnnxEmbedder
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.stores.library_source import CANDIDATES, LibrarySource, library_sources
from workbench.core.stores.vector_layer import PROBED

CHUNKS = 100_000
QUESTIONS = 200
WARM_UP = 10
WORDS_PER_QUESTION = 12
"""As long as questions to a search are: half of those in shelf_questions have 9 words or more, one in twenty 15."""


def measure(home: Path, chunks: int = CHUNKS, questions: int = QUESTIONS) -> dict[str, float]:
    """Percentiles over `questions` different questions, each asked of the product and of the bare parts in turn.

    The library under `home` is made when there is none.
    """
    asked = drawn(questions)
    with open_library(home) as (library, embedder, places):
        with library.snapshot() as snapshot:
            held = snapshot.chunks()
        if not held:
            fill(library, chunks, embedder.dimension)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        indexes.complete()
        bare = BareParts(library, embedder, indexes)
        _, own = library_sources(library, indexes, embedder)
        ours, each = asyncio.run(_ask(own, bare, asked))
    parts = np.sum(list(each.values()), axis=0)
    figures = {
        "ratio": round(float(np.percentile(ours, 95) / np.percentile(parts, 95)), 3),
        "ratio_p50": round(float(np.percentile(ours, 50) / np.percentile(parts, 50)), 3),
    }
    for name, seconds in {"": ours, "parts_": parts, **{f"{part}_": seconds for part, seconds in each.items()}}.items():
        figures[f"{name}p50_ms"] = round(float(np.percentile(seconds, 50)) * 1000, 2)
        figures[f"{name}p95_ms"] = round(float(np.percentile(seconds, 95)) * 1000, 2)
    return figures | {"chunks": held or chunks}


def drawn(questions: int, seed: int = SEED + 1) -> list[str]:
    """Questions of English words, the same each time."""
    rng = np.random.default_rng(seed)
    return [prose(rng, WORDS_PER_QUESTION) for _ in range(questions)]


class BareParts:
    """The libraries themselves, with nothing of ours around them: the same models, index files, words and depth.

    Of what each library offers the fast way is taken: FAISS with its own threads and without a selector, tantivy
    without counting all that matches. Nothing is fetched, and nothing is looked up besides.
    """

    def __init__(self, library: Library, embedder: OnnxEmbedder, indexes: LibraryIndexes) -> None:
        import faiss
        import tantivy

        self._session, self._tokenizer = embedder._session, embedder._loaded_tokenizer()
        bases = list(indexes._vectors_folder.glob("base-*.faiss"))
        self._vectors = faiss.read_index(str(bases[0])) if bases else faiss.IndexFlatIP(embedder.dimension)
        if not bases:
            with library.snapshot() as snapshot:
                for batch in snapshot.vectors_after(0):
                    self._vectors.add(batch.vectors)
        if hasattr(self._vectors, "nprobe"):
            self._vectors.nprobe = int(self._vectors.nlist * PROBED)
        self._texts = tantivy.Index.open(str(indexes.texts.folder))
        self._texts.register_tokenizer("words", indexes.texts._analyser.analyser)
        self._threads = faiss.omp_get_max_threads()

    def ask(self, question: str) -> dict[str, float]:
        """Embed, search the vectors, search the words; the seconds that each took."""
        import faiss

        faiss.omp_set_num_threads(self._threads)  # the product sets its own where it searches in the same thread
        began = time.perf_counter()
        ids = np.array([self._tokenizer.encode(question).ids])
        (vector,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        embedded = time.perf_counter()
        self._vectors.search(vector, CANDIDATES)
        searched = time.perf_counter()
        query = self._texts.parse_query(question, ["text"])
        self._texts.searcher().search(query, CANDIDATES, count=False)
        ended = time.perf_counter()
        return {"embed": embedded - began, "faiss": searched - embedded, "tantivy": ended - searched}


async def _ask(own: LibrarySource, bare: BareParts, asked: Sequence[str]) -> tuple[list[float], dict[str, list[float]]]:
    """The seconds of each question. Each is first asked of the one and of the other by turns, since who comes second
    finds what the first read from the disk.
    """
    ours: list[float] = []
    parts: dict[str, list[float]] = {}

    async def ask_ours(question: str) -> None:
        began = time.perf_counter()
        await own.search(question)
        ours.append(time.perf_counter() - began)

    async def ask_parts(question: str) -> None:
        for part, seconds in bare.ask(question).items():
            parts.setdefault(part, []).append(seconds)

    for question in drawn(WARM_UP, SEED + 2):
        await own.search(question)
        bare.ask(question)
    for number, question in enumerate(asked):
        turns = (ask_ours, ask_parts) if number % 2 else (ask_parts, ask_ours)
        for ask in turns:
            await ask(question)
    return ours, parts


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--chunks", type=int, default=CHUNKS, help="size of the library")
    parser.add_argument("--library", type=Path, help="keep the library in this folder, and use the one that is there")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as home:
        figures = measure(options.library or Path(home), options.chunks)
    print(json.dumps(figures) if options.json else f"{figures['p95_ms']} ms at p95, {figures['ratio']} times its parts")


if __name__ == "__main__":
    main()
