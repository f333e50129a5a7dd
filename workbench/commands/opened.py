"""An engine for the length of one command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from workbench import logs
from workbench.commands.console import errors
from workbench.core.engine import Engine
from workbench.places import Places

WAIT_SECONDS = 1.0
"""How long somebody waits without being told what for."""


async def when_ready(engine: Engine) -> None:
    """Wait for what searching needs, and say on the error stream what takes longer than a moment."""
    told = ""
    ready = asyncio.ensure_future(engine.ready())
    while not ready.done():
        await asyncio.wait([ready], timeout=WAIT_SECONDS)
        if not ready.done() and engine.stage not in {"", told}:
            told = engine.stage
            errors.print(f"{told} ...")
    await ready


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
