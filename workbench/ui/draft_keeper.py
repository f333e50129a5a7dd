"""Keeps the task form's draft: saved a moment after each change and at the end, restored at the start."""

import asyncio
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.ui import aio
from workbench.ui.models.draft_store import DraftStore
from workbench.ui.panels.task_form import TaskForm

PAUSE_MS = 1_000


class DraftKeeper(QObject):
    """Saves the form's contents to a file whenever they changed."""

    failed = Signal(str)
    """Why the draft cannot be kept, in one sentence."""

    def __init__(self, path: Path, form: TaskForm) -> None:
        super().__init__(form)
        self._store, self._form = DraftStore(path), form
        self._saved: dict[str, Any] = {}
        self._writing = asyncio.Lock()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(lambda: aio.spawn(self.save_now(), "keeping the draft"))
        self.load = self._store.load

    def restore(self, draft: dict[str, Any]) -> None:
        """Put this draft into the form, unless the analyst was faster; from now on changes are saved."""
        if draft and not self._form.title.text() and not self._form.code.toPlainText():
            self._form.restore(draft)
        self._saved = self._form.contents()
        self._form.edited.connect(self._touch)

    def _touch(self) -> None:
        if self._form.contents() != self._saved and not self._pause.isActive():
            self._pause.start()

    async def save_now(self) -> None:
        """Save at once what has changed since the last time."""
        async with self._writing:
            contents = self._form.contents()
            if contents == self._saved:
                return
            try:
                await asyncio.to_thread(self._store.save, contents)
            except OSError as error:
                self.failed.emit(
                    f"The draft of the task cannot be kept ({error.strerror}); make room on the disk, or run the task, "
                    "which keeps it in the journal"
                )
            else:
                self._saved = contents
