"""Vectors of real chunks: Python's standard library, installed packages and /usr/share/doc, through the product.

usage: python -m benchmarks._real FOLDER [COUNT]

Loads, cuts and embeds files in an order drawn once until there are COUNT chunks; what is in FOLDER already is kept, so
it can be stopped and called again. `vectors.f32` holds the rows, `files.jsonl` the files they are from.
"""

import json
import random
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench.core.knowledge.chunker import chunk_document
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.embedder import DIMENSION, OnnxEmbedder
from workbench.core.knowledge.loaders.registry import load_file
from workbench.places import Places

SEED = 20_261_123
ENDINGS = {".py", ".md", ".rst", ".txt", ".html", ".c", ".h", ".js", ".sh", ".toml", ""}
MOST_OF_A_FILE = 30
"""Chunks taken of one file, so that no large file makes up the set."""
MOST_BYTES = 400_000


def roots() -> list[Path]:
    """Where the files are."""
    paths = sysconfig.get_paths()
    return [Path(paths["stdlib"]), Path(paths["purelib"]), Path("/usr/share/doc")]


def files() -> Iterator[Path]:
    """Regular files of kinds that people read, each root's in an order of its own, the roots in turn."""
    rng = random.Random(SEED)
    of_each = [sorted(path for path in root.rglob("*") if _is_wanted(path, root)) for root in roots()]
    for paths in of_each:
        rng.shuffle(paths)
    for place in range(max(map(len, of_each))):
        yield from (paths[place] for paths in of_each if place < len(paths))


def _is_wanted(path: Path, root: Path) -> bool:
    inside = path.relative_to(root).parts
    if path.suffix not in ENDINGS or path.is_symlink() or (root.name == "python3.11" and "site-packages" in inside):
        return False
    return path.is_file() and 200 < path.stat().st_size < MOST_BYTES


def embed(folder: Path, count: int, embedder: OnnxEmbedder) -> int:
    """Embed until `folder` holds `count` vectors or the files have no more; returns how many it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    notes = folder / "files.jsonl"
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    done = {line["path"]: line["chunks"] for line in map(json.loads, lines)}
    held = sum(done.values())
    with (folder / "vectors.f32").open("r+b" if held else "wb") as rows, notes.open("a", encoding="utf-8") as told:
        rows.seek(held * DIMENSION * 4)
        for path in files():
            if held >= count:
                break
            if str(path) in done:
                continue
            vectors = _vectors_of(path, embedder)
            rows.write(vectors.tobytes())
            rows.flush()
            told.write(json.dumps({"path": str(path), "chunks": len(vectors)}) + "\n")
            told.flush()
            held += len(vectors)
    return held


def _vectors_of(path: Path, embedder: OnnxEmbedder) -> np.ndarray:
    try:
        document, _ = load_file(path)
    except (LoadError, RecursionError, UnicodeError):
        return np.empty((0, DIMENSION), np.float32)
    chunks = chunk_document(document, embedder)[:MOST_OF_A_FILE]
    return embedder.embed([chunk.embedded_text for chunk in chunks])


def load(folder: Path) -> np.ndarray:
    """The vectors that `folder` holds (n, 384), each once: licences and generated files are in many packages."""
    rows = np.fromfile(folder / "vectors.f32", dtype=np.float32)
    vectors = rows[: len(rows) // DIMENSION * DIMENSION].reshape(-1, DIMENSION)
    return np.unique(vectors, axis=0)


if __name__ == "__main__":
    print(embed(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000, OnnxEmbedder(Places.default())))
