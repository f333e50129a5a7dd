"""An engine without an engine: it replays a recorded run, as fast or as slowly as the test lets it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests import sample_run
from tests.ui.fake_library import FakeLibrary
from workbench.core import events as ev
from workbench.core.engine import (
    AgentRecord,
    ComponentStatus,
    EmbedderChanged,
    EmbedderSettings,
    ReembedEnded,
    ReembedProgress,
    RunState,
    RunSummary,
    VaultStanding,
    VaultState,
)
from workbench.core.tasks import Task


class FakeHandle:
    """Replays what is left of a run; stops before event `hold_at` until `go` is set."""

    def __init__(self, runs: "FakeRuns", run_id: str, left: list[ev.RunEvent]) -> None:
        self.run_id = run_id
        self._runs, self._left = runs, left
        self._cancelled = asyncio.Event()
        self._ended = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[ev.RunEvent]:
        for event in self._left:
            if event.seq == self._runs.hold_at:
                held = [asyncio.create_task(self._runs.go.wait()), asyncio.create_task(self._cancelled.wait())]
                await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
                for task in held:
                    task.cancel()
            if self._cancelled.is_set():
                yield self._runs.record(self.run_id, event.model_copy(update={"body": ev.RunCancelled()}))
                break
            yield self._runs.record(self.run_id, event)
        self._ended.set()

    def cancel(self) -> None:
        self._cancelled.set()

    async def finished(self) -> RunState:
        await self._ended.wait()
        return RunState.from_events(self._runs.journal[self.run_id])


class FakeRuns:
    """Every task becomes the recorded run, under its own title."""

    def __init__(self) -> None:
        self.journal: dict[str, list[ev.RunEvent]] = {}
        self.recorded: Callable[[], Sequence[ev.RunEvent]] = sample_run.events
        self.hold_at = 0
        self.go = asyncio.Event()
        self.submitted: list[Task] = []
        self.reports: list[tuple[str, tuple[str, ...], Path]] = []
        self.interrupted: set[str] = set()

    def record(self, run_id: str, event: ev.RunEvent) -> ev.RunEvent:
        self.journal.setdefault(run_id, []).append(event)
        return event

    def keep(self, run_id: str, count: int, days_ago: int = 0) -> None:
        """Have a run of the first `count` events in the journal already."""
        ago = timedelta(days=days_ago)
        self.journal[run_id] = [
            event.model_copy(update={"run_id": run_id, "at": event.at - ago}) for event in self.recorded()[:count]
        ]

    async def submit(self, task: Task) -> FakeHandle:
        self.submitted.append(task)
        run_id = f"run-{len(self.journal) + 1}"
        events = [event.model_copy(update={"run_id": run_id}) for event in self.recorded()]
        events[0] = events[0].model_copy(update={"body": events[0].body.model_copy(update={"task": task})})
        return FakeHandle(self, run_id, events)

    async def resume(self, run_id: str) -> FakeHandle:
        self.interrupted.discard(run_id)
        before = self.journal[run_id]
        again = before[-1].model_copy(
            update={"seq": before[-1].seq + 1, "attempt": 2, "body": ev.AttemptStarted(kept_steps=("research",))}
        )
        end = again.model_copy(update={"seq": again.seq + 1, "body": ev.RunCompleted()})
        return FakeHandle(self, run_id, [again, end])

    async def list(self) -> list[RunSummary]:
        runs = [self._summary(run_id, events) for run_id, events in self.journal.items()]
        return sorted(runs, key=lambda run: run.started, reverse=True)

    def _summary(self, run_id: str, events: Sequence[ev.RunEvent]) -> RunSummary:
        state = RunState.from_events(events)
        assert state.task is not None
        states: dict[type, Any] = {
            ev.RunCompleted: "completed",
            ev.RunCancelled: "cancelled",
            ev.RunFailed: "failed",
            type(None): "running",
        }
        return RunSummary(
            run_id=run_id,
            title=state.task.title,
            kind=state.task.kind,
            started=events[0].at,
            ended=events[-1].at,
            attempt=state.attempt,
            state="interrupted" if run_id in self.interrupted else states[type(state.final)],
            verdict=state.decision.verdict if state.decision else "",
            standing=state.decision.standing if state.decision else "",
        )

    async def events(self, run_id: str) -> "list[ev.RunEvent]":  # type: ignore[valid-type]
        return list(self.journal[run_id])  # type: ignore[attr-defined]

    async def delete(self, run_id: str) -> None:
        del self.journal[run_id]

    async def report(self, run_id: str, formats: tuple[str, ...], folder: Path) -> "list[Path]":  # type: ignore[valid-type]
        self.reports.append((run_id, formats, folder))
        return [folder / f"report.{name}" for name in formats]


class FakeNotes:
    """A vault that stays locked."""

    async def state(self) -> VaultState:
        return VaultState(standing=VaultStanding.LOCKED, protection="keyring")

    def pending(self) -> list[object]:
        return []


class FakeModels:
    """One part is here, one is missing."""

    async def status(self) -> list[ComponentStatus]:
        return [
            ComponentStatus(name="Embedder", state="ok", detail="all-MiniLM-L6-v2", mend=""),
            ComponentStatus(name="Keyring", state="missing", detail="no backend", mend="start a Secret Service"),
        ]


class FakeRecord:
    """No record yet; it remembers what was judged."""

    def __init__(self) -> None:
        self.judged: list[tuple[str, bool, str | None]] = []

    async def table(self) -> list[AgentRecord]:
        return []

    async def judge(self, run_id: str, right: bool, instead: str | None) -> None:
        self.judged.append((run_id, right, instead))

    async def judgement(self, run_id: str) -> str | None:
        said = [(right, instead) for judged, right, instead in self.judged if judged == run_id]
        return (said[-1][1] or "do not use") if said else None


class FakeConnections:
    """No connection."""

    def list(self) -> list[object]:
        return []


class FakeChange:
    """Embeds two passages, and waits between them until the test lets it go on."""

    def __init__(self, embedding: "FakeEmbedding", settings: EmbedderSettings) -> None:
        self._embedding, self.settings = embedding, settings
        self.go = asyncio.Event()
        self.cancelled = False
        self.error: Exception | None = None

    def cancel(self) -> None:
        self.cancelled = True
        self.go.set()

    async def __aiter__(self) -> AsyncIterator[object]:
        yield ReembedProgress(done=0, total=2)
        yield ReembedProgress(done=1, total=2, seconds_left=75.0)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        if self.cancelled:
            yield ReembedEnded(embedded=1, in_pieces=0, seconds=0.1, cancelled=True)
            return
        self._embedding.current = self.settings
        yield EmbedderChanged(settings=self.settings, embedded=2, in_pieces=1, scale=self.settings.scale)


class FakeEmbedding:
    """The built-in model, and vectors of one used before once it was changed."""

    def __init__(self) -> None:
        self.current = EmbedderSettings()
        self.left = 0
        self.refusal: Exception | None = None
        self.changes: list[FakeChange] = []
        self.keys: list[str] = []

    async def change(self, settings: EmbedderSettings, key: str = "") -> FakeChange:
        if self.refusal is not None:
            raise self.refusal
        self.keys.append(key)
        self.changes.append(FakeChange(self, settings))
        return self.changes[-1]

    async def others(self) -> int:
        return self.left

    async def forget_others(self) -> int:
        left, self.left = self.left, 0
        return left


class FakeEngine:
    """The facets that the window uses."""

    def __init__(self) -> None:
        self.runs, self.library, self.notes = FakeRuns(), FakeLibrary(), FakeNotes()
        self.models, self.record, self.connections = FakeModels(), FakeRecord(), FakeConnections()
        self.embedding = FakeEmbedding()
        self.closed = False
        self.stage, self.is_ready = "", True

    @property
    def interrupted(self) -> list[RunSummary]:
        return [self.runs._summary(name, self.runs.journal[name]) for name in self.runs.interrupted]

    def source_names(self) -> tuple[str, ...]:
        return ("starter knowledge", "my library")

    async def ready(self) -> None:
        return None

    async def close(self) -> None:
        self.closed = True
