"""What an agent is to the scheduler, and what a step gives an agent to work with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from workbench.core.evidence import Passage, PassageKind
from workbench.core.plan import Step, StepOutcome
from workbench.core.tasks import Task


class Search(Protocol):
    """A further question to the library, for a step that needs more evidence than the run began with."""

    async def __call__(self, question: str, *, kinds: tuple[PassageKind, ...] = (), limit: int = 10) -> list[Passage]:
        """Best passages first; only of these kinds when any are given."""
        ...


class KeepNote(Protocol):
    """Keeps an encrypted research note, or says (as an event) that it had to be dropped."""

    async def __call__(self, title: str, text: str) -> None:
        """Markdown text; it is never written in the clear."""
        ...


@dataclass(frozen=True)
class StepContext:
    """All that a step may use. Agents share nothing else, so that proposals stay sealed."""

    task: Task
    step: Step
    evidence: tuple[Passage, ...]
    """The passages the run began with, best first."""
    inputs: Mapping[str, StepOutcome]
    """Outcomes of the steps this one waited for, without their proposals."""
    search: Search
    keep_note: KeepNote
    say: Callable[[str], Awaitable[None]]
    """Adds one line to the agent's stream."""


class Agent(Protocol):
    """Someone who can carry out steps. Cancelled like any coroutine; blocking work goes to a thread or a child."""

    name: str

    async def perform(self, context: StepContext) -> StepOutcome:
        """Carry out `context.step`; raises WorkbenchError with one sentence when it cannot."""
        ...
