"""Where the workbench keeps things: settings, data, caches and logs, in the folders of the operating system."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from workbench.errors import PlacesError

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""Starter knowledge, recipes, samples, icons, templates; the frozen program has the same folder beside the package."""


@dataclass(frozen=True)
class Places:
    """The folders of one installation. `WORKBENCH_HOME` puts all of them under one folder, for tests and USB sticks."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @classmethod
    def default(cls) -> "Places":
        """The user's own folders, by platformdirs, or those under WORKBENCH_HOME when that is set."""
        home = os.environ.get("WORKBENCH_HOME")
        if home:
            return cls.under(Path(home))
        dirs = platformdirs.PlatformDirs("analyst-workbench", appauthor=False)
        return cls(dirs.user_config_path, dirs.user_data_path, dirs.user_cache_path, dirs.user_log_path)

    @classmethod
    def under(cls, home: Path) -> "Places":
        """All folders under `home`."""
        return cls(home / "config", home / "data", home / "cache", home / "logs")

    @property
    def config_file(self) -> Path:
        """The settings, typed and versioned."""
        return self.config / "config.json"

    @property
    def database(self) -> Path:
        """The one SQLite file that is the truth for library, journal, record and notes (encrypted)."""
        return self.data / "workbench.db"

    @property
    def indexes(self) -> Path:
        """FAISS and tantivy caches; safe to delete."""
        return self.cache / "indexes"

    @property
    def models(self) -> Path:
        """Exported models by digest; safe to delete."""
        return self.cache / "models"

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders, links resolved."""
        return tuple(folder.resolve() for folder in (self.config, self.data, self.cache, self.logs))

    def make(self) -> None:
        """Create the folders, readable by the user only; PlacesError names one that cannot be made."""
        for folder in (self.config, self.data, self.cache, self.logs):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise PlacesError(
                    f"The folder {folder} cannot be made ({error.strerror or error}); check the disk and its "
                    "permissions, or set WORKBENCH_HOME to a folder of yours"
                ) from error
