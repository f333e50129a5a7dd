"""The smaller facets of the engine: library, models, record. Their work is done in threads."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.consensus.record import AgentRecord
from workbench.core.doctor import ComponentStatus
from workbench.core.evidence import Passage
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.import_facet import ImportsFacet
from workbench.core.knowledge.stored import OWN, CollectionInfo, DocumentInfo, DocumentView, Folder
from workbench.core.knowledge.topic_values import Topics
from workbench.core.retrieval import SearchAnswer, search_records

if TYPE_CHECKING:
    from workbench.core.consensus.store import RecordStore
    from workbench.core.knowledge.documents import LoadedDocument
    from workbench.core.knowledge.indexes import LibraryIndexes
    from workbench.core.knowledge.ingest_events import IngestEvent
    from workbench.core.knowledge.ingestion import IngestJob
    from workbench.core.knowledge.keeping import Keeping
    from workbench.core.knowledge.library import Library
    from workbench.core.retrieval import Retrieval
    from workbench.places import Places


class LibraryFacet:
    """The workbench's own knowledge: take in, search, read, forget."""

    def __init__(
        self,
        library: "Library",
        keeping: "Keeping",
        retrieval: "Retrieval",
        *,
        imports: ImportsFacet,
        indexes: "LibraryIndexes",
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._indexes = indexes
        self._library, self._keeping, self._retrieval, self._ready = library, keeping, retrieval, ready
        self.imports = imports
        """Catalogues and feeds: from files, or downloaded when the user asks for it."""

    def ingest(self, paths: Sequence[Path], collection: str = OWN) -> "IngestJob":
        """Begin to take in files and folders; iterate over the job for its events, pause it or cancel it.

        One job writes at a time: another waits, and says so.
        """
        return self._keeping.ingest(paths, collection)

    def take_in(self, documents: "Iterable[LoadedDocument]", collection: str) -> "IngestJob":
        """Begin to take in documents which are no files, into a collection of their own."""
        return self._keeping.take_in(documents, collection)

    def reingest(self, document_ids: Sequence[str]) -> "IngestJob":
        """Begin to read the files of these documents again, also unchanged ones."""
        return self._keeping.reread(document_ids)

    async def go_on(self) -> "list[IngestJob]":
        """Jobs that go on with what the end of the program broke off, one for each collection; [] when nothing was."""
        return await self._keeping.go_on()

    async def search(
        self, question: str, filters: SearchFilter = NO_FILTER, limit: int = 10, sources: Sequence[str] | None = None
    ) -> SearchAnswer:
        """Ask the sources (all when None) side by side, each record once; waits until the starter knowledge is in."""
        await self._ready()
        return await search_records(self._retrieval, question, names=sources, filters=filters, limit=limit)

    async def indexed(self) -> None:
        """Wait until searches find all of the library: after a large import some minutes of building go on."""
        await asyncio.to_thread(self._indexes.complete)

    async def collections(self) -> list[CollectionInfo]:
        """All collections by name, with what they hold."""
        return await asyncio.to_thread(self._keeping.holdings.collections)

    async def remove_collection(self, name: str) -> int:
        """Forget a collection with its folders; returns how many documents it had. WorkbenchError for the starter's."""
        return await self._keeping.remove_collection(name)

    async def remove_path(self, path: Path) -> int:
        """Forget what was read from a file or a folder, and watch it no longer; returns how many documents it were."""
        return await self._keeping.remove_path(path)

    async def folders(self) -> list[Folder]:
        """The folders that were taken in or are watched, by path."""
        return await asyncio.to_thread(self._keeping.passes.folders)

    async def watch(self, path: Path, collection: str = OWN) -> None:
        """Watch a folder from now on: what changes comes in, what is deleted goes after a while (see `activity`)."""
        await self._keeping.watch(path, collection)

    async def unwatch(self, path: Path) -> bool:
        """Watch a folder no longer; what came in stays. Returns whether it was watched."""
        return await self._keeping.unwatch(path)

    def activity(self) -> "AsyncIterator[IngestEvent]":
        """What background passes over watched folders say from now on, until the engine is closed."""
        return self._keeping.watching.activity.listen()

    async def gone(self) -> list[DocumentInfo]:
        """Documents whose file is no more; where a whole folder is missing (see `folders`) none of it counts."""
        return await asyncio.to_thread(self._keeping.holdings.gone)

    async def prune(self) -> list[DocumentInfo]:
        """Forget the documents whose file is no more, and return them."""
        return await asyncio.to_thread(self._keeping.holdings.prune)

    async def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        """All documents, or those of one collection, by path; also those that could not be taken in, and why."""
        return await asyncio.to_thread(self._library.documents, collection)

    async def document(self, document_id: str) -> DocumentView | None:
        """A document to read, None when there is none of that id."""
        return await asyncio.to_thread(self._library.document, document_id)

    async def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, None when its document was removed or changed."""
        return await asyncio.to_thread(self._library.passage, passage_id)

    async def neighbours(self, passage_id: str, before: int = 1, after: int = 1) -> list[Passage]:
        """A passage with those before and after it in its document, in reading order; [] when it is gone."""
        return await asyncio.to_thread(self._library.neighbours, passage_id, before, after)

    async def topics(self, collections: Sequence[str] = ()) -> Topics:
        """What the library is about (or those collections of it); takes some seconds for 100,000 chunks."""
        return await asyncio.to_thread(self._keeping.holdings.topics, collections)

    async def remove(self, document_id: str) -> bool:
        """Forget a document; returns whether it was there."""
        return await asyncio.to_thread(self._library.remove, document_id)

    async def remove_all(self, document_ids: Sequence[str]) -> None:
        """Forget several documents at once; ids that are not there do no harm."""
        await asyncio.to_thread(self._library.remove_all, list(document_ids))

    async def reindex(self, told: "Callable[[int, int], None]") -> None:
        """Forget the search indexes and build them again; `told` hears how many of how many, in another thread."""
        await self._ready()
        await asyncio.to_thread(self._indexes.rebuild, told)


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
