"""Takes the shelf into the library, as the collection that every library begins with."""

import asyncio

from loguru import logger

from workbench.core.knowledge import shelf
from workbench.core.knowledge.embedder import Embedder
from workbench.core.knowledge.ingest_events import FileEnded, FileState
from workbench.core.knowledge.ingest_turn import Turn
from workbench.core.knowledge.ingestion import IngestJob
from workbench.core.knowledge.intake import DocumentIntake
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import STARTER


async def is_shelf_in(library: Library) -> bool:
    """Whether the starter collection is the present shelf, whole."""
    return await asyncio.to_thread(lambda: library.is_whole(STARTER, shelf.shelf_digest()))


async def take_in_shelf(library: Library, embedder: Embedder, turn: Turn) -> None:
    """Bring the starter collection to the present shelf; a few milliseconds when it is there already.

    What cannot be taken in is logged, and tried again at the next start. Raises ShelfError for a damaged shelf.
    """
    if await is_shelf_in(library):
        return
    digest = await asyncio.to_thread(shelf.shelf_digest)
    await asyncio.to_thread(library.set_whole, STARTER, None)
    documents = await asyncio.to_thread(shelf.load_shelf)
    failed = 0
    job = IngestJob(
        (), library, embedder, STARTER, intake=DocumentIntake(documents), turn=turn, name="the starter knowledge"
    )
    async for event in job:
        if isinstance(event, FileEnded) and event.state is FileState.FAILED:
            failed += 1
            logger.error("Starter knowledge {} was not taken in: {}", event.path, event.reason)
    kept = {document.path for document in documents}
    for known in await asyncio.to_thread(library.documents, STARTER):
        if known.path not in kept:
            await asyncio.to_thread(library.remove, known.id)
    if not failed:
        await asyncio.to_thread(library.set_whole, STARTER, digest)
