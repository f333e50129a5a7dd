"""An engine for the length of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workbench.core.engine import Engine
from workbench.places import Places


@asynccontextmanager
async def opened(places: Places) -> AsyncIterator[Engine]:
    """A started engine that is closed afterwards, whatever happens."""
    engine = Engine(places)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()
