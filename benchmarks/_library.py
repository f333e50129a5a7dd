"""A library of made-up chunks for the benchmarks: words and vectors drawn from a fixed seed, nothing embedded."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from workbench.core.database import Database
from workbench.core.knowledge.documents import Block, Chunk, LoadedDocument
from workbench.core.knowledge.embedder import OnnxEmbedder, space_of
from workbench.core.knowledge.library import Library
from workbench.places import Places

CHUNKS_PER_DOCUMENT = 100
WORDS_PER_CHUNK = 120
VOCABULARY = 20_000
SEED = 20_250_825
JITTER = 0.5
"""Length of the noise that is added to a vector of length 1."""


def words(rng: np.random.Generator, count: int) -> str:
    """Made-up words with the frequencies of a natural language (Zipf's law)."""
    return " ".join(f"{'bcdfgklm'[rank % 8]}{'aeiou'[rank % 5]}x{rank:x}" for rank in _ranks(rng, count))


def prose(rng: np.random.Generator, count: int) -> str:
    """English words in no order, as frequent as in a natural text: as many are stop words, and none is a code word."""
    known = _vocabulary()
    return " ".join(known[rank - 1] for rank in _ranks(rng, count))


def _ranks(rng: np.random.Generator, count: int) -> list[int]:
    ranks: list[int] = np.minimum(rng.zipf(1.3, count), VOCABULARY).tolist()
    return ranks


@cache
def _vocabulary() -> list[str]:
    """The whole words that the embedder's tokenizer knows, which lists them by their frequency."""
    ids = OnnxEmbedder(Places.default())._loaded_tokenizer().get_vocab()
    whole = [word for word in ids if word.isascii() and word.isalpha() and len(word) > 1]
    return sorted(whole, key=ids.__getitem__)[:VOCABULARY]


def fill(library: Library, chunks: int, dimension: int, real: np.ndarray | None = None) -> None:
    """Take in `chunks` chunks of WORDS_PER_CHUNK words, with random vectors or jittered copies of `real` ones."""
    rng = np.random.default_rng(SEED)
    size = min(chunks, CHUNKS_PER_DOCUMENT)
    for number in range(chunks // size):
        pieces = [Chunk(ordinal=n, text=prose(rng, WORDS_PER_CHUNK)) for n in range(size)]
        document = LoadedDocument(
            path=f"made-up-{number}", title=f"Made up {number}", media_type="text/plain", blocks=(Block(text="-"),)
        )
        library.replace(document, "made up", pieces, _drawn(rng, size, dimension, real))


def jittered(rng: np.random.Generator, real: np.ndarray) -> np.ndarray:
    """Copies that are as near to their originals (cosine .89 in the mean) as chunks of one subject are."""
    noise = rng.standard_normal(real.shape).astype(np.float32) * (JITTER / real.shape[1] ** 0.5)
    vectors = real + noise
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _drawn(rng: np.random.Generator, count: int, dimension: int, real: np.ndarray | None) -> np.ndarray:
    if real is not None:
        return jittered(rng, real[rng.integers(0, len(real), count)])
    vectors = rng.standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@contextmanager
def open_library(home: Path) -> Iterator[tuple[Library, OnnxEmbedder, Places]]:
    """A library under `home` with its embedder, exported into `home` if it was not before."""
    places = Places.under(home)
    places.make()
    embedder = OnnxEmbedder(places)
    embedder.prepare()
    with Database(places.database) as database:
        yield Library(database, space_of(embedder)), embedder, places
