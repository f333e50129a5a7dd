"""What the agents say, as they say it: one stream each, and one of all together."""

from collections import defaultdict

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from workbench.core.engine import RunState
from workbench.core.events import RunEvent
from workbench.ui.models.agent_stream import AGENTS, Entry, entries
from workbench.ui.models.run_model import RunModel
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.stream_view import StreamView

FLUSH_MS = 50
"""Streams are written 20 times a second at most: appending and painting costs 0.3 ms a line, a glance 50 ms."""

BATCH = 150
"""Entries written in one go, which stay below 16 ms."""

ALL = "All agents"


class AgentOutput(QWidget):
    """Shows the streams of the run on screen. `welcome` is shown while there is no run."""

    def __init__(self, run: RunModel, welcome: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._pending: dict[str, list[Entry]] = defaultdict(list)
        self._states: dict[str, str] = {}
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setIconSize(QSize(16, 16))
        self.tabs.setAccessibleName("Output of the agents")
        self.views: dict[str, StreamView] = {}
        for name in (ALL, *AGENTS):
            self._add_tab(name)
        self._stack = QStackedWidget()
        self._stack.addWidget(welcome)
        self._stack.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._flush_soon = QTimer(self, singleShot=True, interval=FLUSH_MS)
        self._flush_soon.timeout.connect(self._flush)
        self.tabs.currentChanged.connect(self._flush)
        run.grew.connect(self._take)
        run.replaced.connect(self._start_over)

    def _add_tab(self, name: str) -> None:
        view = StreamView(named=name == ALL)
        view.setAccessibleName(f"Stream: {name}")
        self.views[name] = view
        self.tabs.addTab(view, name if name == ALL else name.capitalize())

    def _take(self, event: RunEvent) -> None:
        self._stack.setCurrentIndex(1)
        self._queue(event, self._run.state)
        if not self._flush_soon.isActive():
            self._flush_soon.start()

    def _queue(self, event: RunEvent, state: RunState) -> None:
        for entry in entries(event, state):
            self._pending[ALL].append(entry)
            self._pending[entry.agent if entry.agent in self.views else AGENTS[0]].append(entry)
            if entry.kind == "heading" and entry.state:
                self._states[entry.agent] = entry.state

    def _start_over(self) -> None:
        """Show the run that the model now holds, from its first event."""
        self._pending.clear()
        self._states.clear()
        for view in self.views.values():
            view.clear_entries()
        replay = RunState()
        for event in self._run.events:
            replay.apply(event)
            self._queue(event, replay)
        self._stack.setCurrentIndex(1 if self._run.events else 0)
        self._flush()

    def _flush(self) -> None:
        """Write a batch into the stream on screen; the others follow when they are looked at."""
        name = list(self.views)[max(0, self.tabs.currentIndex())]
        batch, self._pending[name] = self._pending[name][:BATCH], self._pending[name][BATCH:]
        if batch:
            self.views[name].add(batch)
        if self._pending[name]:
            self._flush_soon.start()
        self._show_states()

    def _show_states(self) -> None:
        for index, name in enumerate(self.views):
            state = self._states.get(name)
            self.tabs.setTabIcon(index, icon(state) if state else icon("log"))
            self.tabs.setTabToolTip(index, f"{name}: {state}" if state else name)
