"""Work that a cancel may not break off: it ends first, and only then the cancel is heard."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def unbroken(work: Awaitable[T]) -> T:
    """The result of `work`, which goes on to its end however often the caller is cancelled.

    An error of `work` is raised as it is. When there was none and the caller was cancelled meanwhile, CancelledError
    is raised after the end. `asyncio.shield` alone leaves its caller at once, and the work without anyone to wait.
    """
    going = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not going.done():
        try:
            await asyncio.wait([going])
        except asyncio.CancelledError as request:
            cancelled = request
    result = going.result()
    if cancelled is not None:
        raise cancelled
    return result
