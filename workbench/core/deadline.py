"""Blocking calls that may never return: run apart from the event loop, and given up at a deadline."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Callable[[], T], name: str) -> T:
    """The result of `work()`, which runs in a thread of its own called `name`; its error is raised here.

    Raises TimeoutError after `seconds`. The thread cannot be stopped then, so its late result is thrown away; being a
    daemon of its own, it takes no place in the loop's pool and never keeps the program from ending.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:
            failure = error
        # When the loop was closed meanwhile, nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    async with asyncio.timeout(seconds):
        return await outcome
