"""Kills an ingestion at random moments, starts it again each time, and compares the end with a build never disturbed.

A child process takes in a made-up folder of mixed files with the real embedder, saves the indexes, takes in what
changed since (a second version of the folder), and saves again; it is killed (SIGKILL) at 50 random moments over
several such builds. After each kill the database must hold nothing torn: no chunk without a document or vector, no
vector, record or relation without its owner, nothing twice. After each build that came to its end, documents, passage
ids, the digests of the vectors and the first ten passages for 20 questions must be those of the clean build, after each
version. After the second the indexes are built anew first (as `workbench reindex` does): the full text index counts the
words of removed chunks until it merges its segments, so that the scores of an index that saw every change differ a
little from those of one that was built at once, killed or not.
"""

import argparse
import asyncio
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks._library import SEED, open_library
from benchmarks._mixed import change_folder, questions, write_folder
from workbench.core.database import Database
from workbench.core.knowledge.embedder import OnnxEmbedder, space_of
from workbench.core.knowledge.ingest_events import FileEnded, FileState
from workbench.core.knowledge.keeping import Keeping
from workbench.core.knowledge.library import Library
from workbench.places import Places

KILLS, FILES, QUESTIONS = 50, 60, 20
KILLS_A_BUILD = 8
"""About how often one build is killed: each life of the child is shorter than the whole by this factor."""

TORN = {
    "chunks without document": "SELECT count(*) FROM chunks WHERE document_id NOT IN (SELECT id FROM documents)",
    "chunks without vector": "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk_id FROM vectors)",
    "vectors without chunk": "SELECT count(*) FROM vectors WHERE chunk_id NOT IN (SELECT id FROM chunks)",
    "records without document": "SELECT count(*) FROM records WHERE document_id NOT IN (SELECT id FROM documents)",
    "relations without document": "SELECT count(*) FROM relations WHERE document_id NOT IN (SELECT id FROM documents)",
    "documents twice": "SELECT count(*) - count(DISTINCT collection || char(0) || path) FROM documents",
    "chunks twice": "SELECT count(*) FROM (SELECT 1 FROM chunks GROUP BY document_id, ordinal HAVING count(*) > 1)",
    "chunks missing in the middle": """
        SELECT count(*) FROM (SELECT count(*) AS there, max(ordinal) + 1 AS due FROM chunks GROUP BY document_id)
        WHERE there != due
    """,
    "documents without chunks": """
        SELECT count(*) FROM documents WHERE state = 'ingested' AND id NOT IN (SELECT document_id FROM chunks)
    """,
    "removed and there": "SELECT count(*) FROM removed_chunks WHERE chunk_id IN (SELECT id FROM chunks)",
}


def measure(work: Path, kills: int = KILLS, files: int = FILES, seed: int = SEED) -> dict[str, object]:
    """The counts of everything that was wrong, all 0 when nothing was; raises when a child fails by itself."""
    with open_library(work / "model"):
        pass
    began = time.perf_counter()
    expected = _build(work, "clean", files, None)[0]
    whole = time.perf_counter() - began
    wrong: Counter[str] = Counter()
    rng = random.Random(seed)
    done, builds = 0, 0
    while done < kills:
        found, killed = _build(work, f"build-{builds}", files, _Killer(rng, whole / KILLS_A_BUILD, kills - done, wrong))
        done, builds = done + killed, builds + 1
        for what in expected:
            wrong[f"builds with other {what}"] += found[what] != expected[what]
    return {
        "kills": done,
        "builds": builds,
        "documents": len(expected["documents of version 2"]),
        "passages": len(expected["passages of version 2"]),
        "questions": len(expected["answers of version 2"]),
        "faults": sum(wrong.values()),
        **{what: count for what, count in sorted(wrong.items()) if count},
        "seconds": round(time.perf_counter() - began),
    }


class _Killer:
    """Ends a child at a random moment of its next so many seconds, at most so often."""

    def __init__(self, rng: random.Random, seconds: float, most: int, wrong: Counter[str]) -> None:
        self._rng, self._seconds, self.left, self._wrong = rng, seconds, most, wrong

    def watch(self, child: "subprocess.Popen[str]", database: Path) -> bool:
        """Whether the child was killed; it is left to end when it has been killed often enough."""
        if not self.left:
            return False
        try:
            child.wait(self._rng.uniform(0, 2 * self._seconds))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            self.left -= 1
            for what, count in faults(database).items():
                self._wrong[what] += bool(count)
            return True
        return False


def faults(database: Path) -> dict[str, int]:
    """How many of each torn thing a database has, as it is found after the end of a program."""
    connection = sqlite3.connect(database)
    try:
        found = {what: int(connection.execute(query).fetchone()[0]) for what, query in TORN.items()}
        found["broken pages"] = connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
        found["broken references"] = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    finally:
        connection.close()
    return found


def _build(work: Path, name: str, files: int, killer: _Killer | None) -> tuple[dict[str, list[object]], int]:
    """Take in both versions of the folder, from the same path in every build; what is there in the end, and kills."""
    home, folder = work / name, work / "folder"
    places = Places.under(home)
    places.make()
    places.models.symlink_to(Places.under(work / "model").models, target_is_directory=True)
    killed, found = 0, {}
    for version in (1, 2):
        _write_version(folder, files, version)
        while not _comes_to_its_end(home, folder, killer):
            killed += 1
        if version == 2:
            shutil.rmtree(places.indexes)
        asking = _start("--look", home, folder)
        told, _ = asking.communicate()
        if asking.returncode:
            raise RuntimeError(f"{name} could not be looked at")
        found |= {f"{what} of version {version}": rows for what, rows in json.loads(told).items()}
    return found, killed


def _comes_to_its_end(home: Path, folder: Path, killer: _Killer | None) -> bool:
    """Start the child once; whether it was left to end."""
    child = _start("--take-in", home, folder)
    assert child.stdout is not None
    child.stdout.readline()
    killed = killer is not None and killer.watch(child, Places.under(home).database)
    child.stdout.close()
    if not killed and child.wait():
        raise RuntimeError(f"the ingestion in {home} failed by itself ({child.returncode})")
    return not killed


def _write_version(folder: Path, files: int, version: int) -> None:
    for path in sorted(folder.rglob("*.*")) if folder.is_dir() else []:
        path.unlink()
    write_folder(folder, files)
    if version == 2:
        change_folder(folder)


def _start(what: str, home: Path, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.kills", what, str(home), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def take_in(home: Path, folder: Path) -> None:
    """What the child does: says that it begins, takes the folder in, goes on with what was broken off, saves."""
    from workbench.core.knowledge.indexes import LibraryIndexes

    with _opened(home) as (database, library, embedder, places):
        print("begun", flush=True)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)

        async def run() -> None:
            keeping = Keeping(database, library, embedder)
            for job in [*await keeping.go_on(), keeping.ingest([folder])]:
                async for event in job:
                    if isinstance(event, FileEnded) and event.state is FileState.FAILED:
                        raise RuntimeError(event.reason)
            await keeping.close()

        asyncio.run(run())
        indexes.refresh()
        indexes.close()


def look(home: Path, folder: Path) -> dict[str, list[object]]:
    """Everything that must be the same however a library came about."""
    from workbench.core.knowledge.indexes import LibraryIndexes
    from workbench.core.retrieval import Retrieval, search_records
    from workbench.core.stores.library_source import library_sources

    with _opened(home) as (database, library, embedder, places):
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        retrieval = Retrieval(library_sources(library, indexes, embedder))

        async def ask(question: str) -> list[str]:
            return [passage.id for passage in (await search_records(retrieval, question)).passages]

        async def ask_all() -> list[list[str]]:
            return [await ask(question) for question in questions(folder, QUESTIONS)]

        answers = asyncio.run(ask_all())
        indexed = [len(indexes.vectors), len(indexes.texts)]
        indexes.close()
        return {**_rows(database), "indexed": [*indexed], "answers": [*answers]}


@contextmanager
def _opened(home: Path) -> Iterator[tuple[Database, Library, OnnxEmbedder, Places]]:
    places = Places.under(home)
    embedder = OnnxEmbedder(places)
    embedder.prepare()
    with Database(places.database) as database:
        yield database, Library(database, space_of(embedder)), embedder, places


def _rows(database: Database) -> dict[str, list[object]]:
    with database.read() as connection:
        documents = connection.execute("SELECT id, path, content_hash, state, title FROM documents ORDER BY id")
        passages = connection.execute(
            """
            SELECT passage_id, document_id, ordinal, location, header, vector
            FROM chunks JOIN vectors ON chunk_id = chunks.id ORDER BY passage_id
            """
        )
        return {
            "documents": [list(row) for row in documents],
            "passages": [[*row[:-1], hashlib.sha256(row[-1]).hexdigest()] for row in passages],
        }


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=SEED, help="for other moments")
    parser.add_argument("--take-in", nargs=2, type=Path, metavar=("HOME", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--look", nargs=2, type=Path, metavar=("HOME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.take_in:
        take_in(*options.take_in)
    elif options.look:
        print(json.dumps(look(*options.look)))
    else:
        with tempfile.TemporaryDirectory() as work:
            figures = measure(Path(work), options.kills, options.files, options.seed)
        print(
            json.dumps(figures)
            if options.json
            else "{kills} kills over {builds} builds of {passages} passages: {faults} faults".format(**figures)
        )


if __name__ == "__main__":
    main()
