"""What the analyst does with files: open a task, attach code, read documents in, write a report."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSaveFile, QUrl
from PySide6.QtGui import QDesktopServices

from workbench.core.engine import WorkbenchError
from workbench.core.tasks import load_task
from workbench.ui import aio
from workbench.ui.dialogs.export_report import ExportDialog
from workbench.ui.dialogs.files import FileChooser
from workbench.ui.widgets.message_bar import Choice
from workbench.ui.wording import plural
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow


class FileActions(QObject):
    """Asks for paths and hands them on; each action is one spawned task, so nothing waits for a dialog."""

    def __init__(self, window: "MainWindow", chooser: FileChooser) -> None:
        super().__init__(window)
        self._window, self.choose = window, chooser

    def open_task(self) -> None:
        """Fill the form from a task file that the analyst chooses."""
        aio.spawn(self._open_task(), "opening a task file")

    async def _open_task(self) -> None:
        for path in await self.choose.files("tasks", "Open task file", "Task files (*.json)", many=False):
            await self.show_task_file(path)

    async def show_task_file(self, path: Path) -> None:
        """Fill the form from this task file; raises TaskError with one sentence when it cannot be read."""
        self._window.form.show_task(await asyncio.to_thread(load_task, path))
        self._window.docks.show("task")

    def attach(self) -> None:
        """Attach files that the analyst chooses."""
        aio.spawn(self._attach(), "attaching files")

    async def _attach(self) -> None:
        self._window.form.attachments.attach(await self.choose.files("attachments", "Attach files to the task"))

    def ingest_files(self) -> None:
        """Read files that the analyst chooses into the library."""
        aio.spawn(self._ingest_files(), "choosing files for the library")

    async def _ingest_files(self) -> None:
        self._window.ingest.start(await self.choose.files("library", "Read files into the library"))

    def ingest_folder(self) -> None:
        """Read a folder that the analyst chooses into the library."""
        aio.spawn(self._ingest_folder(), "choosing a folder for the library")

    async def _ingest_folder(self) -> None:
        self._window.ingest.start(await self.choose.folder("library", "Read a folder into the library"))

    def save_code(self, name: str, text: str) -> None:
        """Save code that a run wrote where the analyst says; `name` is suggested."""
        aio.spawn(self._save_code(name, text), "saving the code")

    async def _save_code(self, name: str, text: str) -> None:
        path = await self.choose.new_file("code", "Save the code as", name)
        if path is None:
            return
        await asyncio.to_thread(write_whole, path, text)
        self._window.messages.show_message(
            f"{visible(path.name)} written to {visible(str(path.parent))}. It was analysed, not run: test it first.",
            "good",
            choices=(Choice("Open folder", lambda: open_in_desktop(path.parent)),),
            key="code",
        )

    def export_shown(self) -> None:
        """Write the report of the run on screen."""
        state = self._window.run_model.state
        if state.task is not None:
            self.export(state.run_id, state.task.title)

    def export(self, run_id: str, title: str) -> None:
        """Ask for formats and folder, and write the report of this run."""
        aio.spawn(self._export(run_id, title), "exporting the report")

    async def _export(self, run_id: str, title: str) -> None:
        dialog = ExportDialog(visible(title), self.choose.last_folder("reports"), self._window)
        if not await aio.show_dialog(dialog):
            return
        await self.write_report(run_id, dialog.formats, dialog.chosen_folder)

    async def write_report(self, run_id: str, formats: tuple[str, ...], folder: Path) -> Sequence[Path]:
        """Write the report into `folder` and say what was written."""
        files = await self._window.engine.runs.report(run_id, formats, folder)
        self.choose.remember("reports", folder)
        names = ", ".join(path.name for path in files)
        self._window.messages.show_message(
            f"{plural(len(files), 'report file')} written to {folder}: {names}",
            "good",
            choices=(Choice("Open folder", lambda: open_in_desktop(folder)),),
            key="report",
        )
        return files


def write_whole(path: Path, text: str) -> None:
    """Write `text` as UTF-8, complete or not at all; raises WorkbenchError."""
    file = QSaveFile(str(path))
    data = text.encode("utf-8", "surrogatepass")
    opened = file.open(QSaveFile.OpenModeFlag.WriteOnly)
    if not (opened and file.write(data) == len(data) and file.commit()):
        raise WorkbenchError(
            f"{path.name} could not be written to {path.parent} ({file.errorString()}); choose another folder"
        )


def open_in_desktop(folder: Path) -> None:
    """Show a folder of ours in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
