"""The main window: its frame, and what its commands do. The frame paints at once; `furnishing` brings the rest.

What the frame needs is all this module imports: a test sees to it that nothing heavy comes before the first paint.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar, QVBoxLayout, QWidget

from workbench.places import Places
from workbench.ui import aio
from workbench.ui.closing import Closing
from workbench.ui.commands import Command, CommandRegistry
from workbench.ui.docks import DEFAULT_SIZE, Docks
from workbench.ui.theme import Scheme, Theme, remember
from workbench.ui.widgets.message_bar import Choice, Level, MessageBar
from workbench.ui.widgets.run_status import RunStatus
from workbench.ui.widgets.welcome import Welcome
from workbench.ui.window_commands import TOOL_BAR, menus, window_commands
from workbench.ui.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.config import Config, ConfigStore
    from workbench.core.engine import Engine, RunState
    from workbench.core.tasks import Task
    from workbench.ui.draft_keeper import DraftKeeper
    from workbench.ui.file_actions import FileActions
    from workbench.ui.history_control import HistoryControl
    from workbench.ui.ingest_control import IngestControl
    from workbench.ui.knowledge_control import KnowledgeControl
    from workbench.ui.models.run_model import RunModel
    from workbench.ui.panels.agent_output import AgentOutput
    from workbench.ui.panels.answer import AnswerPanel
    from workbench.ui.panels.task_form import TaskForm
    from workbench.ui.reporting import Report
    from workbench.ui.run_control import RunControl

PREPARATION_SECONDS = 0.3
"""How often the status line looks what the engine prepares."""

SETTLE_MS = 50
"""How often at most status line and commands follow the events of a run."""


class MainWindow(QMainWindow):
    """Everything the analyst sees. The parts that need the core are there once it is `furnished`."""

    painted = Signal()
    """The window was drawn for the first time."""

    closed = Signal()
    """The analyst has closed the window, nothing goes on any more, and layout and draft are kept."""

    config: "ConfigStore"
    run_model: "RunModel"
    control: "RunControl"
    ingest: "IngestControl"
    form: "TaskForm"
    output: "AgentOutput"
    answer: "AnswerPanel"
    files: "FileActions"
    history: "HistoryControl"
    knowledge: "KnowledgeControl"
    draft: "DraftKeeper"

    def __init__(self, places: Places, theme: Theme) -> None:
        super().__init__()
        self.places, self.theme = places, theme
        self.settings = QSettings(str(places.config / "window.ini"), QSettings.Format.IniFormat)
        self.furnished = False
        """Whether all panels are there; commands that need them wait for it."""
        self.preparing = "Preparing the library ..."
        """What still keeps tasks from being run, in words; empty when nothing does."""
        self.stage = ""
        """What the engine still prepares while tasks can already be run, in words; empty when nothing."""
        self._engine: Engine | None = None
        self._drawn = False
        self.setWindowTitle("Analyst Workbench")
        self.setObjectName("main window")
        self.closing = Closing(self)
        self.docks = Docks(self)
        self.commands = CommandRegistry(self)
        self.commands.add(window_commands(self))
        self.messages, self.welcome = MessageBar(), Welcome()
        self.status = RunStatus(self.commands.action("run.cancel"))
        self._settle_soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle_soon.timeout.connect(self.settle)
        self._lay_out()
        self.settle()

    def _lay_out(self) -> None:
        bar = QToolBar("Toolbar", movable=False)
        bar.setObjectName("toolbar")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.commands.fill_tool_bar(bar, TOOL_BAR)
        self.addToolBar(bar)
        self.commands.fill_menu_bar(menus())
        centre = QWidget()
        self.centre = QVBoxLayout(centre)
        self.centre.setContentsMargins(4, 4, 4, 4)
        self.centre.addWidget(self.messages)
        self.centre.addWidget(self.welcome, 1)
        self.setCentralWidget(centre)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.resize(*DEFAULT_SIZE)
        self._arranged = self.docks.restore(self.settings)

    # The engine

    async def attach(self, engine: "Engine") -> None:
        """Work with this engine, which has started."""
        from workbench.ui import panel_wiring

        self._engine = engine
        self.preparing = ""
        self.control.attach(engine)
        self.ingest.attach(engine)
        for build in panel_wiring.WITH_ENGINE:
            build(self)
            await asyncio.sleep(0)
        self.form.set_sources(engine.source_names())
        self.settle()
        aio.spawn(self._follow_preparation(engine), "preparing the library")
        await self.history.refresh()
        self.history.offer_interrupted(engine.interrupted)

    async def _follow_preparation(self, engine: "Engine") -> None:
        """Let the status line say what is prepared; tasks can be written and even run meanwhile."""
        while not engine.is_ready:
            self.stage = f"{engine.stage} ..." if engine.stage else ""
            self.touch()
            await asyncio.sleep(PREPARATION_SECONDS)
        self.stage = ""
        self.touch()
        await engine.ready()

    def detach(self) -> "Engine | None":
        """Let go of the engine, for whoever closes it."""
        engine, self._engine = self._engine, None
        return engine

    def fail_to_prepare(self) -> None:
        """Say that there is no engine; why is told as any error is."""
        self.preparing = "The library could not be opened"
        self.settle()

    @property
    def engine(self) -> "Engine":
        """The engine; raises WorkbenchError while it is being prepared."""
        if self._engine is None:
            from workbench.core.engine import WorkbenchError

            raise WorkbenchError("The library is still being prepared; try again in a moment")
        return self._engine

    # What can be done now

    @property
    def can_run(self) -> bool:
        """Whether a task can be started."""
        return self.furnished and self.control.ready

    @property
    def can_stop(self) -> bool:
        """Whether something goes on that can be stopped and is not being stopped already."""
        return self.furnished and ((self.control.busy and not self.control.stopping) or self.ingest.busy)

    @property
    def can_read_in(self) -> bool:
        """Whether files can be read into the library."""
        return self.furnished and self.ingest.ready

    @property
    def shows_run(self) -> bool:
        """Whether there is a run on screen."""
        return self.furnished and self.run_model.state.task is not None

    @property
    def shows_ended(self) -> bool:
        """Whether the run on screen has come to an end of some kind."""
        return self.furnished and self.run_model.state.final is not None

    @property
    def shows_code(self) -> bool:
        """Whether the run on screen wrote code."""
        return self.furnished and bool(self.run_model.state.drafts)

    @property
    def shows_unfinished(self) -> bool:
        """Whether the run on screen ended without its decision, so that it can go on."""
        final = self.run_model.state.final if self.furnished else None
        return final is not None and final.kind != "run_completed"

    # What commands do

    def new_task(self) -> None:
        """An empty form, and no run on screen unless one goes on."""
        self.form.clear()
        self.docks.show("task")
        self.form.title.setFocus()
        if not self.control.busy:
            self.run_model.show([])

    def show_samples(self, samples: "Sequence[tuple[Path, Task]]") -> None:
        """Offer these samples in the middle of the window and in the File menu."""
        self.welcome.show_samples(samples)
        for path, task in samples:
            command = Command(f"sample.{path.stem}", task.title, partial(self.open_sample, path))
            self.commands.add_to_menu("Open sample", command)

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
        remember(self.settings, scheme)
        if self.furnished:
            aio.spawn(asyncio.to_thread(self.config.change, theme=scheme), "keeping the theme")

    def show_palette(self) -> None:
        """Find a command by a few letters."""
        aio.spawn(self._show_palette(), "the command palette")

    async def _show_palette(self) -> None:
        from workbench.ui.dialogs.command_palette import CommandPalette

        palette = CommandPalette(self.commands, self)
        if await aio.show_dialog(palette) and palette.chosen:
            self.commands.invoke(palette.chosen)

    def show_settings(self) -> None:
        """Change the settings."""
        from workbench.ui.dialogs.settings import SettingsDialog

        dialog = SettingsDialog(self.config, self)
        dialog.saved.connect(self._apply)
        aio.spawn(aio.show_dialog(dialog), "the settings")

    def _apply(self, config: "Config") -> None:
        self.theme.choose(config.theme)
        if self.furnished:
            self.form.set_defaults(config.task.seconds, config.task.tlp, config.sources_off)

    def show_shortcuts(self) -> None:
        """Every command that has keys."""
        from workbench.ui.dialogs.about import ShortcutsDialog

        aio.spawn(aio.show_dialog(ShortcutsDialog(self.commands, self)), "the shortcuts")

    def show_about(self) -> None:
        """Version and state of the installation."""
        aio.spawn(self._show_about(), "looking at the installation")

    async def _show_about(self) -> None:
        from workbench.ui.dialogs.about import AboutDialog

        statuses = await self._engine.models.status() if self._engine else []
        await aio.show_dialog(AboutDialog(statuses, self))

    def open_log_folder(self) -> None:
        """Show the logs in the file manager."""
        from workbench.ui.file_actions import open_in_desktop

        open_in_desktop(self.places.logs)

    # What is said

    def warn(self, sentence: str) -> None:
        """Say what could not be done; the same sentence is shown once."""
        self.messages.show_message(sentence, "warning", key=sentence)

    def report(self, report: "Report") -> None:
        """Show an error without stopping anybody."""
        level: Level = "error" if report.details else "warning"
        self.messages.show_message(report.sentence, level, details=report.details, key=report.key)

    def touch(self) -> None:
        """Something may have changed: settle soon, and once for many changes."""
        if not self._settle_soon.isActive():
            self._settle_soon.start()

    def settle(self) -> None:
        """Let commands, form and status line follow what goes on."""
        self.commands.refresh()
        if not self.furnished:
            self.status.say(self.preparing, busy=True)
            return
        self.form.set_waiting(self.preparing or ("Running ..." if self.control.busy else ""))
        embedder = self.knowledge.embedder
        self.status.show_egress(self.run_model.state, self.knowledge.downloads, embedder.host)
        if self.control.busy:
            title = self.control.live_title or "Starting"
            self.status.show_run(self.control.live_state, title, stopping=self.control.stopping)
        elif self.ingest.busy:
            self.status.say(self.ingest.text, self.ingest.done, self.ingest.total, busy=True)
        elif embedder.busy:
            self.status.say(embedder.text, embedder.done, embedder.total, busy=True)
        else:
            waits = self.preparing or self.stage
            self.status.say(waits or "Ready", busy=waits.endswith("..."))

    def tell_end(self, state: "RunState") -> None:
        """Say how a run ended and what can be done now."""
        aio.spawn(self.history.refresh(), "listing the runs")
        go_on = Choice("Go on", lambda: self.control.resume(state.run_id))
        final, decision = state.final, state.decision
        if final is None:
            return
        if final.kind == "run_completed" and decision is not None:
            export = Choice("Export report ...", lambda: self.commands.invoke("run.export"))
            text = f"Decision: {decision.told} ({decision.standing}). {sentence(decision.reason)}"
            self.messages.show_message(text, "info", choices=(export,), key="run")
        elif final.kind == "run_failed":
            text = f"The run could not go on: {final.reason}"
            self.messages.show_message(text, "error", choices=(go_on,), key="run")
        else:
            text = "The run was stopped. What it found is kept; going on repeats no finished step."
            self.messages.show_message(text, "info", choices=(go_on,), key="run")
        QApplication.alert(self)

    def clear_outcome(self) -> None:
        """Take away what was said of an earlier run."""
        for key in ("run", "report", "interrupted"):
            self.messages.dismiss(key)

    def tell_ingested(self, sentence: str, troubles: str) -> None:
        """Say what became of the files."""
        self.messages.show_message(sentence, "warning" if troubles else "good", details=troubles, key="ingest")

    # What Qt asks

    def paintEvent(self, event: QPaintEvent) -> None:
        """Announce the first drawing, once this turn of the loop has drawn the children too."""
        super().paintEvent(event)
        if not self._drawn:
            self._drawn = True
            QTimer.singleShot(0, self.painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        """Arrange the panels for the size that the screen allows, unless the analyst has arranged them."""
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            self.docks.arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close once nothing goes on any more and everything is kept; asks when something would be stopped."""
        if self.closing.done:
            event.accept()
        else:
            event.ignore()
            self.closing.begin()
