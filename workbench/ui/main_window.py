"""The main window. It wires panels, commands and controls together, and holds no knowledge of its own."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar, QVBoxLayout, QWidget

from workbench.core.engine import RunState, WorkbenchError
from workbench.core.events import RunCancelled, RunCompleted, RunFailed
from workbench.places import Places
from workbench.ui import aio, panel_wiring
from workbench.ui.closing import Closing
from workbench.ui.commands import Command, CommandRegistry
from workbench.ui.dialogs.about import AboutDialog, ShortcutsDialog
from workbench.ui.dialogs.command_palette import CommandPalette
from workbench.ui.dialogs.files import FileChooser
from workbench.ui.docks import DEFAULT_SIZE, Docks
from workbench.ui.draft_keeper import DraftKeeper
from workbench.ui.file_actions import FileActions, open_in_desktop
from workbench.ui.history_control import HistoryControl
from workbench.ui.ingest_control import IngestControl
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.agent_output import AgentOutput
from workbench.ui.panels.task_form import TaskForm
from workbench.ui.reporting import Report
from workbench.ui.run_control import RunControl
from workbench.ui.samples import read_samples
from workbench.ui.theme import Scheme, Theme
from workbench.ui.widgets.message_bar import Choice, Level, MessageBar
from workbench.ui.widgets.run_status import RunStatus
from workbench.ui.widgets.welcome import Welcome
from workbench.ui.window_commands import TOOL_BAR, menus, window_commands

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.core.engine import Engine

SETTLE_MS = 50
"""How often at most status line and commands follow the events of a run."""


class MainWindow(QMainWindow):
    """Everything the analyst sees. Usable at once; `attach` brings the engine when that is ready."""

    painted = Signal()
    """The window was drawn for the first time."""

    closed = Signal()
    """The analyst has closed the window, nothing goes on any more, and layout and draft are kept."""

    def __init__(self, places: Places, config: "ConfigStore", theme: Theme) -> None:
        super().__init__()
        self.places, self.config, self.theme = places, config, theme
        self.settings = QSettings(str(places.config / "window.ini"), QSettings.Format.IniFormat)
        self._engine: Engine | None = None
        self._drawn = False
        self.preparing = "Preparing the library ..."
        self.setWindowTitle("Analyst Workbench")
        self.setObjectName("main window")
        self._make_parts()
        self._make_commands()
        self._lay_out()
        self._connect()
        self._settle()

    def _make_parts(self) -> None:
        self.run_model = RunModel(self)
        self.control = RunControl(self.run_model, self)
        self.ingest = IngestControl(self)
        self.messages = MessageBar()
        self.form = TaskForm()
        self.welcome = Welcome()
        self.output = AgentOutput(self.run_model, self.welcome)
        self.files = FileActions(self, FileChooser(self, self.settings))
        self.history = HistoryControl(self)
        self.draft = DraftKeeper(self.places.data / "draft.json", self.form)
        self.closing = Closing(self)
        self.docks = Docks(self)

    def _make_commands(self) -> None:
        self.commands = CommandRegistry(self)
        self.commands.add(window_commands(self))
        self.status = RunStatus(self.commands.action("run.cancel"))

    def _lay_out(self) -> None:
        bar = QToolBar("Toolbar", movable=False)
        bar.setObjectName("toolbar")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.commands.fill_tool_bar(bar, TOOL_BAR)
        self.addToolBar(bar)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.messages)
        column.addWidget(self.output, 1)
        self.setCentralWidget(centre)
        self.docks.fill("task", self.form)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.resize(*DEFAULT_SIZE)
        if not self.docks.restore(self.settings):
            self.docks.resize_to_default()

    def _connect(self) -> None:
        self._settle_soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle_soon.timeout.connect(self._settle)
        for signal in (self.control.changed, self.ingest.changed, self.run_model.replaced):
            signal.connect(self._touch)
        self.control.ended.connect(self._tell_end)
        self.ingest.ended.connect(self._tell_ingested)
        self.form.run_asked.connect(self.control.submit)
        self.form.attach_asked.connect(self.files.attach)
        self.form.refused.connect(self.warn)
        self.welcome.sample_chosen.connect(self.open_sample)
        self.draft.failed.connect(self.warn)

    async def complete(self) -> None:
        """Bring what the first paint does not need: the other panels one by one, the samples, the draft."""
        self.draft.restore(await asyncio.to_thread(self.draft.load))
        samples = await asyncio.to_thread(read_samples)
        self.welcome.show_samples(samples)
        commands = [
            Command(f"sample.{path.stem}", task.title, lambda path=path: self.open_sample(path))  # type: ignore[misc]
            for path, task in samples
        ]
        self.commands.add(commands)
        self.commands.fill_menu_bar(menus(tuple(command.id for command in commands)))
        for build in panel_wiring.BEFORE_ENGINE:
            build(self)
            await asyncio.sleep(0)

    async def attach(self, engine: "Engine") -> None:
        """Work with this engine, which has started."""
        self._engine = engine
        self.preparing = ""
        self.control.attach(engine)
        self.ingest.attach(engine)
        for build in panel_wiring.WITH_ENGINE:
            build(self)
            await asyncio.sleep(0)
        self.form.set_sources(engine.source_names())
        self._settle()
        await self.history.refresh()
        self.history.offer_interrupted()

    def fail_to_prepare(self) -> None:
        """Say that there is no engine; why is told as any error is."""
        self.preparing = "The library could not be opened"
        self._settle()

    def detach(self) -> "Engine | None":
        """Let go of the engine, for whoever closes it."""
        engine, self._engine = self._engine, None
        return engine

    @property
    def engine(self) -> "Engine":
        """The engine; raises WorkbenchError while it is being prepared."""
        if self._engine is None:
            raise WorkbenchError("The library is still being prepared; try again in a moment")
        return self._engine

    @property
    def shows_ended(self) -> bool:
        """Whether the run on screen has come to an end of some kind."""
        return self.run_model.state.final is not None

    @property
    def shows_unfinished(self) -> bool:
        """Whether the run on screen ended without its decision, so that it can go on."""
        return isinstance(self.run_model.state.final, RunCancelled | RunFailed)

    def new_task(self) -> None:
        """An empty form, and no run on screen unless one goes on."""
        self.form.clear()
        self.docks.show("task")
        self.form.title.setFocus()
        if not self.control.busy:
            self.run_model.show([])

    def open_sample(self, path: Path) -> None:
        """Fill the form from a sample."""
        aio.spawn(self.files.show_task_file(path), "opening a sample")

    def stop(self) -> None:
        """Stop the run, or else what is being read in."""
        if self.control.busy:
            self.control.cancel()
        else:
            self.ingest.cancel()

    def resume_shown(self) -> None:
        """Go on with the run on screen."""
        self.control.resume(self.run_model.state.run_id)

    def run_shown_again(self) -> None:
        """Run the task of the run on screen anew."""
        task = self.run_model.state.task
        if task is not None:
            self.control.submit(task)

    def choose_theme(self, scheme: Scheme) -> None:
        """Show this scheme now and after a restart."""
        self.theme.choose(scheme)
        aio.spawn(asyncio.to_thread(self.config.change, theme=scheme), "keeping the theme")

    def reset_layout(self) -> None:
        """Every panel where it stood at first."""
        self.docks.arrange()

    def show_palette(self) -> None:
        """Find a command by a few letters."""
        aio.spawn(self._show_palette(), "the command palette")

    async def _show_palette(self) -> None:
        palette = CommandPalette(self.commands, self)
        if await aio.show_dialog(palette) and palette.chosen:
            self.commands.invoke(palette.chosen)

    def show_shortcuts(self) -> None:
        """Every command that has keys."""
        aio.spawn(aio.show_dialog(ShortcutsDialog(self.commands, self)), "the shortcuts")

    def show_settings(self) -> None:
        """Change the settings."""
        aio.spawn(self._show_settings(), "the settings")

    async def _show_settings(self) -> None:
        from workbench.ui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(self.config, self)
        dialog.saved.connect(lambda config: self.theme.choose(config.theme))
        await aio.show_dialog(dialog)

    def show_about(self) -> None:
        """Version and state of the installation."""
        aio.spawn(self._show_about(), "looking at the installation")

    async def _show_about(self) -> None:
        statuses = await self._engine.models.status() if self._engine else []
        await aio.show_dialog(AboutDialog(statuses, self))

    def open_log_folder(self) -> None:
        """Show the logs in the file manager."""
        open_in_desktop(self.places.logs)

    def warn(self, sentence: str) -> None:
        """Say what could not be done; the same sentence is shown once."""
        self.messages.show_message(sentence, "warning", key=sentence)

    def report(self, report: Report) -> None:
        """Show an error without stopping anybody."""
        level: Level = "error" if report.details else "warning"
        self.messages.show_message(report.sentence, level, details=report.details, key=report.key)

    def _touch(self) -> None:
        if not self._settle_soon.isActive():
            self._settle_soon.start()

    def _settle(self) -> None:
        """Let commands, form and status line follow what goes on."""
        self.commands.refresh()
        self.form.set_waiting(self.preparing or ("Running ..." if self.control.busy else ""))
        self.status.show_egress(self.run_model.state)
        if self.control.busy:
            title = self.control.live_title or "Starting"
            self.status.show_run(self.control.live_state, title, stopping=self.control.stopping)
        elif self.ingest.busy:
            self.status.say(self.ingest.text, self.ingest.done, self.ingest.total, busy=True)
        else:
            self.status.say(self.preparing or "Ready", busy=self.preparing.endswith("..."))

    def _tell_end(self, state: RunState) -> None:
        """Say how the run ended and what can be done now."""
        aio.spawn(self.history.refresh(), "listing the runs")
        go_on = Choice("Go on", lambda: self.control.resume(state.run_id))
        match state.final:
            case None:
                return
            case RunCompleted() if state.decision is not None:
                export = Choice("Export report ...", lambda: self.commands.invoke("run.export"))
                text = f"Decision: {state.decision.verdict} ({state.decision.standing}). {state.decision.reason}"
                self.messages.show_message(text, "good", choices=(export,), key="run")
            case RunFailed(reason=reason):
                text = f"The run could not go on: {reason}"
                self.messages.show_message(text, "error", choices=(go_on,), key="run")
            case _:
                text = "The run was stopped. What it found is kept; going on repeats no finished step."
                self.messages.show_message(text, "info", choices=(go_on,), key="run")
        QApplication.alert(self)

    def _tell_ingested(self, sentence: str, troubles: str) -> None:
        self.messages.show_message(sentence, "warning" if troubles else "good", details=troubles, key="ingest")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Announce the first drawing, once this turn of the loop has drawn the children too."""
        super().paintEvent(event)
        if not self._drawn:
            self._drawn = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close once nothing goes on any more and everything is kept; asks when something would be stopped."""
        if self.closing.done:
            event.accept()
        else:
            event.ignore()
            self.closing.begin()
