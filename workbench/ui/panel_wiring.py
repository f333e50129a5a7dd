"""Builds the panels that the first paint does not need, and connects them. One function a dock."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.engine import RunState
    from workbench.ui.main_window import MainWindow


def _graph(window: "MainWindow") -> None:
    from workbench.ui.panels.task_graph import TaskGraph

    window.docks.fill("graph", TaskGraph(window.run_model))


def _history(window: "MainWindow") -> None:
    window.docks.fill("history", window.history.make_panel())


def _evidence(window: "MainWindow") -> None:
    from workbench.ui.panels.evidence import EvidencePanel
    from workbench.ui.panels.source_viewer import SourceViewer
    from workbench.ui.source_opening import SourceOpening

    viewer, panel = SourceViewer(), EvidencePanel(window.run_model)
    opening = SourceOpening(window, viewer)
    panel.open_passage.connect(opening.open_passage)
    panel.open_code.connect(opening.open_code)
    window.form.attachments.opened.connect(opening.open_unit)
    window.run_model.replaced.connect(viewer.clear)
    window.docks.fill("source", viewer)
    window.docks.fill("evidence", panel)


def _consensus(window: "MainWindow") -> None:
    from workbench.ui.panels.consensus import ConsensusPanel

    window.docks.fill("consensus", ConsensusPanel(window.run_model))


def _answer(window: "MainWindow") -> None:
    from workbench.ui.models.answer_model import is_answered
    from workbench.ui.panels.answer import AnswerPanel
    from workbench.ui.panels.source_viewer import SourceViewer
    from workbench.ui.source_opening import SourceOpening

    def show_outcome(state: "RunState") -> None:
        """What was asked for lies in front when its run ends: an answer, or else the decision it had covered."""
        if window.run_model.state.run_id != state.run_id:
            return
        if is_answered(state):
            window.docks.raise_quietly("answer")
        elif window.docks.is_in_front("answer"):
            window.docks.raise_quietly("consensus")

    viewer, window.answer = window.docks.panel("source"), AnswerPanel(window.run_model)
    assert isinstance(viewer, SourceViewer)
    window.answer.open_passage.connect(SourceOpening(window, viewer).open_passage)
    window.answer.save_code.connect(window.files.save_code)
    window.control.ended.connect(show_outcome)
    window.docks.fill("answer", window.answer)


def _record(window: "MainWindow") -> None:
    from workbench.ui.judging import Judging
    from workbench.ui.panels.consensus import ConsensusPanel

    panel = window.docks.panel("consensus")
    assert isinstance(panel, ConsensusPanel)
    Judging(window, panel)


def _log(window: "MainWindow") -> None:
    from workbench.ui.models.log_model import LogModel
    from workbench.ui.panels.log import LogPanel

    window.docks.fill("log", LogPanel(LogModel(window)))


def _notes(window: "MainWindow") -> None:
    from workbench.ui.models.notes_model import NotesModel
    from workbench.ui.panels.notes import NotesPanel

    model = NotesModel(window.engine.notes, window)
    model.follow(window.run_model)
    model.failed.connect(window.warn)
    window.closing.unsaved = lambda: model.unsaved
    window.docks.fill("notes", NotesPanel(model))


def _connections(window: "MainWindow") -> None:
    from workbench.ui.models.connections_model import ConnectionsModel
    from workbench.ui.panels.connections import ConnectionsPanel

    model = ConnectionsModel(window.engine.connections, window)
    model.failed.connect(window.warn)
    window.docks.fill("connections", ConnectionsPanel(model))


def _knowledge(window: "MainWindow") -> None:
    window.docks.fill("knowledge", window.knowledge.make_panel(window.engine))


BEFORE_ENGINE: tuple[Callable[["MainWindow"], None], ...] = (_graph, _consensus, _evidence, _answer, _history, _log)
"""Panels that live of the run on screen alone, in the order in which they are built."""

WITH_ENGINE: tuple[Callable[["MainWindow"], None], ...] = (_record, _notes, _connections, _knowledge)
"""Panels that need the engine."""
