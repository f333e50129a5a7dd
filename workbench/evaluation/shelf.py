"""Measures how well the starter knowledge answers questions: is the right entry first, and is a stranger turned away?

The questions are JSON lines: {"question": "...", "kind": "weakness", "entries": ["CWE-89"]}. Any of `entries` is right;
where it is empty the shelf has no answer, and the right answer is that nothing is close.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.database import Database
from workbench.core.knowledge.embedder import Embedder, OnnxEmbedder, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.shelf import load_shelf
from workbench.core.knowledge.stored import STARTER
from workbench.core.retrieval import Retrieval, SearchAnswer, search_records
from workbench.core.stores.library_source import library_sources
from workbench.core.values import Value
from workbench.evaluation.retrieval import EvaluationError, take_in, whole
from workbench.places import Places

SHOWN = 3
"""Entries of an answer that are looked at."""


class ShelfQuestion(Value):
    """A question and the entries that answer it; none where the shelf cannot."""

    question: str = Field(min_length=1)
    kind: str
    entries: tuple[str, ...] = ()


def evaluate(path: Path, places: Places | None = None, embedder: Embedder | None = None) -> dict[str, Any]:
    """Ask every question of a fresh library that holds the shelf only.

    `top1` and `top3` are shares of the answerable questions, also by kind; `turned_away` says of how many of the
    `strangers` nothing was said to be close; `misses` lists what went wrong.

    Raises EvaluationError for unusable data, and when an entry cannot be taken in or an answer is not whole.
    """
    questions = read_questions(path)
    used = embedder or OnnxEmbedder(places or Places.default())
    with tempfile.TemporaryDirectory(prefix="workbench-eval-", ignore_cleanup_errors=True) as home:
        answers = asyncio.run(_ask(questions, Places.under(Path(home)), used))
    asked = [(question, _entries(answer), answer) for question, answer in zip(questions, answers, strict=True)]
    answerable = [(question, found) for question, found, _ in asked if question.entries]
    strangers = [(question, answer) for question, _, answer in asked if not question.entries]
    kinds = dict.fromkeys(question.kind for question, _ in answerable)
    return {
        **_shares(answerable),
        "kinds": {kind: _shares([pair for pair in answerable if pair[0].kind == kind]) for kind in kinds},
        "strangers": len(strangers),
        "turned_away": sum(answer.nothing_close for _, answer in strangers),
        "wrongly_turned_away": sum(answer.nothing_close for question, _, answer in asked if question.entries),
        "misses": [
            {"question": question.question, "right": question.entries, "found": found}
            for question, found in answerable
            if not _hit(question, found, SHOWN)
        ],
        "stretched": [question.question for question, answer in strangers if not answer.nothing_close],
    }


def read_questions(path: Path) -> list[ShelfQuestion]:
    """The questions in their order; raises EvaluationError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read as UTF-8 text ({error}); give a JSONL file") from error
    questions = []
    for number, line in enumerate(lines, 1):
        try:
            questions.append(ShelfQuestion.model_validate_json(line))
        except ValidationError as error:
            raise EvaluationError(f"Line {number} of {path.name} is no question with its entries ({error})") from error
    if not questions:
        raise EvaluationError(f"{path.name} has no questions, so there is nothing to measure")
    return questions


async def _ask(questions: Sequence[ShelfQuestion], places: Places, embedder: Embedder) -> list[SearchAnswer]:
    await asyncio.to_thread(embedder.prepare)
    with Database(places.database) as database:
        library = Library(database, space_of(embedder))
        await take_in(load_shelf(), library, embedder, STARTER)
        indexes = LibraryIndexes(library, places.indexes, embedder.dimension)
        await asyncio.to_thread(indexes.complete)
        retrieval = Retrieval(library_sources(library, indexes, embedder), seconds=600)
        return [whole(await search_records(retrieval, question.question, limit=SHOWN)) for question in questions]


def _entries(answer: SearchAnswer) -> list[str]:
    return [passage.identifiers[0] for passage in answer.passages if passage.identifiers]


def _hit(question: ShelfQuestion, found: Sequence[str], depth: int) -> bool:
    return not set(question.entries).isdisjoint(found[:depth])


def _shares(asked: Sequence[tuple[ShelfQuestion, Sequence[str]]]) -> dict[str, float]:
    if not asked:
        return {"questions": 0}
    return {
        "questions": len(asked),
        "top1": round(fmean(_hit(question, found, 1) for question, found in asked), 4),
        "top3": round(fmean(_hit(question, found, SHOWN) for question, found in asked), 4),
    }
