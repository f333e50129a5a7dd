"""Whether every exact identifier is found first in a library with all of ATT&CK, CWE, CAPEC and KEV and the shelf.

Each record of the four catalogues is asked for by its identifier alone and, of an evenly spread share, in a sentence;
an old identifier must lead to its successor. Goal: all at rank 1. The files are those beside WORKBENCH_EVAL.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workbench.core.database import Database
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.embedder import Embedder, OnnxEmbedder, space_of
from workbench.core.knowledge.importers.base import HEAD_BYTES
from workbench.core.knowledge.importers.registry import entry_of, importer_of, recognise
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.shelf import load_shelf
from workbench.core.knowledge.stored import STARTER
from workbench.core.retrieval import Retrieval, search_records
from workbench.core.stores.library_source import library_sources
from workbench.evaluation.retrieval import take_in
from workbench.evaluation.threats import default_knowledge
from workbench.places import Places

CATALOGUES = ("attack", "capec", "cwe", "kev")
SENTENCE = "What do we know about {} and what should we do?"
EVERY = 10
"""One identifier of so many is also asked for in a sentence."""


def measure(home: Path, knowledge: Path, embedder: Embedder | None = None) -> dict[str, Any]:
    """Import what is not in the library under `home` yet, then ask; `rank_1` is the share of all questions."""
    places = Places.under(home)
    places.make()
    used = embedder or OnnxEmbedder(Places.default())
    used.prepare()
    wanted = {name: documents_of(name, knowledge) for name in CATALOGUES}
    with Database(places.database) as database:
        library = Library(database, space_of(used))
        began = time.perf_counter()
        asyncio.run(_fill(library, used, wanted))
        filled = time.perf_counter() - began
        indexes = LibraryIndexes(library, places.indexes, used.dimension)
        indexes.complete()
        asked = list(questions(wanted))
        began = time.perf_counter()
        wrong = asyncio.run(_ask(Retrieval(library_sources(library, indexes, used), seconds=60), asked))
        seconds = time.perf_counter() - began
    kinds = Counter(kind for kind, _, _ in asked)
    missed = Counter(kind for kind, _, _ in wrong)
    return {
        "rank_1": round(1 - len(wrong) / len(asked), 6),
        "questions": len(asked),
        "by_catalogue": {kind: round(1 - missed[kind] / count, 6) for kind, count in kinds.items()},
        "wrong": [question for _, question, _ in wrong[:20]],
        "documents": sum(map(len, wanted.values())),
        "import_seconds": round(filled, 1),
        "ms_a_question": round(1000 * seconds / len(asked), 1),
    }


def documents_of(name: str, knowledge: Path) -> list[LoadedDocument]:
    """All documents that the importer of that name makes of the files in `knowledge`."""
    paths = [path for path in sorted(knowledge.iterdir()) if path.is_file() and recognise(_head(path)) == name]
    if not paths:
        raise SystemExit(f"{knowledge} has no file of {importer_of(name).title}, so nothing can be measured")
    return [document for path in paths for document in importer_of(name).read(path.read_bytes()).documents]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def questions(wanted: dict[str, list[LoadedDocument]]) -> Iterator[tuple[str, str, str]]:
    """Catalogue, question, and the identifier of the record that is the answer."""
    number = 0
    for name, documents in wanted.items():
        for document in documents:
            for record in document.records:
                yield name, record.id, document.identifiers[0]
                number += 1
                if number % EVERY == 0:
                    yield name, SENTENCE.format(record.id), document.identifiers[0]


async def _fill(library: Library, embedder: Embedder, wanted: dict[str, list[LoadedDocument]]) -> None:
    """Take in what is new; the same documents a second time cost a comparison."""
    await take_in(load_shelf(), library, embedder, STARTER)
    for name, documents in wanted.items():
        await take_in(documents, library, embedder, entry_of(name).collection(""))


async def _ask(retrieval: Retrieval, asked: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Those of which the first record of the answer is another one."""
    wrong = []
    for kind, question, right in asked:
        answer = await search_records(retrieval, question, limit=5)
        if not answer.passages or answer.passages[0].identifiers[:1] != (right,):
            wrong.append((kind, question, right))
    return wrong


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--library", type=Path, help="folder that the library is kept in, to measure again sooner")
    parser.add_argument("--knowledge", type=Path, help="folder of the catalogues' files; beside WORKBENCH_EVAL")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as fresh:
        figures = measure(options.library or Path(fresh), options.knowledge or default_knowledge())
    print(json.dumps(figures) if options.json else f"{figures['rank_1']:.2%} of {figures['questions']} at rank 1")


if __name__ == "__main__":
    main()
