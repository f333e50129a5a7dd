"""Measures the product's own ingest and search on judged questions (BEIR layout)."""

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.database import Database
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import Embedder, OnnxEmbedder, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.ingest_events import FileEnded, FileState
from workbench.core.knowledge.ingestion import ingest_documents
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import OWN, document_id
from workbench.core.retrieval import Retrieval, SearchAnswer
from workbench.core.stores.library_source import library_sources
from workbench.core.values import WorkbenchError
from workbench.evaluation.ranking import score_rankings
from workbench.places import Places

DEPTH = 100
"""Documents ranked for each question."""

PASSAGES = 250
"""Passages asked for, so that most questions find DEPTH different documents."""


class EvaluationError(WorkbenchError):
    """The labelled data cannot be used."""


@dataclass(frozen=True)
class JudgedCollection:
    """Documents, questions, and grades by question and document."""

    documents: tuple[tuple[str, LoadedDocument], ...]
    questions: dict[str, str]
    judgements: dict[str, dict[str, int]]


def evaluate(folder: Path, places: Places | None = None, embedder: Embedder | None = None) -> dict[str, float]:
    """Take the collection into a library of its own, ask every judged question, and score the answers.

    A document counts where its best passage stands. `seconds` is the whole time, ingestion included. The embedder's
    export is kept in the cache of `places`; nothing else of it is touched. Raises EvaluationError for unusable data.
    """
    started = time.perf_counter()
    collection = read_collection(folder)
    used = embedder or OnnxEmbedder(places or Places.default())
    with tempfile.TemporaryDirectory(prefix="workbench-eval-", ignore_cleanup_errors=True) as home:
        rankings = asyncio.run(_rank(collection, Places.under(Path(home)), used))
    scores = {name: round(value, 4) for name, value in score_rankings(rankings, collection.judgements).items()}
    return {
        **scores,
        "queries": len(rankings),
        "documents": len(collection.documents),
        "seconds": round(time.perf_counter() - started, 3),
    }


def read_collection(folder: Path) -> JudgedCollection:
    """Read corpus.jsonl, queries.jsonl and qrels.tsv; of the questions those with a relevant document are kept.

    Raises EvaluationError naming file and line of what is wrong.
    """
    documents = tuple(
        (identity, judged_document(number, title, text))
        for number, (identity, title, text) in enumerate(_rows(folder / "corpus.jsonl"))
    )
    judgements = _judgements(folder / "qrels.tsv")
    questions = {identity: text for identity, _, text in _rows(folder / "queries.jsonl") if identity in judgements}
    if missing := sorted(judgements.keys() - questions.keys()):
        raise EvaluationError(f"qrels.tsv in {folder} judges the question {missing[0]}, which queries.jsonl lacks")
    return JudgedCollection(documents, questions, judgements)


async def _rank(collection: JudgedCollection, places: Places, embedder: Embedder) -> dict[str, list[str]]:
    with Database(places.database) as database:
        library = Library(database, space_of(embedder))
        await take_in([document for _, document in collection.documents], library, embedder)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        await asyncio.to_thread(indexes.complete)
        retrieval = Retrieval(library_sources(library, indexes, embedder), seconds=600)
        names = {document_id(OWN, document.path): identity for identity, document in collection.documents}
        return {query: await _ranking(retrieval, question, names) for query, question in collection.questions.items()}


async def take_in(
    documents: Iterable[LoadedDocument], library: Library, embedder: Embedder, collection: str = OWN
) -> None:
    """Ingest all of them; raises EvaluationError for the first that cannot be taken in."""
    async for event in ingest_documents(documents, library, embedder, collection):
        if isinstance(event, FileEnded) and event.state is FileState.FAILED:
            raise EvaluationError(f"The document {event.path} could not be taken in: {event.reason}")


def whole(answer: SearchAnswer) -> SearchAnswer:
    """The answer; raises EvaluationError when a source answered in part or not at all: that would measure less."""
    for status in answer.statuses:
        if status.state != "ok":
            raise EvaluationError(f"The source {status.source} did not answer in full: {status.detail}")
    return answer


async def _ranking(retrieval: Retrieval, question: str, names: Mapping[str, str]) -> list[str]:
    answer = whole(await retrieval.search(question, limit=PASSAGES))
    return list(dict.fromkeys(names[passage.document_id] for passage in answer.passages))[:DEPTH]


def judged_document(number: int, title: str, text: str) -> LoadedDocument:
    """What the loaders would make of a document of a judged collection, the `number` of which names it."""
    blocks = (Block(text=text),) if text.strip() else ()
    return LoadedDocument(path=f"document-{number}", title=title, media_type="text/plain", blocks=blocks)


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in _lines(path):
        fields = line.rstrip("\n").split("\t")
        if number == 1 and fields[-1] == "score":
            continue
        try:
            query, document, grade = fields
            grades[query][document] = int(grade)
        except ValueError as error:
            raise EvaluationError(
                f"Line {number} of {path.name} is not query-id, corpus-id and a whole score, with tabs between"
            ) from error
    return {query: found for query, found in grades.items() if any(grade > 0 for grade in found.values())}


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in _lines(path):
        try:
            row: dict[str, Any] = json.loads(line)
            yield str(row["_id"]), str(row.get("title") or ""), str(row["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(f"Line {number} of {path.name} is not a JSON object with _id and text") from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or error}); the folder needs corpus.jsonl, "
            "queries.jsonl and qrels.tsv"
        ) from error
