"""Takes documents into the library: found, compared, loaded, chunked, embedded, then committed one by one."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.knowledge.backlog import Backlog
from workbench.core.knowledge.chunker import chunk_document
from workbench.core.knowledge.discovery import FoundFile, printable
from workbench.core.knowledge.documents import LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.embedding_batch import rows_of
from workbench.core.knowledge.ingest_account import Account
from workbench.core.knowledge.ingest_control import CancelledByAnalystError, IngestControl, StoppableCounter
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestStarted,
)
from workbench.core.knowledge.ingest_protocols import ChunkEmbedder, DocumentStore, PassLog
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingest_window import WINDOW_CHUNKS, GivenUp, Prepared, Window, failed
from workbench.core.knowledge.intake import DocumentIntake, FileIntake, Intake
from workbench.core.knowledge.stored import OWN
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

COMPARE_BATCH = 64
"""Files hashed in one go between two looks at the event loop; of small files that is about ten milliseconds."""

READ_AHEAD_CHUNKS = 1_024
"""Chunks that may wait for the embedder, so that many large files do not fill the memory."""


class IngestJob:
    """One ingestion, run by iterating over it once: `async for event in job`.

    Each file is committed by itself, so what is in stays in, whatever happens to the rest. `cancel()` ends the job
    within a second: a commit that has begun is finished, all else is given up, and each remaining file is reported.

    With `turn`, it waits until no other job of that turn writes, and says for which; a `background` job lets one go
    first that somebody asked for. With `passes`, a pass over `paths` is noted there, and left open when the program
    ends in the middle of it.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        library: DocumentStore,
        embedder: ChunkEmbedder,
        collection: str = OWN,
        *,
        intake: Intake | None = None,
        turn: Turn | None = None,
        passes: PassLog | None = None,
        name: str = "",
        background: bool = False,
    ) -> None:
        self._paths = tuple(paths)
        self._intake = intake or FileIntake(self._paths)
        self._library = library
        self._embedder = embedder
        self._collection = collection
        self._turn, self._has_turn = turn, False
        self._writing = False
        self._passes = passes
        self._background = background
        self._name = name or ", ".join(printable(path.name) for path in self._paths[:2]) or collection
        self._control = IngestControl()
        self._interrupted = False
        self._over = asyncio.Event()
        self._iterated = False
        self._account = Account(self._control)

    @property
    def paused(self) -> bool:
        """Whether the job rests until `go_on`."""
        return self._control.paused

    def cancel(self) -> None:
        """Stop the job, also a paused one. Safe to repeat, and before the first event.

        This and `pause`, `go_on` and `interrupt` are to be called from the thread of the event loop.
        """
        self._control.cancel()

    def interrupt(self) -> None:
        """Stop the job as a closing program does: as `cancel`, but its pass counts as not finished."""
        self._interrupted = True
        self._control.cancel()

    def pause(self) -> None:
        """Rest as soon as what is being done is done, within about a second; other jobs may work meanwhile."""
        self._control.pause()
        if not self._writing:
            self._give_turn()

    def go_on(self) -> None:
        """Go on with a paused job."""
        self._control.go_on()

    async def over(self) -> None:
        """Wait until the job writes no more; at once when it was never begun."""
        if self._iterated:
            await self._over.wait()

    def __aiter__(self) -> AsyncGenerator[IngestEvent, None]:
        if self._iterated:
            raise RuntimeError("an ingestion can be run once; make another job")
        self._iterated = True
        return self._events()

    async def _events(self) -> AsyncGenerator[IngestEvent, None]:
        started = time.monotonic()
        numbers: Sequence[int] = ()
        try:
            if self._passes is not None and not self._control.cancelled:
                numbers = await asyncio.to_thread(self._passes.began, self._paths, self._collection)
            async with aclosing(self._heard()) as events:
                async for event in events:
                    yield event
        except CancelledByAnalystError:
            for number, path in enumerate(self._account.left):
                if number % COMPARE_BATCH == 0:
                    await asyncio.sleep(0)
                yield self._account.end(path, FileState.CANCELLED)
        except BaseException:  # nobody listens any more, as when the program ends: the pass stays open
            if self._passes is not None:
                self._passes.left(numbers)
            self._over.set()
            raise
        finally:
            cancelled = self._control.cancelled
            self._control.cancel()
            self._give_turn()
            await asyncio.shield(asyncio.to_thread(self._intake.close))
        try:
            if self._passes is not None and not self._interrupted:
                await asyncio.to_thread(self._passes.ended, numbers, self._account.counts, cancelled)
        finally:
            if self._passes is not None:
                self._passes.left(numbers)
            self._over.set()
        seconds = time.monotonic() - started
        yield IngestEnded(counts=dict(self._account.counts), seconds=seconds, cancelled=cancelled)

    async def _heard(self) -> AsyncGenerator[IngestEvent, None]:
        """The events of the work, and one more as soon as the job is paused or goes on."""
        async with aclosing(self._work()) as events:
            while True:
                coming = asyncio.ensure_future(anext(events, None))
                changed = asyncio.create_task(self._control.changed.wait())
                try:
                    while not coming.done():
                        await asyncio.wait({coming, changed}, return_when=asyncio.FIRST_COMPLETED)
                        if changed.done():
                            self._control.changed.clear()
                            changed = asyncio.create_task(self._control.changed.wait())
                            yield self._account.progress()
                finally:
                    for each in (coming, changed):
                        each.cancel()
                    await asyncio.gather(coming, changed, return_exceptions=True)
                event = coming.result()
                if event is None:
                    return
                yield event

    async def _work(self) -> AsyncGenerator[IngestEvent, None]:
        """All events but the last."""
        if self._turn is not None and self._turn.holder:
            yield IngestNotice(text=f"Waiting until {self._turn.holder} is taken in, which goes on now")
        await self._step()
        found = await self._control.unless_cancelled(
            asyncio.to_thread(self._intake.find, lambda: self._control.cancelled)
        )
        paths = [*(file.path for file in found.refused), *(item.path for item in found.items)]
        await asyncio.to_thread(self._account.expect, paths)  # of a hundred thousand files, a noticeable while
        yield IngestStarted(total_files=self._account.total)
        for text in found.notices:
            yield IngestNotice(text=text)
        for refused in found.refused:
            state = FileState.SKIPPED if refused.skipped else FileState.FAILED
            yield await self._gave_up(GivenUp(FoundFile(refused.path, 0, refused.collection), state, refused.reason))
        changed: list[FoundFile] = []
        for start in range(0, len(found.items), COMPARE_BATCH):
            batch = found.items[start : start + COMPARE_BATCH]
            await self._step()
            unchanged = await self._control.unless_cancelled(asyncio.to_thread(self._unchanged, batch))
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
            if self._control.cancelled:
                break
            with contextlib.suppress(LoadError):
                version = self._intake.version(item)
                if self._library.is_unchanged(str(item.path), version, self._collection_of(item)):
                    unchanged.add(item.path)
        return unchanged

    async def _take_in(self, items: list[FoundFile]) -> AsyncGenerator[IngestEvent, None]:
        """Load, chunk, embed and commit; one thread reads ahead while another embeds."""
        await asyncio.to_thread(self._account.begin, items)
        ready: Backlog[Prepared | GivenUp] = Backlog(READ_AHEAD_CHUNKS)
        reader = asyncio.create_task(self._read_ahead(items, ready), name="reading files ahead")
        try:
            while window := await self._control.unless_cancelled(ready.take(WINDOW_CHUNKS)):
                for given_up in (member for member in window if isinstance(member, GivenUp)):
                    yield await self._gave_up(given_up)
                async for event in self._finish([member for member in window if isinstance(member, Prepared)]):
                    yield event
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read_ahead(self, items: list[FoundFile], ready: "Backlog[Prepared | GivenUp]") -> None:
        for item in items:
            await self._control.step()
            prepared = await asyncio.to_thread(self._prepare, item)
            chunks = len(prepared.chunks) if isinstance(prepared, Prepared) else 0
            self._account.read(item.path, chunks)
            await ready.put(prepared, chunks)
        await ready.end()

    def _prepare(self, item: FoundFile) -> Prepared | GivenUp:
        """Load and chunk one document."""
        try:
            return self._cut(item, *self._intake.load(item))
        except CancelledByAnalystError:
            raise
        except UnknownKindError as error:
            return GivenUp(item, FileState.SKIPPED, str(error))
        except Exception as error:  # whatever is wrong with one file, the others go on
            return failed(item, error)

    def _cut(self, item: FoundFile, document: LoadedDocument, version: str) -> Prepared:
        """Chunk a loaded document for the space that the library is in now."""
        space = self._library.space
        chunks = chunk_document(document, StoppableCounter(self._embedder, self._control))
        known = self._library.known_vectors(document.path, self._collection_of(item))
        return Prepared(item, document, version, tuple(chunks), space, known)

    async def _finish(self, members: list[Prepared]) -> AsyncGenerator[IngestEvent, None]:
        """Embed the documents and commit each as soon as it is whole.

        When embedding fails, each that is left is tried alone, so that one that cannot be embedded is the only one to
        fail. Those cut for another space are cut anew: the model was changed while the job rested.
        """
        window, waiting = Window(members), deque(members)
        self._account.embedded(sum(window.done(member) for member in members))
        try:
            async for event in self._embed(window, waiting):
                yield event
        except CancelledByAnalystError:
            raise
        except Exception as error:
            self._account.embedded(-sum(window.done(member) for member in waiting))
            if any(map(self._is_outdated, waiting)):
                anew = [await asyncio.to_thread(self._cut, each.item, each.document, each.version) for each in waiting]
                async for event in self._finish(anew):
                    yield event
                return
            if len(members) == 1:
                yield await self._gave_up(failed(members[0].item, error))
                return
            for prepared in waiting:
                async for event in self._finish([prepared]):
                    yield event

    async def _embed(self, window: Window, waiting: deque[Prepared]) -> AsyncGenerator[IngestEvent, None]:
        """Make the vectors that the window lacks; while a batch is embedded, what the last made whole is committed."""
        for batch in window.batches():
            await self._step_in_space(waiting)
            embedding = asyncio.create_task(
                asyncio.to_thread(rows_of, batch, self._embedder.embed, self._embedder.embed_questions)
            )
            try:
                async for event in self._commit_whole(window, waiting):
                    yield event
                vectors = await self._control.unless_cancelled(embedding)
            finally:
                embedding.cancel()
                await asyncio.gather(embedding, return_exceptions=True)
            self._account.embedded(window.take(batch, vectors))
            yield self._account.progress(window.owner(batch[-1]).path)
        async for event in self._commit_whole(window, waiting):
            yield event

    async def _step_in_space(self, members: Iterable[Prepared]) -> None:
        """A step, after which all members are still cut for the library's space; else raises _OtherSpaceError."""
        await self._step()
        if any(map(self._is_outdated, members)):
            raise _OtherSpaceError

    def _is_outdated(self, prepared: Prepared) -> bool:
        return prepared.space != self._library.space

    async def _commit_whole(self, window: Window, waiting: deque[Prepared]) -> AsyncGenerator[IngestEvent, None]:
        """Commit the documents in front that are whole."""
        while waiting and window.is_whole(waiting[0]):
            prepared = waiting[0]
            ended = await self._commit(prepared, window.vectors(prepared))
            waiting.popleft()
            for notice in prepared.document.notices:
                yield IngestNotice(text=notice)
            yield ended
            yield self._account.progress(prepared.item.path)

    async def _commit(self, prepared: Prepared, vectors: "np.ndarray") -> FileEnded:
        """Put a document into the library, in one transaction that a cancel does not break off."""
        await self._step_in_space([prepared])
        path = prepared.item.path
        self._writing = True
        try:
            existed = await asyncio.to_thread(
                self._library.replace,
                prepared.document,
                prepared.version,
                prepared.chunks,
                vectors,
                self._collection_of(prepared.item),
                size=prepared.item.size,
                space=prepared.space,
            )
        except Exception as error:  # a full disk or a locked database must not lose what the others brought
            return await self._gave_up(failed(prepared.item, error))
        finally:
            self._writing = False
            if self._control.paused:
                self._give_turn()
        return self._account.end(path, FileState.UPDATED if existed else FileState.ADDED, chunks=len(prepared.chunks))

    async def _gave_up(self, given_up: GivenUp) -> FileEnded:
        """Report a file of which nothing was taken; a failure is noted in the library too."""
        path, reason = given_up.item.path, given_up.reason
        if given_up.state is FileState.FAILED:
            collection = self._collection_of(given_up.item)
            with contextlib.suppress(WorkbenchError):  # the same trouble that is being reported
                await asyncio.to_thread(
                    self._library.record_failure, printable(str(path)), reason, collection=collection
                )
        return self._account.end(path, given_up.state, reason)

    async def _step(self) -> None:
        """Between two pieces of work: rest while paused, end when cancelled, and have the turn to write."""
        if self._background and self._turn is not None and self._turn.is_wanted_by_analyst():
            self._give_turn()
        await self._control.step()
        while self._turn is not None and not self._has_turn:
            await self._control.unless_cancelled(self._take_turn(self._turn))
            if self._control.paused:  # meanwhile: who rests has no turn
                self._give_turn()
                await self._control.step()

    async def _take_turn(self, turn: Turn) -> None:
        await turn.take(self._name, self._background)
        self._has_turn = True

    def _give_turn(self) -> None:
        if self._turn is not None and self._has_turn:
            self._has_turn = False
            self._turn.give()

    def _collection_of(self, item: FoundFile) -> str:
        return item.collection or self._collection


class _OtherSpaceError(Exception):
    """The library is searched in another space than the one that a document was cut for."""


def ingest_documents(
    documents: Iterable[LoadedDocument],
    library: DocumentStore,
    embedder: ChunkEmbedder,
    collection: str = OWN,
) -> IngestJob:
    """A job that takes in documents which are no files; those whose content the library has already are skipped."""
    return IngestJob((), library, embedder, collection, intake=DocumentIntake(documents))
