"""An engine for the length of one command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workbench import logs
from workbench.commands.console import errors
from workbench.core.engine import Engine
from workbench.places import Places

BUILDING = "Building the search indexes, which is done once after much came in"

WAIT_SECONDS = 1.0
"""How long somebody waits without being told what for."""


async def when_ready(engine: Engine) -> None:
    """Wait for what searching needs, and say on the error stream what takes longer than a moment.

    A command waits for the indexes to be whole too: what it leaves half built, the next would begin anew.
    """
    told = ""
    ready = asyncio.ensure_future(_ready(engine))
    while not ready.done():
        await asyncio.wait([ready], timeout=WAIT_SECONDS)
        stage = engine.stage or BUILDING
        if not ready.done() and stage != told:
            told = stage
            errors.print(f"{told} ...")
    await ready


async def _ready(engine: Engine) -> None:
    await engine.ready()
    await engine.library.indexed()


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
