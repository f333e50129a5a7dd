"""What the analyst does with earlier runs: open, go on, run again, export, delete."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from workbench.core.engine import RunState, RunSummary
from workbench.ui import aio
from workbench.ui.models.history_model import HistoryModel
from workbench.ui.panels.run_history import RunHistory
from workbench.ui.widgets.message_bar import Choice
from workbench.ui.wording import local_time
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow


class HistoryControl(QObject):
    """Carries out what the history panel asks for."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.model = HistoryModel(self)

    def make_panel(self) -> RunHistory:
        """The history panel, connected."""
        panel = RunHistory(self.model)
        panel.open_asked.connect(lambda run_id: aio.spawn(self.open(run_id), "opening a run"))
        panel.resume_asked.connect(self._window.control.resume)
        panel.again_asked.connect(lambda run_id: aio.spawn(self._again(run_id), "running a task again"))
        panel.export_asked.connect(self._export)
        panel.delete_asked.connect(lambda run_id: aio.spawn(self._delete(run_id), "deleting a run"))
        return panel

    async def refresh(self) -> None:
        """List the runs anew."""
        self.model.set_runs(await self._window.engine.runs.list())

    async def open(self, run_id: str) -> None:
        """Show this run as it was."""
        await self._window.control.reopen(run_id)

    async def _again(self, run_id: str) -> None:
        state = RunState.from_events(await self._window.engine.runs.events(run_id))
        if state.task is not None:
            self._window.form.show_task(state.task)
            self._window.control.submit(state.task)

    def _summary(self, run_id: str) -> RunSummary | None:
        return next((run for run in self.model.runs if run.run_id == run_id), None)

    def _export(self, run_id: str) -> None:
        run = self._summary(run_id)
        if run is not None:
            self._window.files.export(run_id, run.title)

    async def _delete(self, run_id: str) -> None:
        run = self._summary(run_id)
        if run is None:
            return
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Delete a run")
        box.setText(f"Delete the run “{visible(run.title)}” of {local_time(run.started)}?")
        box.setInformativeText("Its journal, findings and decision are gone for good; exported reports stay.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Keep", QMessageBox.ButtonRole.RejectRole))
        await aio.show_dialog(box)
        if box.clickedButton() is not delete:
            return
        await self._window.engine.runs.delete(run_id)
        if self._window.run_model.state.run_id == run_id:
            self._window.run_model.show([])
        await self.refresh()

    def offer_interrupted(self, runs: Sequence[RunSummary]) -> None:
        """Offer to go on with the latest of the runs that a killed program left open, if there are any."""
        if not runs:
            return
        run = max(runs, key=lambda each: each.started)
        self._window.messages.show_message(
            f"A run was interrupted on {local_time(run.started)}: “{visible(run.title)}”. What it found is kept; going "
            "on repeats no finished step.",
            "warning",
            choices=(
                Choice("Go on", lambda: self._window.control.resume(run.run_id)),
                Choice("Show", lambda: aio.spawn(self.open(run.run_id), "opening a run")),
                Choice("Later", lambda: None),
            ),
            key="interrupted",
        )
