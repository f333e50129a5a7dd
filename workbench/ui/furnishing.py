"""Brings into the painted window what needs the core: task form, streams, panels, samples, the draft.

The core is imported in a thread and the panels are built one by one, so that the window answers all the while.
"""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from workbench.ui import aio

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.ui.main_window import MainWindow

SLOW_TO_IMPORT = ("workbench.core.engine", "workbench.config", "pygments.lexers", "pygments.lexers.python")
"""What the panels import, none of it Qt's: imported in a thread first."""

WANTED_SOON = ("workbench.core.knowledge.ingestion", "networkx")
"""What the first run and the first reading of files import: brought in meanwhile, in a thread, for the same reason."""


async def furnish(window: "MainWindow", config: "ConfigStore") -> None:
    """Build all that does not need the engine, and connect it."""
    for name in SLOW_TO_IMPORT:
        await asyncio.to_thread(import_module, name)
    window.config = config
    for build in (_make_controls, _make_form, _make_output, _connect):
        build(window)
        await asyncio.sleep(0)
    window.furnished = True
    window.settle()
    await _fill(window)
    aio.spawn(asyncio.to_thread(_warm_up), "warming up")


def _warm_up() -> None:
    for name in WANTED_SOON:
        import_module(name)


def _make_controls(window: "MainWindow") -> None:
    from workbench.ui.dialogs.files import FileChooser
    from workbench.ui.file_actions import FileActions
    from workbench.ui.history_control import HistoryControl
    from workbench.ui.ingest_control import IngestControl
    from workbench.ui.knowledge_control import KnowledgeControl
    from workbench.ui.models.run_model import RunModel
    from workbench.ui.run_control import RunControl

    window.run_model = RunModel(window)
    window.control = RunControl(window.run_model, window)
    window.ingest = IngestControl(window)
    window.files = FileActions(window, FileChooser(window, window.settings))
    window.history = HistoryControl(window)
    window.knowledge = KnowledgeControl(window)


def _make_form(window: "MainWindow") -> None:
    from workbench.ui.draft_keeper import DraftKeeper
    from workbench.ui.panels.task_form import TaskForm

    window.form = TaskForm()
    config = window.config.current
    window.form.set_defaults(config.task.seconds, config.task.tlp, config.sources_off)
    window.draft = DraftKeeper(window.places.data / "draft.json", window.form)
    window.docks.fill("task", window.form)


def _make_output(window: "MainWindow") -> None:
    from workbench.ui.panels.agent_output import AgentOutput

    window.output = AgentOutput(window.run_model, window.welcome)
    window.centre.addWidget(window.output, 1)


def _connect(window: "MainWindow") -> None:
    for signal in (window.control.changed, window.ingest.changed, window.run_model.replaced):
        signal.connect(window.touch)
    window.control.began.connect(window.clear_outcome)
    window.control.ended.connect(window.tell_end)
    window.ingest.ended.connect(window.tell_ingested)
    window.form.run_asked.connect(window.control.submit)
    window.form.attach_asked.connect(window.files.attach)
    window.form.refused.connect(window.warn)
    window.draft.failed.connect(window.warn)
    window.welcome.sample_chosen.connect(window.open_sample)


async def _fill(window: "MainWindow") -> None:
    from workbench.ui import panel_wiring
    from workbench.ui.samples import read_samples

    window.draft.restore(await asyncio.to_thread(window.draft.load))
    window.show_samples(await asyncio.to_thread(read_samples))
    for build in panel_wiring.BEFORE_ENGINE:
        build(window)
        await asyncio.sleep(0)
