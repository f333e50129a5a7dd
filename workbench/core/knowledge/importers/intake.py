"""The spool of an import as an ingestion takes documents from it."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import cast

from workbench.core.knowledge.chunker import CHUNKER_VERSION
from workbench.core.knowledge.discovery import FoundFile
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.importers.spool import Spool
from workbench.core.knowledge.intake import Found


class SpoolIntake:
    """Gives out the documents of a spool, each read from the disk when it is its turn."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        # Ids are written with / on every system: a WindowsPath would turn them, and no document would be known again.
        self._paths = {cast("Path", PurePosixPath(path)): path for path in spool.heads}

    def find(self, stopped: Callable[[], bool]) -> Found:
        """All of them, by path, so that an import goes on in the order in which it was broken off."""
        found = Found([])
        for path in sorted(self._paths):
            found.items.append(FoundFile(path, self._spool.heads[self._paths[path]].size))
        return found

    def version(self, item: FoundFile) -> str:
        """SHA-256 of all that the document holds, with the version of the chunker."""
        return f"{self._spool.heads[self._paths[item.path]].hash}/c{CHUNKER_VERSION}"

    def load(self, item: FoundFile) -> tuple[LoadedDocument, str]:
        """The document as the importer made it."""
        try:
            return self._spool.load(self._paths[item.path]), self.version(item)
        except ValueError as error:
            raise LoadError(
                f"{item.path.name} was not taken in, because the import was stopped; start it again"
            ) from error

    def close(self) -> None:
        """Nothing to let go of: the spool belongs to the import."""
