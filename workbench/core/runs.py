"""The runs facet of the engine: submit a task, follow it, cancel it, go on with it, list and report what was run."""

import asyncio
import builtins
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from workbench.core import events as ev
from workbench.core.attempt import Attempt, Parts, Recorder
from workbench.core.journal import Journal, RunSummary
from workbench.core.run_state import RunState
from workbench.core.tasks import Task
from workbench.core.unbroken import unbroken
from workbench.core.values import WorkbenchError

INTERRUPTED = "The program ended in the middle of this run; go on with it to finish what is missing"


class RunHandle:
    """A run that goes on: iterate over its events, cancel it, or wait for its end."""

    def __init__(self, run_id: str, state: RunState) -> None:
        self.run_id = run_id
        self._state = state
        self._events: asyncio.Queue[ev.RunEvent | None] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._stopping = False

    def publish(self, event: ev.RunEvent) -> None:
        """Pass on an event that the journal holds; the iteration ends after the final one."""
        self._events.put_nowait(event)
        if event.is_final:
            self._events.put_nowait(None)

    async def follow(self, work: "asyncio.Task[None]") -> None:
        """Hold the task that carries the attempt out, and cancel it where that was asked for already."""
        self._work = work
        work.add_done_callback(lambda _: self._events.put_nowait(None))
        # A task that is cancelled before its first step never runs, and would leave the attempt without a final event.
        try:
            await unbroken(asyncio.sleep(0))
        finally:
            self._begun.set()
            if self._stopping:
                work.cancel()

    @property
    def has_begun(self) -> bool:
        """Whether an attempt is carried out, or was."""
        return self._work is not None

    def give_up(self) -> None:
        """Say that the attempt never began."""
        self._begun.set()
        self._events.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[ev.RunEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def cancel(self) -> None:
        """Stop the run; all that it has is kept, and a RunCancelled event follows."""
        self._stopping = True
        if self._work is not None and self._begun.is_set():
            self._work.cancel()

    async def finished(self) -> RunState:
        """Wait for the end and return the state of the run; raises what kept the journal from being written."""
        await self._begun.wait()
        if self._work is not None:
            await asyncio.wait([self._work])
            if not self._work.cancelled():
                self._work.result()
        return self._state


class Runs:
    """All runs of a library."""

    def __init__(
        self,
        journal: Journal,
        parts: Callable[[str], Parts],
        versions: Callable[[], dict[str, str]],
        report_options: Callable[[], str],
        source_names: Callable[[], Sequence[str]],
    ) -> None:
        self._journal, self._parts, self._versions, self._report_options = journal, parts, versions, report_options
        self._source_names = source_names
        self._going: dict[str, RunHandle] = {}
        self._closing = False

    async def submit(self, task: Task) -> RunHandle:
        """Begin a run: its first event is in the journal when this returns.

        Raises WorkbenchError when the task names sources and none of them exists.
        """
        known = self._source_names()
        if task.sources and not set(task.sources) & set(known):
            named, there = ", ".join(task.sources), ", ".join(known)
            raise WorkbenchError(f"None of the task's sources exists ({named}); choose among {there}, or name none")
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        state = RunState()
        with self._beginning(run_id, state) as handle:
            versions = await asyncio.to_thread(self._versions)
            recorder = Recorder(self._journal, state, handle.publish)
            await recorder.start(run_id, 1, ev.RunStarted(task=task, versions=versions))
            await recorder.start(run_id, 1, ev.AttemptStarted())
            await self._carry_out(handle, recorder)
        return handle

    async def resume(self, run_id: str) -> RunHandle:
        """Go on with a run in a new attempt that repeats no finished step.

        Raises WorkbenchError when it is going on already or has nothing left to do.
        """
        state = RunState()
        with self._beginning(run_id, state) as handle:
            for event in await self.events(run_id):
                state.apply(event)
            if isinstance(state.final, ev.RunCompleted):
                raise WorkbenchError("This run is complete, so there is nothing to go on with; run its task again")
            if state.final is None:  # its end could not be written, for a full disk or because a run did not begin
                state.apply(await asyncio.to_thread(self._end_interrupted, run_id, state.attempt))
            recorder = Recorder(self._journal, state, handle.publish)
            await recorder.start(run_id, state.attempt + 1, ev.AttemptStarted(kept_steps=tuple(state.outcomes)))
            await self._carry_out(handle, recorder)
        return handle

    @contextmanager
    def _beginning(self, run_id: str, state: RunState) -> Iterator[RunHandle]:
        """Take the run before the first wait, so that nobody else resumes or deletes it; free it when that fails."""
        if self._closing:
            raise WorkbenchError("The workbench is closing, so no run begins; start it again")
        if run_id in self._going:
            raise WorkbenchError("This run is going on already; wait for it or cancel it first")
        self._going[run_id] = handle = RunHandle(run_id, state)
        try:
            yield handle
        except BaseException:
            if not handle.has_begun:
                del self._going[run_id]
                handle.give_up()
            raise

    async def _carry_out(self, handle: RunHandle, recorder: Recorder) -> None:
        attempt = Attempt(recorder, self._parts(handle.run_id))
        work = asyncio.get_running_loop().create_task(attempt.carry_out(), name=f"run {handle.run_id}")
        work.add_done_callback(lambda _: self._going.pop(handle.run_id, None))
        await handle.follow(work)

    async def list(self) -> builtins.list[RunSummary]:
        """All runs, the latest first. One without an end that nobody carries out was interrupted."""
        runs = await asyncio.to_thread(self._journal.summaries)
        return [
            run.model_copy(update={"state": "interrupted"})
            if run.state == "running" and run.run_id not in self._going
            else run
            for run in runs
        ]

    async def events(self, run_id: str) -> builtins.list[ev.RunEvent]:
        """The journal of a run; raises UnknownRunError when there is none."""
        return await asyncio.to_thread(self._journal.events, run_id)

    async def delete(self, run_id: str) -> None:
        """Forget a run; raises WorkbenchError while it goes on."""
        if run_id in self._going:
            raise WorkbenchError("This run is still going on, so it cannot be deleted; cancel it first")
        await asyncio.to_thread(self._journal.delete, run_id)

    async def mark_interrupted(self) -> builtins.list[RunSummary]:
        """Close attempts that a killed program left open, and return their runs. Called once at the start."""
        runs = await asyncio.to_thread(self._journal.summaries)
        open_runs = [run for run in runs if run.state == "running" and run.run_id not in self._going]
        for run in open_runs:
            await asyncio.to_thread(self._end_interrupted, run.run_id, run.attempt)
        return open_runs

    def _end_interrupted(self, run_id: str, attempt: int) -> ev.RunEvent:
        body = ev.RunFailed(reason=INTERRUPTED, interrupted=True)
        return self._journal.append(run_id, self._journal.last_seq(run_id) + 1, attempt, body)

    async def report(self, run_id: str, formats: tuple[str, ...], folder: Path) -> builtins.list[Path]:
        """Write the report of a run into `folder` and return the files.

        The options of its first report are kept with the run, so that every later one has the same bytes.
        """
        from workbench.core import reports

        state = RunState.from_events(await self.events(run_id))
        recorded = await asyncio.to_thread(self._journal.report_options, run_id)
        if recorded is None:
            recorded = self._report_options()
            await asyncio.to_thread(self._journal.record_report_options, run_id, recorded)
        options = reports.ReportOptions.model_validate_json(recorded)
        return await asyncio.to_thread(reports.write, state, options, formats, folder)

    async def close(self) -> None:
        """Cancel what goes on and wait until each has its final event; nothing begins any more.

        An end that cannot be written is logged, so that whoever closes can go on; the run counts as interrupted.
        """
        self._closing = True
        handles = builtins.list(self._going.values())
        for handle in handles:
            handle.cancel()
        for handle in handles:
            try:
                await handle.finished()
            except Exception as error:
                logger.error("The end of run {} could not be written: {}", handle.run_id, error)
