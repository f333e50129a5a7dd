"""The library as a source: found by words and by meaning, narrowed to its collections and the kinds asked for."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from workbench.core.evidence import Passage, PassageKind
from workbench.core.fusion import DEPTH, Hit, fuse
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.knowledge.embedder import Embedder, QuestionVectors
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library, collection_of, in_scope
from workbench.core.knowledge.stored import OWN_SOURCE, STARTER, STARTER_SOURCE
from workbench.core.relevance import relevance
from workbench.core.stores.base import PartialAnswerError
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

CANDIDATES = DEPTH
"""Chunks taken from each index before they are fused; more when more passages are asked for."""

PREPARE_SECONDS = 5.0
"""How long a search waits for the embedder to be ready; past that it answers by words alone and says so."""


class LibrarySource:
    """One part of the library, such as the starter knowledge. `owns` says which collections belong to it."""

    def __init__(
        self,
        name: str,
        library: Library,
        indexes: LibraryIndexes,
        questions: QuestionVectors,
        owns: Callable[[str], bool],
        *,
        prepare_seconds: float = PREPARE_SECONDS,
    ) -> None:
        self.name = name
        self._library, self._indexes, self._questions = library, indexes, questions
        self._owns = owns
        self._prepare_seconds = prepare_seconds
        self._preparing: asyncio.Future[None] | None = None

    async def search(self, question: str, *, kinds: tuple[PassageKind, ...] = (), limit: int = 10) -> list[Passage]:
        """The best passages first; a record whose identifier the question names stands before all others.

        Of a question that is an identifier and nothing else the answer begins with that record from its beginning.

        Raises PartialAnswerError with what the words alone found when the embedder is not ready or broken.
        """
        missing, _ = await asyncio.gather(self._prepare(), asyncio.to_thread(self._indexes.catch_up))
        passages = await asyncio.to_thread(self._find, question, kinds, limit, by_meaning=missing is None)
        if missing is not None:
            raise PartialAnswerError(missing, passages)
        return passages

    async def _prepare(self) -> str | None:
        """Wait a while for the embedder, all searches for the same one; what is wrong with it, None when nothing is."""
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.ensure_future(asyncio.to_thread(self._questions.embedder.prepare))
        preparing = self._preparing
        await asyncio.wait([preparing], timeout=self._prepare_seconds)
        if not preparing.done():
            return "The embedder is still being prepared, so this was searched by words only; ask again in a minute"
        error = preparing.exception()
        if error is None:
            return None
        if isinstance(error, WorkbenchError):
            return f"{error}; this was searched by words only"
        return f"The embedder failed ({type(error).__name__}: {error}), so this was searched by words only"

    def _find(self, question: str, kinds: Sequence[PassageKind], limit: int, *, by_meaning: bool) -> list[Passage]:
        scopes = [s for s in self._indexes.scopes if self._owns(collection_of(s)) and in_scope(s, kinds)]
        candidates = max(CANDIDATES, 2 * limit)
        vectors = self._questions.of(question) if by_meaning else None
        vector_hits = [] if vectors is None else self._indexes.vectors.search(vectors, candidates, scopes)
        ranked = fuse(self._indexes.texts.search(question, candidates, scopes), vector_hits)
        named = self._opened(question, scopes) or self._named(question, scopes, ranked)[: max(1, limit // 2)]
        first = set(named)
        order = [*named, *(chunk for chunk, _ in ranked if chunk not in first)]
        found = dict(islice(self._different(order, limit), limit))
        return self._scored(question, vectors, found, first)

    def _opened(self, question: str, scopes: Collection[str]) -> list[int]:
        """All chunks of a record in reading order, when the question is its identifier and nothing else."""
        identifiers = find_identifiers(question)
        if len(identifiers) != 1 or identifiers[0].casefold() != question.strip().casefold():
            return []
        return [chunk for _, chunk, scope in self._library.chunks_of_records(identifiers) if scope in scopes]

    def _named(self, question: str, scopes: Collection[str], ranked: Sequence[Hit]) -> list[int]:
        """For each identifier in the question the best chunk of its record, in the order they are mentioned."""
        identifiers = find_identifiers(question)
        if not identifiers:
            return []
        score = dict(ranked)
        best: dict[str, int] = {}
        for identifier, chunk, scope in self._library.chunks_of_records(identifiers):
            if scope not in scopes:
                continue
            if identifier not in best or score.get(chunk, 0.0) > score.get(best[identifier], 0.0):
                best[identifier] = chunk
        return [best[identifier] for identifier in identifiers if identifier in best]

    def _different(self, order: Sequence[int], batch: int) -> Iterable[tuple[int, Passage]]:
        """The passages of chunks in that order, the same text once."""
        seen: set[str] = set()
        for start in range(0, len(order), max(1, batch)):
            some = order[start : start + batch]
            passages = self._library.passages(some)
            for chunk in some:
                text = " ".join(passages[chunk].text.split()) if chunk in passages else ""
                if text and text not in seen:
                    seen.add(text)
                    yield chunk, passages[chunk]

    def _scored(
        self, question: str, vectors: "np.ndarray | None", found: dict[int, Passage], named: Collection[int]
    ) -> list[Passage]:
        cosines = {} if vectors is None else self._indexes.vectors.cosines(vectors, list(found))
        coverage = self._indexes.texts.coverage(question, [f"{p.title}\n{p.text}" for p in found.values()])
        return [
            passage.model_copy(
                update={
                    "source": self.name,
                    "score": 1.0 if chunk in named else relevance(cosines.get(chunk), covered),
                }
            )
            for (chunk, passage), covered in zip(found.items(), coverage, strict=True)
        ]


def library_sources(library: Library, indexes: LibraryIndexes, embedder: Embedder) -> list[LibrarySource]:
    """The library's two sources: the starter knowledge, and all that the user took in."""
    questions = QuestionVectors(embedder)
    return [
        LibrarySource(STARTER_SOURCE, library, indexes, questions, lambda collection: collection == STARTER),
        LibrarySource(OWN_SOURCE, library, indexes, questions, lambda collection: collection != STARTER),
    ]
