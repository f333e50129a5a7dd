"""Takes documents into the library: found, compared, loaded, chunked, embedded, then committed one by one."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from loguru import logger

from workbench.core.knowledge.backlog import Backlog
from workbench.core.knowledge.chunker import chunk_document
from workbench.core.knowledge.discovery import FoundFile, printable
from workbench.core.knowledge.documents import Chunk, LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.ingest_account import Account
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
    IngestStarted,
)
from workbench.core.knowledge.intake import DocumentIntake, FileIntake, Intake
from workbench.core.knowledge.stored import OWN
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")

COMPARE_BATCH = 64
"""Files hashed in one go between two looks at the event loop; of small files that is about ten milliseconds."""

WINDOW_CHUNKS = 256
"""Chunks of neighbouring documents that are embedded together, sorted by length, so that little is padded."""

EMBED_BATCH = 32
"""Chunks embedded between two progress events: about a second on two slow cores."""

READ_AHEAD_CHUNKS = 1_024
"""Chunks that may wait for the embedder, so that many large files do not fill the memory."""


class ChunkEmbedder(Protocol):
    """What an ingestion needs of the embedder."""

    max_tokens: int

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows, one for each text."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens that the model sees for each text."""
        ...


class DocumentStore(Protocol):
    """What an ingestion needs of the library. Its methods block."""

    def is_unchanged(self, path: str, content_hash: str, collection: str = ...) -> bool:
        """Whether that version of the document is in, vectors and all."""
        ...

    def replace(
        self,
        document: LoadedDocument,
        content_hash: str,
        chunks: Sequence[Chunk],
        vectors: "np.ndarray",
        collection: str = ...,
        *,
        size: int = ...,
    ) -> bool:
        """Commit a document in one transaction; returns whether an earlier version was there."""
        ...

    def record_failure(self, path: str, reason: str, *, collection: str = ...) -> None:
        """Note that a document could not be taken in."""
        ...


@dataclass(frozen=True)
class _Prepared:
    """A document that is loaded and chunked."""

    item: FoundFile
    document: LoadedDocument
    version: str
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class _GivenUp:
    """A file that is not taken in, and why."""

    item: FoundFile
    state: FileState
    reason: str


class _CancelledError(Exception):
    """The analyst stopped the job."""


class IngestJob:
    """One ingestion, run by iterating over it once: `async for event in job`.

    Each file is committed by itself, so what is in stays in, whatever happens to the rest. `cancel()` ends the job
    within a second: a commit that has begun is finished, all else is given up, and each remaining file is reported.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        library: DocumentStore,
        embedder: ChunkEmbedder,
        collection: str = OWN,
        *,
        intake: Intake | None = None,
    ) -> None:
        self._intake = intake or FileIntake(paths)
        self._library = library
        self._embedder = embedder
        self._collection = collection
        self._stop = asyncio.Event()
        self._stopped = threading.Event()
        self._iterated = False
        self._account = Account()

    def cancel(self) -> None:
        """Stop the job; call it from the thread of the event loop. Safe to repeat, and before the first event."""
        self._stopped.set()
        self._stop.set()

    def __aiter__(self) -> AsyncGenerator[IngestEvent, None]:
        if self._iterated:
            raise RuntimeError("an ingestion can be run once; make another job")
        self._iterated = True
        return self._events()

    async def _events(self) -> AsyncGenerator[IngestEvent, None]:
        started = time.monotonic()
        try:
            async with aclosing(self._work()) as events:
                async for event in events:
                    yield event
        except _CancelledError:
            for path in self._account.left:
                yield self._account.end(path, FileState.CANCELLED)
        finally:
            cancelled = self._stopped.is_set()
            self._stopped.set()
            await asyncio.shield(asyncio.to_thread(self._intake.close))
        seconds = time.monotonic() - started
        yield IngestEnded(counts=dict(self._account.counts), seconds=seconds, cancelled=cancelled)

    async def _work(self) -> AsyncGenerator[IngestEvent, None]:
        """All events but the last."""
        found = await self._unless_stopped(asyncio.to_thread(self._intake.find, self._stopped.is_set))
        self._account.expect([*(file.path for file in found.refused), *(item.path for item in found.items)])
        yield IngestStarted(total_files=self._account.total)
        for text in found.notices:
            yield IngestNotice(text=text)
        for refused in found.refused:
            state = FileState.SKIPPED if refused.skipped else FileState.FAILED
            yield await self._gave_up(_GivenUp(FoundFile(refused.path, 0), state, refused.reason))
        changed: list[FoundFile] = []
        for start in range(0, len(found.items), COMPARE_BATCH):
            batch = found.items[start : start + COMPARE_BATCH]
            unchanged = await self._unless_stopped(asyncio.to_thread(self._unchanged, batch))
            for item in batch:
                if item.path in unchanged:
                    yield self._account.end(item.path, FileState.UNCHANGED)
            changed += [item for item in batch if item.path not in unchanged]
            yield self._account.progress()
        async with aclosing(self._take_in(changed)) as events:
            async for event in events:
                yield event

    def _unchanged(self, items: list[FoundFile]) -> set[Path]:
        """Those the library has already; one that cannot be read counts as changed, and fails when it is loaded."""
        unchanged = set()
        for item in items:
            if self._stopped.is_set():
                break
            with contextlib.suppress(LoadError):
                if self._library.is_unchanged(str(item.path), self._intake.version(item), self._collection):
                    unchanged.add(item.path)
        return unchanged

    async def _take_in(self, items: list[FoundFile]) -> AsyncGenerator[IngestEvent, None]:
        """Load, chunk, embed and commit; one thread reads ahead while another embeds."""
        self._account.begin(items)
        ready: Backlog[_Prepared | _GivenUp] = Backlog(READ_AHEAD_CHUNKS)
        reader = asyncio.create_task(self._read_ahead(items, ready), name="reading files ahead")
        try:
            while window := await self._unless_stopped(ready.take(WINDOW_CHUNKS)):
                for given_up in (member for member in window if isinstance(member, _GivenUp)):
                    yield await self._gave_up(given_up)
                async for event in self._finish([member for member in window if isinstance(member, _Prepared)]):
                    yield event
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read_ahead(self, items: list[FoundFile], ready: "Backlog[_Prepared | _GivenUp]") -> None:
        for item in items:
            prepared = await asyncio.to_thread(self._prepare, item)
            await ready.put(prepared, len(prepared.chunks) if isinstance(prepared, _Prepared) else 0)
        await ready.end()

    def _prepare(self, item: FoundFile) -> _Prepared | _GivenUp:
        """Load and chunk one document."""
        try:
            document, version = self._intake.load(item)
            chunks = chunk_document(document, _Stoppable(self._embedder, self._stopped))
        except _CancelledError:
            raise
        except UnknownKindError as error:
            return _GivenUp(item, FileState.SKIPPED, str(error))
        except Exception as error:  # whatever is wrong with one file, the others go on
            return _GivenUp(item, FileState.FAILED, _sentence(error, item))
        return _Prepared(item, document, version, tuple(chunks))

    async def _finish(self, window: list[_Prepared]) -> AsyncGenerator[IngestEvent, None]:
        """Embed the documents together and commit them in order.

        When embedding fails, each is tried alone, so that one that cannot be embedded is the only one to fail.
        """
        import numpy as np

        vectors: list[np.ndarray] = []
        try:
            async for progress in self._embed(window, vectors):
                yield progress
        except _CancelledError:
            raise
        except Exception as error:
            if len(window) == 1:
                item = window[0].item
                yield await self._gave_up(_GivenUp(item, FileState.FAILED, _sentence(error, item)))
                return
            for prepared in window:
                async for event in self._finish([prepared]):
                    yield event
            return
        start = 0
        for prepared in window:
            mine = vectors[start : start + len(prepared.chunks)]
            start += len(prepared.chunks)
            for notice in prepared.document.notices:
                yield IngestNotice(text=notice)
            yield await self._commit(prepared, np.stack(mine) if mine else np.empty((0, 0), np.float32))
            yield self._account.progress(prepared.item.path)

    async def _embed(
        self, window: list[_Prepared], vectors: "list[np.ndarray]"
    ) -> AsyncGenerator[IngestProgress, None]:
        """Fill `vectors` with one row for each chunk of the window, in order; texts of like length go together."""
        import numpy as np

        chunks = [chunk for prepared in window for chunk in prepared.chunks]
        owners = [prepared.item for prepared in window for _ in prepared.chunks]
        size = sum(prepared.item.size for prepared in window)
        order = sorted(range(len(chunks)), key=lambda place: chunks[place].tokens)
        rows: dict[int, np.ndarray] = {}
        for start in range(0, len(order), EMBED_BATCH):
            places = order[start : start + EMBED_BATCH]
            batch = [chunks[place].embedded_text for place in places]
            rows.update(
                zip(places, await self._unless_stopped(asyncio.to_thread(self._embedder.embed, batch)), strict=True)
            )
            self._account.embedded(len(places))
            yield self._account.progress(owners[places[-1]].path, ahead=size * len(rows) / len(chunks))
        vectors += [rows[place] for place in range(len(chunks))]

    async def _commit(self, prepared: _Prepared, vectors: "np.ndarray") -> FileEnded:
        """Put a document into the library, in one transaction that a cancel does not break off."""
        if self._stop.is_set():
            raise _CancelledError
        path = prepared.item.path
        try:
            existed = await asyncio.to_thread(
                self._library.replace,
                prepared.document,
                prepared.version,
                prepared.chunks,
                vectors,
                self._collection,
                size=prepared.item.size,
            )
        except Exception as error:  # a full disk or a locked database must not lose what the others brought
            return await self._gave_up(_GivenUp(prepared.item, FileState.FAILED, _sentence(error, prepared.item)))
        return self._account.end(path, FileState.UPDATED if existed else FileState.ADDED, chunks=len(prepared.chunks))

    async def _gave_up(self, given_up: _GivenUp) -> FileEnded:
        """Report a file of which nothing was taken; a failure is noted in the library too."""
        path, reason = given_up.item.path, given_up.reason
        if given_up.state is FileState.FAILED:
            with contextlib.suppress(WorkbenchError):  # the same trouble that is being reported
                await asyncio.to_thread(
                    self._library.record_failure, printable(str(path)), reason, collection=self._collection
                )
        return self._account.end(path, given_up.state, reason)

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, unless the job is cancelled first: then the work is given up."""
        task = asyncio.create_task(work)
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                raise _CancelledError
            return task.result()
        finally:
            for each in (task, stop):
                each.cancel()
            await asyncio.gather(task, stop, return_exceptions=True)


class _Stoppable:
    """A token counter that gives up when the job is cancelled, so that no thread goes on chunking a large file."""

    def __init__(self, embedder: ChunkEmbedder, stopped: threading.Event) -> None:
        self._embedder = embedder
        self._stopped = stopped
        self.max_tokens = embedder.max_tokens

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        if self._stopped.is_set():
            raise _CancelledError
        return self._embedder.count_tokens_of_each(texts)


def ingest_documents(
    documents: Iterable[LoadedDocument], library: DocumentStore, embedder: ChunkEmbedder, collection: str = OWN
) -> IngestJob:
    """A job that takes in documents which are no files; those whose content the library has already are skipped."""
    return IngestJob((), library, embedder, collection, intake=DocumentIntake(documents))


def _sentence(error: Exception, item: FoundFile) -> str:
    """What to tell about a document that could not be taken in."""
    if isinstance(error, WorkbenchError):
        return str(error)
    logger.opt(exception=error).error("taking in a document failed unexpectedly")
    return (
        f"{item.path.name} could not be taken in, because of a fault in the workbench ({type(error).__name__}); "
        "the log says more"
    )
