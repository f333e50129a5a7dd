"""The run on screen: a RunState that tells panels when it grows or is replaced."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from workbench.core.engine import RunState
from workbench.core.events import RunEvent


class RunModel(QObject):
    """Holds the state of the run that the panels show. Fed from the journal only, live or reopened."""

    replaced = Signal()
    """Another run is shown (or none): read everything anew."""

    grew = Signal(object)
    """The RunEvent just applied; `state` already includes it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = RunState()
        self.events: list[RunEvent] = []
        """The events that `state` was made from, in order."""

    def show(self, events: Sequence[RunEvent]) -> None:
        """Show the run of these events instead of the present one; an empty list shows no run."""
        self.state = RunState.from_events(events)
        self.events = list(events)
        self.replaced.emit()

    def apply(self, event: RunEvent) -> None:
        """Take in the next event of the run on screen."""
        self.state.apply(event)
        self.events.append(event)
        self.grew.emit(event)
