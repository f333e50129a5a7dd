"""Measures how well a sentence finds what it tells of: a vulnerability its weaknesses, a procedure its technique.

DATA is JSON lines of {id, query, cwe: [...]} or {id, query, technique: [...], source_name}. The catalogue is MITRE's
own as the importers read it, in a fresh library, cut down to names and descriptions: relationships and examples hold
the answers. Labelled sentences may be added as sentences of their record; for each question only those that share
neither its id, nor its source_name, nor its text.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from workbench.core.database import Database
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.embedder import Embedder, OnnxEmbedder, space_of
from workbench.core.knowledge.importers.attack import EXAMPLES_HEADING
from workbench.core.knowledge.importers.base import HEAD_BYTES
from workbench.core.knowledge.importers.cwe_weakness import OBSERVED_HEADING
from workbench.core.knowledge.importers.registry import importer_of, recognise
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.records import NAMES_HEADING
from workbench.core.knowledge.stored import OWN, document_id
from workbench.core.retrieval import Retrieval
from workbench.core.stores.library_source import library_sources
from workbench.core.values import Value
from workbench.evaluation.ranking import score_rankings
from workbench.evaluation.remembering import RememberingEmbedder
from workbench.evaluation.retrieval import DEPTH, EvaluationError, take_in, whole
from workbench.places import Places

FOLDS = 5
"""Groups that questions with labelled sentences of their kin are asked in; each sees the sentences of the others."""

SECTIONS = frozenset({"Description", NAMES_HEADING})
"""What is kept of a catalogue's entry, besides its title."""


class ThreatPair(Value):
    """A sentence and the records that it tells of; a vulnerability's weaknesses or a procedure's techniques."""

    id: str
    query: str
    cwe: tuple[str, ...] = ()
    technique: tuple[str, ...] = ()
    source_name: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """The identifiers that are right."""
        return self.cwe or self.technique

    @property
    def kin(self) -> Iterator[str]:
        """What it must not share with a labelled sentence that helps to answer it."""
        yield f"id {self.id}"
        yield f"text {' '.join(self.query.casefold().split())}"
        if self.source_name:
            yield f"source {self.source_name.casefold()}"


def evaluate(
    data: Path,
    knowledge: Path | None = None,
    labelled: Path | None = None,
    places: Places | None = None,
    embedder: Embedder | None = None,
) -> dict[str, float]:
    """Ask every question of a fresh library with the catalogue in `knowledge` and score the records found.

    `documents` counts the catalogue's entries, `labelled` the sentences added at most for a question, `unknown` the
    questions of which no answer is in the catalogue: they count as missed. Raises EvaluationError for unusable data.
    """
    started = time.perf_counter()
    pairs = read_pairs(data)
    sentences = read_pairs(labelled) if labelled else []
    catalogue = read_catalogue(knowledge or default_knowledge(), PassageKind.WEAKNESS if pairs[0].cwe else None)
    used = RememberingEmbedder(embedder or OnnxEmbedder(places or Places.default()))
    rankings: dict[str, list[str]] = {}
    most = 0
    for asked, learned in rounds(pairs, sentences):
        documents = with_sentences(catalogue, learned)
        most = max(most, len(learned))
        with tempfile.TemporaryDirectory(prefix="workbench-eval-", ignore_cleanup_errors=True) as home:
            rankings |= asyncio.run(_rank(asked, documents, Places.under(Path(home)), used))
    judgements = {str(number): dict.fromkeys(pair.answers, 1) for number, pair in enumerate(pairs)}
    scores = {name: round(value, 4) for name, value in score_rankings(rankings, judgements).items()}
    known = {document.identifiers[0] for document in catalogue}
    return {
        **scores,
        "queries": len(pairs),
        "documents": len(catalogue),
        "labelled": most,
        "unknown": sum(known.isdisjoint(pair.answers) for pair in pairs),
        "seconds": round(time.perf_counter() - started, 3),
    }


def read_pairs(path: Path) -> list[ThreatPair]:
    """The pairs in their order; raises EvaluationError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read as UTF-8 text ({error}); give a JSONL file") from error
    pairs = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line).items()
            pair = ThreatPair.model_validate({key: value for key, value in fields if key in ThreatPair.model_fields})
        except (ValueError, AttributeError) as error:
            raise EvaluationError(
                f"Line {number} of {path.name} is no pair of id, query and cwe or technique"
            ) from error
        if not pair.answers:
            raise EvaluationError(f"Line {number} of {path.name} names neither a cwe nor a technique")
        pairs.append(pair)
    if not pairs or len({bool(pair.cwe) for pair in pairs}) > 1:
        raise EvaluationError(f"{path.name} must hold pairs of one sort, with cwe or with technique, and has not")
    return pairs


def default_knowledge() -> Path:
    """The folder knowledge/ beside the one that WORKBENCH_EVAL names; raises EvaluationError when it is not there."""
    named = os.environ.get("WORKBENCH_EVAL")
    folder = Path(named).parent / "knowledge" if named else None
    if folder is None or not folder.is_dir():
        raise EvaluationError(
            "The folder with MITRE's catalogues was not found"
            + (f" at {folder}" if folder else ", as WORKBENCH_EVAL is not set")
            + "; name it with --knowledge"
        )
    return folder


def read_catalogue(folder: Path, kind: PassageKind | None) -> list[LoadedDocument]:
    """Weaknesses or techniques as their importer reads them from the files in `folder`, names and descriptions only.

    Raises EvaluationError when the folder has no such file.
    """
    name, wanted = ("cwe", PassageKind.WEAKNESS) if kind is PassageKind.WEAKNESS else ("attack", PassageKind.TECHNIQUE)
    found: dict[str, LoadedDocument] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and recognise(_head(path)) == name:
            documents = importer_of(name).read(path.read_bytes()).documents
            found |= {entry.identifiers[0]: _described(entry) for entry in documents if entry.kind is wanted}
    if not found:
        raise EvaluationError(f"{folder} has no file of {importer_of(name).title}; name the folder with --knowledge")
    return list(found.values())


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _described(document: LoadedDocument) -> LoadedDocument:
    blocks = tuple(block for block in document.blocks if block.heading in SECTIONS)
    return document.model_copy(update={"blocks": blocks, "relations": (), "records": document.records[:1]})


def with_sentences(catalogue: Sequence[LoadedDocument], learned: Iterable[ThreatPair]) -> list[LoadedDocument]:
    """The catalogue with the sentences that were learned as lines of their records, as the importers write them."""
    told: dict[str, list[str]] = defaultdict(list)
    for pair in learned:
        for answer in pair.answers:
            told[answer].append(" ".join(pair.query.split()))
    return [_with_lines(document, told.get(document.identifiers[0], [])) for document in catalogue]


def _with_lines(document: LoadedDocument, lines: list[str]) -> LoadedDocument:
    if not lines:
        return document
    heading = OBSERVED_HEADING if document.kind is PassageKind.WEAKNESS else EXAMPLES_HEADING
    block = Block(text="\n".join(dict.fromkeys(lines)), heading=heading, asks=True)
    return document.model_copy(update={"blocks": (*document.blocks, block)})


def rounds(
    pairs: Sequence[ThreatPair], sentences: Sequence[ThreatPair]
) -> Iterator[tuple[dict[str, ThreatPair], list[ThreatPair]]]:
    """The questions by number, each with sentences that are no kin of it, and together as few libraries as will do.

    Kinship goes through both lists: what shares an id, a source or a text with a kin is kin.
    """
    family = _families([*pairs, *sentences])
    of_pairs, of_sentences = family[: len(pairs)], family[len(pairs) :]
    shared = sorted(set(of_pairs) & set(of_sentences))
    fold = {kin: 1 + number % FOLDS for number, kin in enumerate(shared)}
    for number in range(FOLDS + 1):
        asked = {str(n): pair for n, pair in enumerate(pairs) if fold.get(of_pairs[n], 0) == number}
        if asked:
            yield (
                asked,
                [
                    sentence
                    for sentence, kin in zip(sentences, of_sentences, strict=True)
                    if not number or fold.get(kin) != number
                ],
            )


def _families(pairs: Sequence[ThreatPair]) -> list[int]:
    """For each pair the number of its family: the first pair that it is kin of, through however many others."""
    first: dict[str, int] = {}
    leader = list(range(len(pairs)))

    def lead(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for number, pair in enumerate(pairs):
        for mark in pair.kin:
            one, other = sorted((lead(first.setdefault(mark, number)), lead(number)))
            leader[other] = one
    return [lead(number) for number in range(len(pairs))]


async def _rank(
    asked: Mapping[str, ThreatPair], documents: Sequence[LoadedDocument], places: Places, embedder: Embedder
) -> dict[str, list[str]]:
    places.make()
    with Database(places.database) as database:
        library = Library(database, space_of(embedder))
        await take_in(documents, library, embedder)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        await asyncio.to_thread(indexes.complete)
        retrieval = Retrieval(library_sources(library, indexes, embedder), seconds=600)
        names = {document_id(OWN, document.path): document.identifiers[0] for document in documents}
        return {number: await _ranking(retrieval, pair.query, names) for number, pair in asked.items()}


async def _ranking(retrieval: Retrieval, question: str, names: Mapping[str, str]) -> list[str]:
    answer = whole(await retrieval.search(question, limit=DEPTH))
    return list(dict.fromkeys(names[passage.document_id] for passage in answer.passages))
