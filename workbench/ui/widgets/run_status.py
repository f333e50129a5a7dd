"""The status bar's account of what goes on: what, how far, how long, a way to stop it, and what left the machine."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from workbench.ui.tooltips import plain_tooltip
from workbench.ui.widgets.elided_label import ElidedLabel
from workbench.ui.widgets.icons import icon
from workbench.ui.wording import duration, plural
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.core.engine import DownloadInfo, RunState

SHOWN = 20
"""Requests of each sort that the tool tip lists."""

_ENDED = ("done", "failed", "skipped")


class RunStatus(QWidget):
    """One line. `cancel` is the command's action, so that button, menu and shortcut are always of one mind."""

    def __init__(self, cancel: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._since: float | None = None
        self._tick = QTimer(self, interval=500)
        self._tick.timeout.connect(self._count)
        self.text = ElidedLabel()
        self.text.setAccessibleName("State of the workbench")
        self.progress = QProgressBar()
        self.progress.setFixedSize(170, 14)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.elapsed = QLabel()
        self.elapsed.setMinimumWidth(70)
        self.elapsed.setAccessibleName("Time so far")
        self.cancel = QToolButton(autoRaise=True)
        self.cancel.setDefaultAction(cancel)
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cancel.setIconSize(QSize(16, 16))
        self.badge = QToolButton(autoRaise=True)
        self.badge.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.badge.setIconSize(QSize(16, 16))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(10)
        row.addWidget(self.text, 1)
        for widget in (self.progress, self.elapsed, self.cancel, self.badge):
            row.addWidget(widget)
        self.say("")
        self.show_egress(None)

    def say(self, text: str, done: int = 0, total: int = 0, *, busy: bool = False) -> None:
        """Say what goes on. While busy, `done` of `total` (0: unknown) is shown and time counted."""
        self.text.setText(visible(text))
        self.progress.setVisible(busy)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.elapsed.setVisible(busy)
        self.cancel.setVisible(busy and self.cancel.defaultAction().isEnabled())
        if busy and self._since is None:
            self._since = time.monotonic()
            self._tick.start()
        elif not busy:
            self._since = None
            self._tick.stop()
        self._count()

    def _count(self) -> None:
        self.elapsed.setText(duration(time.monotonic() - self._since) if self._since is not None else "")

    def show_run(self, state: "RunState", title: str, *, stopping: bool) -> None:
        """Say how far a run is that goes on."""
        records = list(state.steps.values())
        running = [record.step.title for record in records if record.state == "running"]
        done = sum(record.state in _ENDED for record in records)
        if stopping:
            told = "Stopping; what was found is kept"
        elif running:
            told = f"{title}: {', '.join(running)}"
        elif state.plan is None:
            told = f"{title}: asking the sources"
        else:
            told = f"{title}: weighing the proposals"
        self.say(told, done, len(records), busy=True)

    def show_egress(
        self, state: "RunState | None", downloads: "Sequence[DownloadInfo]" = (), text_host: str = ""
    ) -> None:
        """Show what the run and the downloads sent out of the machine, and where all text goes; or that nothing left.

        `text_host` is another machine that embeds the library.
        """
        sent = state.egress if state else []
        count = len(sent) + len(downloads)
        if not count and not text_host:
            self.badge.setIcon(icon("shield"))
            self.badge.setText("Nothing left this machine")
            self.badge.setToolTip("Neither the run on screen nor a download has asked anything of another machine")
            return
        hosts = sorted({text_host, *(each.host for each in sent), *(each.host for each in downloads)} - {""})
        lines = [f"{text_host}: all text of the library and every question, to be embedded"] if text_host else []
        lines += [f"{each.host}: {each.purpose}, {each.bytes_sent:,} bytes" for each in sent[-SHOWN:]]
        lines += [f"{each.host}: download of {each.kind}, {each.bytes_sent:,} bytes" for each in downloads[:SHOWN]]
        self.badge.setIcon(icon("away"))
        self.badge.setText(f"{plural(count, 'request')} left this machine" if count else f"Text goes to {text_host}")
        self.badge.setToolTip(plain_tooltip("\n".join([f"Hosts: {', '.join(hosts)}", *lines])))
