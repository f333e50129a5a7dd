"""Asks for files and folders without a nested event loop, and remembers where each question was answered last."""

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.ui import aio


class FileChooser:
    """Asks for paths over `parent`; `settings` keeps the last folder of each `purpose`."""

    def __init__(self, parent: QWidget, settings: QSettings) -> None:
        self._parent, self._settings = parent, settings

    async def files(self, purpose: str, title: str, filters: str = "", *, many: bool = True) -> list[Path]:
        """Existing files chosen by the analyst, none when cancelled. `filters` as Qt has them: `Name (*.a *.b)`."""
        mode = QFileDialog.FileMode.ExistingFiles if many else QFileDialog.FileMode.ExistingFile
        return await self._ask(purpose, title, mode, filters)

    async def folder(self, purpose: str, title: str) -> list[Path]:
        """One folder in a list, none when cancelled."""
        return await self._ask(purpose, title, QFileDialog.FileMode.Directory, "")

    async def new_file(self, purpose: str, title: str, name: str) -> Path | None:
        """Where to write a file that is to be called `name`, None when cancelled; asks before one is replaced."""
        paths = await self._ask(purpose, title, QFileDialog.FileMode.AnyFile, "", suggested=name)
        return paths[0] if paths else None

    def last_folder(self, purpose: str) -> Path:
        """Where this question was answered last, at first the home folder."""
        kept = self._settings.value(f"folders/{purpose}")
        return Path(kept) if isinstance(kept, str) and Path(kept).is_dir() else Path.home()

    def remember(self, purpose: str, folder: Path) -> None:
        """Begin there next time."""
        self._settings.setValue(f"folders/{purpose}", str(folder))

    async def _ask(
        self, purpose: str, title: str, mode: QFileDialog.FileMode, filters: str, suggested: str = ""
    ) -> list[Path]:
        dialog = QFileDialog(self._parent, title, str(self.last_folder(purpose)), filters)
        dialog.setFileMode(mode)
        if suggested:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.selectFile(suggested)
        chosen: list[str] = []
        dialog.filesSelected.connect(chosen.extend)
        await aio.show_dialog(dialog)
        paths = [Path(name) for name in chosen]
        if paths:
            is_folder = mode is QFileDialog.FileMode.Directory
            self.remember(purpose, paths[0] if is_folder else paths[0].parent)
        return paths
