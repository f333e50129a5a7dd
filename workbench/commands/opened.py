"""An engine for the length of one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workbench import logs
from workbench.core.engine import Engine
from workbench.places import Places


@asynccontextmanager
async def opened(places: Places) -> AsyncIterator[Engine]:
    """A started engine that is closed afterwards, whatever happens."""
    places.make()
    logs.start(places.logs)
    engine = Engine(places)
    try:
        await engine.start()
        yield engine
    finally:
        await engine.close()
        logs.stop()
