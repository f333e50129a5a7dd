"""The smaller facets of the engine: library, models, record. Their work is done in threads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.consensus.record import AgentRecord
from workbench.core.doctor import ComponentStatus
from workbench.core.evidence import Passage
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.knowledge.stored import DocumentInfo, DocumentView
from workbench.core.retrieval import SearchAnswer, search_records

if TYPE_CHECKING:
    from workbench.core.consensus.store import RecordStore
    from workbench.core.knowledge.documents import LoadedDocument
    from workbench.core.knowledge.embedder import Embedder
    from workbench.core.knowledge.ingestion import IngestJob
    from workbench.core.knowledge.library import Library
    from workbench.core.retrieval import Retrieval
    from workbench.places import Places


class LibraryFacet:
    """The workbench's own knowledge: take in, search, read, forget."""

    def __init__(
        self, library: "Library", embedder: "Embedder", retrieval: "Retrieval", ready: Callable[[], Awaitable[None]]
    ) -> None:
        self._library, self._embedder, self._retrieval, self._ready = library, embedder, retrieval, ready

    def ingest(self, paths: Sequence[Path]) -> "IngestJob":
        """Begin to take in files and folders; iterate over the job for its events, or cancel it."""
        from workbench.core.knowledge.ingestion import IngestJob

        return IngestJob(paths, self._library, self._embedder)

    def take_in(self, documents: "Iterable[LoadedDocument]", collection: str) -> "IngestJob":
        """Begin to take in documents which are no files, into a collection of their own."""
        from workbench.core.knowledge.ingestion import ingest_documents

        return ingest_documents(documents, self._library, self._embedder, collection)

    async def search(
        self, question: str, filters: SearchFilter = NO_FILTER, limit: int = 10, sources: Sequence[str] | None = None
    ) -> SearchAnswer:
        """Ask the sources (all when None) side by side, each record once; waits until the starter knowledge is in."""
        await self._ready()
        return await search_records(self._retrieval, question, names=sources, filters=filters, limit=limit)

    async def documents(self) -> list[DocumentInfo]:
        """All documents by path, also those that could not be taken in, with the reason."""
        return await asyncio.to_thread(self._library.documents)

    async def document(self, document_id: str) -> DocumentView | None:
        """A document to read, None when there is none of that id."""
        return await asyncio.to_thread(self._library.document, document_id)

    async def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, None when its document was removed or changed."""
        return await asyncio.to_thread(self._library.passage, passage_id)

    async def neighbours(self, passage_id: str, before: int = 1, after: int = 1) -> list[Passage]:
        """A passage with those before and after it in its document, in reading order; [] when it is gone."""
        return await asyncio.to_thread(self._library.neighbours, passage_id, before, after)

    async def remove(self, document_id: str) -> bool:
        """Forget a document; returns whether it was there."""
        return await asyncio.to_thread(self._library.remove, document_id)


class ModelsFacet:
    """What the workbench works with, and whether it is in order."""

    def __init__(self, places: "Places") -> None:
        self._places = places

    async def status(self) -> list[ComponentStatus]:
        """The state of every part, with what is missing and how to mend it."""
        from workbench.core.doctor import examine

        return await examine(self._places)


class RecordFacet:
    """How often the agents were right, learned from the analyst."""

    def __init__(self, store: "RecordStore") -> None:
        self._store = store

    async def table(self) -> list[AgentRecord]:
        """One line for each agent and domain with judged decisions."""
        return await asyncio.to_thread(self._store.table)

    async def judge(self, run_id: str, right: bool, instead: str | None = None) -> None:
        """Learn what was right for a run; judging again replaces what was said before."""
        await asyncio.to_thread(self._store.judge, run_id, right, instead)

    async def judgement(self, run_id: str) -> str | None:
        """What the analyst said was right for a run, None when it was not judged."""
        return await asyncio.to_thread(self._store.judgement, run_id)
