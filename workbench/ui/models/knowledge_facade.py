"""What the window asks of the library for a search and while something goes in, and how collections are called."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from workbench.core.engine import ImportEvent, SearchAnswer, SearchFilter
from workbench.core.events import Passage

STARTER, OWN = "starter", "library"
"""Collections with names of their own on screen: what came with the program, and what the analyst took in."""


class Job(Protocol):
    """Something that goes into the library, run by iterating over it once."""

    @property
    def paused(self) -> bool:
        """Whether it waits to go on."""
        ...

    def __aiter__(self) -> AsyncIterator[ImportEvent]: ...

    def cancel(self) -> None:
        """Stop it; what is in stays in."""
        ...

    def pause(self) -> None:
        """Let it wait after what is in hand."""
        ...

    def go_on(self) -> None:
        """Let it go on after a pause."""
        ...


class Searching(Protocol):
    """The part of the library facet that finds."""

    async def search(self, question: str, filters: SearchFilter = ..., limit: int = ...) -> SearchAnswer:
        """What is closest to the question."""
        ...

    async def neighbours(self, passage_id: str, before: int = ..., after: int = ...) -> Sequence[Passage]:
        """The passage itself with those before and after it in its document."""
        ...


def title_of(collection: str) -> str:
    """The name of a collection on screen."""
    return {STARTER: "Starter knowledge", OWN: "My library"}.get(collection, collection)
