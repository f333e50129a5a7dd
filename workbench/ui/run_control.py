"""Starts, follows, stops and reopens runs for the window. Everything it shows comes out of the journal."""

from typing import TYPE_CHECKING

from loguru import logger
from PySide6.QtCore import QObject, Signal

from workbench.core.engine import RunHandle, RunState, WorkbenchError
from workbench.core.events import RunEvent
from workbench.core.tasks import Task
from workbench.ui import aio
from workbench.ui.models.run_model import RunModel

if TYPE_CHECKING:
    from workbench.core.engine import Engine


class RunControl(QObject):
    """At most one run goes on at a time; another one may be looked at meanwhile, and then come back to."""

    began = Signal()
    """A run begins, or goes on."""

    changed = Signal()
    """Whether a run goes on, or its state, may have changed."""

    ended = Signal(object)
    """RunState of the run that just ended."""

    def __init__(self, model: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._engine: Engine | None = None
        self._handle: RunHandle | None = None
        self._live: list[RunEvent] = []
        self.live_state = RunState()
        """State of the run that goes on, or of the last one that did."""
        self.starting = False
        self.stopping = False

    def attach(self, engine: "Engine") -> None:
        """Run tasks on this engine from now on."""
        self._engine = engine
        self.changed.emit()

    @property
    def ready(self) -> bool:
        """Whether a task can be started now."""
        return self._engine is not None and not self.busy

    @property
    def busy(self) -> bool:
        """Whether a run goes on or is about to."""
        return self._handle is not None or self.starting

    @property
    def live_id(self) -> str:
        """Id of the run that goes on, else empty."""
        return self._handle.run_id if self._handle else ""

    @property
    def live_title(self) -> str:
        """Title of the task that runs, else empty."""
        task = self.live_state.task
        return task.title if task and self.busy else ""

    def submit(self, task: Task) -> None:
        """Run this task."""
        aio.spawn(self._run(task), "running the task")

    def resume(self, run_id: str) -> None:
        """Go on with an unfinished run."""
        aio.spawn(self._resume(run_id), "going on with a run")

    def cancel(self) -> None:
        """Stop the run that goes on; it keeps what it has."""
        if self._handle is not None and not self.stopping:
            self.stopping = True
            self._handle.cancel()
            self.changed.emit()

    async def reopen(self, run_id: str) -> None:
        """Show this run as its journal tells it; the one that goes on comes back live."""
        if run_id == self.live_id:
            self._model.show(self._live)
        else:
            self._model.show(await self._at_work.runs.events(run_id))

    async def wait(self) -> None:
        """Until the run that goes on has ended."""
        if self._handle is not None:
            await self._handle.finished()

    @property
    def _at_work(self) -> "Engine":
        if self._engine is None:
            raise WorkbenchError("The library is still being prepared; try again in a moment")
        return self._engine

    def _begin(self) -> "Engine":
        engine = self._at_work
        if self.busy:
            raise WorkbenchError("A run is going on already; wait for it or stop it first")
        self.starting, self._live, self.live_state = True, [], RunState()
        self.began.emit()
        self.changed.emit()
        return engine

    async def _run(self, task: Task) -> None:
        engine = self._begin()
        try:
            handle = await engine.runs.submit(task)
            self._model.show([])
        finally:
            self.starting = False
            self.changed.emit()
        await self._follow(handle)

    async def _resume(self, run_id: str) -> None:
        engine = self._begin()
        try:
            before = await engine.runs.events(run_id)
            handle = await engine.runs.resume(run_id)
            self._live, self.live_state = list(before), RunState.from_events(before)
            self._model.show(before)
        finally:
            self.starting = False
            self.changed.emit()
        await self._follow(handle)

    async def _follow(self, handle: RunHandle) -> None:
        self._handle, self.stopping = handle, False
        logger.info("Run {} began", handle.run_id)
        self.changed.emit()
        try:
            async for event in handle:
                self._take(event)
            await handle.finished()
        finally:
            self._handle, self.stopping = None, False
            final = self.live_state.final
            how = final.kind.removeprefix("run_") if final else "without a final event"
            logger.info("Run {} ended: {}", handle.run_id, how)
            self.changed.emit()
            self.ended.emit(self.live_state)

    def _take(self, event: RunEvent) -> None:
        """Take in an event of the run that goes on, and show it if that run is on screen."""
        if event.seq <= self.live_state.last_seq:
            return
        shown = self._model.state
        on_screen = shown.last_seq == self.live_state.last_seq and shown.run_id in ("", event.run_id)
        self._live.append(event)
        self.live_state.apply(event)
        if on_screen:
            self._model.apply(event)
        self.changed.emit()
