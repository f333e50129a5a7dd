"""Closing the window: asks, by name, when something goes on; stops it; keeps layout and draft; then lets go."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.ui import aio
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow

PATIENCE = 5.0
"""Seconds a cancelled run may take to write its last event before the window closes without it."""


class Closing(QObject):
    """Carries the window from the first wish to close it to `window.closed`."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._asking = False
        self.asks = True
        """Whether the analyst is asked before something is stopped; nobody is there to ask when a script drives."""
        self.unsaved: Callable[[], list[str]] = list
        """Titles of notes with edits that closing would lose."""
        self.done = False
        """Everything is kept and stopped, so the window may go."""

    def begin(self) -> None:
        """Close as soon as may be. A second wish while the first is being asked about changes nothing."""
        if not self._asking and not self.done:
            self._asking = True
            aio.spawn(self._close(), "closing the window")

    @property
    def going_on(self) -> list[str]:
        """What closing would stop, by name."""
        window = self._window
        names: list[str] = []
        if not window.furnished:
            return names
        if window.control.busy:
            names.append(f"the run “{visible(window.control.live_title)}”")
        if window.ingest.busy:
            names.append("reading files into the library")
        if window.knowledge.embedder.busy:
            names.append("embedding the library with another model")
        return names

    def _reasons(self) -> list[str]:
        """What closing would do harm to, a sentence each."""
        stopped, lost = self.going_on, [f"“{visible(title)}”" for title in self.unsaved()]
        sentences = []
        if stopped:
            sentences.append(
                f"Closing stops {' and '.join(stopped)}; what was done is kept and can go on after the next start."
            )
        if lost:
            sentences.append(f"Closing loses what is not stored of the notes {', '.join(lost)}.")
        return sentences

    async def _close(self) -> None:
        try:
            if self.asks and self._reasons() and not await self._may_stop():
                return
            await self._stop()
            await self._keep()
            self.done = True
            self._window.close()
            self._window.closed.emit()
        finally:
            self._asking = False

    async def _may_stop(self) -> bool:
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Still at work")
        box.setText("\n\n".join(self._reasons()))
        stop = box.addButton("Stop and close" if self.going_on else "Close", QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton("Keep working", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        await aio.show_dialog(box)
        return box.clickedButton() is stop

    async def _stop(self) -> None:
        if not self._window.furnished:
            return
        self._window.control.cancel()
        self._window.ingest.leave()
        self._window.knowledge.embedder.leave()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._window.control.wait()
        except TimeoutError:
            self._window.control.changed.emit()

    async def _keep(self) -> None:
        self._window.docks.save(self._window.settings)
        self._window.settings.sync()
        if self._window.furnished:
            await self._window.draft.save_now()
