"""A folder of real mixed files goes in, is searched, changes, is searched again, and loses nothing; how the loop felt.

The files are those of the Python that runs this: its standard library with its tests, which are Python, text, HTML,
XML, CSV, JSON, configuration, pictures and files made to be broken. Beside the engine a thread asks its event loop for
a sign of life every 5 ms, as benchmarks/loop_stalls.py does in the window. `make soak FILES=3000` takes an hour.
"""

import argparse
import asyncio
import json
import random
import shutil
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks._library import SEED
from benchmarks.loop_stalls import SignsOfLife, figures
from workbench.core.engine import Engine, FileEnded, FileState, IngestEnded
from workbench.places import Places

FILES, QUESTIONS = 300, 40
SHARE_CHANGED, SHARE_REMOVED = 0.05, 0.02


def copy_files(folder: Path, count: int) -> list[Path]:
    """Copy `count` files of the standard library, drawn from a fixed seed, with their folders."""
    library = Path(sysconfig.get_path("stdlib"))
    there = sorted(path for path in library.rglob("*") if path.is_file() and not _left_out(path.relative_to(library)))
    chosen = random.Random(SEED).sample(there, min(count, len(there)))
    for path in chosen:
        target = folder / path.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return sorted(folder / path.relative_to(library) for path in chosen)


def _left_out(path: Path) -> bool:
    return bool({"__pycache__", "site-packages"} & set(path.parts)) or path.suffix in {".pyc", ".so", ".a", ".o"}


async def measure(home: Path, folder: Path, files: int) -> dict[str, object]:
    """All figures of one round; raises when a file ended without a state or a passage got lost."""
    paths = copy_files(folder, files)
    engine = Engine(Places.under(home))
    await engine.start()
    try:
        await engine.ready()
        signs = SignsOfLife(asyncio.get_running_loop())
        signs.start()
        first = await _pass(engine, folder)
        lost_before = await _lost(engine, folder)
        changed, removed = _change(paths)
        second = await _pass(engine, folder)
        pruned = await engine.library.prune()
        lost_after = await _lost(engine, folder)
        third = await _pass(engine, folder)
        signs.stop()
        collections = {each.name: each for each in await engine.library.collections()}
        await engine.library.reindex(lambda *_: None)
        lost_reindexed = await _lost(engine, folder)
    finally:
        await engine.close()
    return {
        "files": len(paths),
        "chunks": collections["library"].chunks,
        "states": first["counts"],
        "first_s": first["seconds"],
        "changed": changed,
        "updated": second["counts"].get("updated", 0),
        "second_s": second["seconds"],
        "third_s": third["seconds"],
        "unchanged_ratio": round(float(third["seconds"]) / float(first["seconds"]), 4),
        "removed": removed,
        "pruned": len(pruned),
        "lost": lost_before + lost_after + lost_reindexed,
        **figures([delay for _, delay in signs.delays]),
    }


async def _pass(engine: Engine, folder: Path) -> dict[str, object]:
    began, states, told = time.perf_counter(), Counter[str](), 0
    async for event in engine.library.ingest([folder]):
        match event:
            case FileEnded(state=state, reason=reason):
                states[str(state)] += 1
                if state in {FileState.FAILED, FileState.SKIPPED} and not reason:
                    raise RuntimeError(f"{event.path} ended without a reason")
            case IngestEnded(counts=counts):
                told = sum(counts.values())
    if told != sum(states.values()):
        raise RuntimeError("some file did not end")
    return {"counts": dict(states), "seconds": round(time.perf_counter() - began, 2)}


async def _lost(engine: Engine, folder: Path) -> int:
    """How many of QUESTIONS documents are not among the first ten when asked for in their own words, or gone."""
    rng = np.random.default_rng(SEED + 6)
    documents = [each for each in await engine.library.documents("library") if each.chunks]
    lost = sum(1 for each in documents if each.state != "ingested")
    chosen = rng.choice(len(documents), size=min(QUESTIONS, len(documents)), replace=False)
    for number in chosen.tolist():
        view = await engine.library.document(documents[number].id)
        if view is None:
            lost += 1
            continue
        words = view.text.split()
        start = len(words) // 2
        answer = await engine.library.search(" ".join(words[start : start + 40]), sources=["my library"])
        found = {passage.document_id for passage in answer.passages}
        alike = any(documents[number].path in passage.also_in for passage in answer.passages)
        lost += documents[number].id not in found and not alike
    return lost


def _change(paths: Sequence[Path]) -> tuple[int, int]:
    """Add a line to some files, remove others; how many of each."""
    rng = random.Random(SEED + 1)
    python = [path for path in paths if path.suffix == ".py" and path.stat().st_size]
    changed = rng.sample(python, max(1, int(len(paths) * SHARE_CHANGED)))
    for path in changed:
        with path.open("ab") as stream:
            stream.write(b"\n# changed by the soak\n")
    removed = rng.sample(sorted(set(paths) - set(changed)), max(1, int(len(paths) * SHARE_REMOVED)))
    for path in removed:
        path.unlink()
    return len(changed), len(removed)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--files", type=int, default=FILES)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "files"
        folder.mkdir()
        found = asyncio.run(measure(Path(work) / "home", folder, options.files))
    print(json.dumps(found) if options.json else "\n".join(f"{name:<16} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
