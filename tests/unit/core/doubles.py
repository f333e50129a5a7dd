"""Small stand-ins for the seams of the engine: a journal in memory, agents that do as told."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from workbench.core import events as ev
from workbench.core.agents.base import StepContext
from workbench.core.plan import StepOutcome
from workbench.core.tasks import Task, TaskKind


def a_task(kind: TaskKind = TaskKind.REVIEW, **fields: object) -> Task:
    """A small valid task."""
    return Task.model_validate({"kind": kind, "title": "Is this safe?", "code": "print(1)\n", **fields})


class ListJournal:
    """Keeps events in a list, like the journal in the database."""

    def __init__(self) -> None:
        self.kept: list[ev.RunEvent] = []

    def append(self, run_id: str, seq: int, attempt: int, body: ev.EventBody) -> ev.RunEvent:
        event = ev.RunEvent(run_id=run_id, seq=seq, attempt=attempt, at=datetime.now(UTC), body=body)
        self.kept.append(event)
        return event


def a_proposal(agent: str, **fields: object) -> ev.Proposal:
    """A proposal for a review."""
    return ev.Proposal.model_validate(
        {
            "agent": agent,
            "step": "s",
            "domain": "review/python",
            "probabilities": {"safe": 0.2, "safe after fixes": 0.5, "do not use": 0.3},
            "rationale": "because",
            "lineage": agent,
            **fields,
        }
    )


class ToldAgent:
    """Answers each step by calling `work(context)`, and remembers which steps it was given."""

    def __init__(self, name: str, work: Callable[[StepContext], StepOutcome] | None = None) -> None:
        self.name, self.work, self.steps = name, work, []
        self.block: asyncio.Event | None = None
        self.failures: list[Exception] = []

    async def perform(self, context: StepContext) -> StepOutcome:
        self.steps.append(context.step.id)
        await context.say(f"working on {context.step.id}")
        if self.block is not None:
            await self.block.wait()
        if self.failures:
            raise self.failures.pop(0)
        return self.work(context) if self.work else StepOutcome(summary="done", proposal=a_proposal(self.name))
