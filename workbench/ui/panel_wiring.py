"""Builds the panels that the first paint does not need, and connects them. One function a dock."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow


def _graph(window: "MainWindow") -> None:
    from workbench.ui.panels.task_graph import TaskGraph

    window.docks.fill("graph", TaskGraph(window.run_model))


def _history(window: "MainWindow") -> None:
    window.docks.fill("history", window.history.make_panel())


BEFORE_ENGINE: tuple[Callable[["MainWindow"], None], ...] = (_graph, _history)
"""Panels that live of the run on screen alone, in the order in which they are built."""

WITH_ENGINE: tuple[Callable[["MainWindow"], None], ...] = ()
"""Panels that need the engine."""
