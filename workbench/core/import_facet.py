"""The imports of the library: formats that can be imported, jobs that do it, and what was imported before."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from workbench.core.knowledge.import_events import DownloadInfo, ImportChange, ImportInfo, ImportKind
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    from workbench.config import KnowledgeSettings
    from workbench.core.knowledge.embedder import Embedder
    from workbench.core.knowledge.importers.job import ImportJob, Origin
    from workbench.core.knowledge.importers.store import ImportStore
    from workbench.core.knowledge.ingest_turn import Turn
    from workbench.core.knowledge.library import Library

CLOSING_SECONDS = 2.0
"""How long closing waits for each import to end."""

PARTS = {"nvd": "year", "osv": "ecosystem"}
"""What has to be chosen of the official files of a kind, where there are several."""


class ImportsFacet:
    """Import catalogues and feeds from files, or download the official ones when the user asks for it."""

    def __init__(
        self,
        library: "Library",
        embedder: "Embedder",
        store: "ImportStore",
        *,
        settings: "Callable[[], KnowledgeSettings]",
        cache: Path,
        turn: "Turn | None" = None,
    ) -> None:
        self._library, self._embedder, self._store = library, embedder, store
        self._settings, self._cache, self._turn = settings, cache, turn
        self._jobs: WeakSet[ImportJob] = WeakSet()
        self._alone = asyncio.Lock()

    def kinds(self) -> list[ImportKind]:
        """All formats, each with the address that the settings give for its official file."""
        from workbench.core.knowledge.importers.registry import NAMES, importer_of

        addresses = self._settings().addresses()
        kinds = []
        for name in NAMES:
            importer = importer_of(name)
            address = addresses.get(name, "")
            parts = PARTS.get(name, "") if "{part}" in address else ""
            kinds.append(
                ImportKind(
                    name=name,
                    title=importer.title,
                    files=importer.files,
                    address=address,
                    parts=parts,
                    licence=importer.licence,
                )
            )
        return kinds

    def address(self, kind: str, part: str = "") -> str:
        """Where `download` would go: the address of the settings with the part filled in (NVD: this year).

        Raises WorkbenchError when the kind has no official file, or which of several is not said.
        """
        found = next((each for each in self.kinds() if each.name == kind), None)
        if found is None or not found.address:
            raise WorkbenchError(f"There is no official file of {kind} to download; import one that you have instead")
        if not found.parts:
            return found.address
        return found.address.replace("{part}", _part(found, part))

    async def recognise(self, paths: Sequence[Path]) -> dict[Path, ImportKind]:
        """Which of these files an importer knows by their beginning, and as what. Others, and folders, are not in it.

        Files are looked at in a child process, and only those whose name ends as those of catalogues and feeds do.
        """
        from workbench.core.knowledge.importers.recognising import recognised

        found = await asyncio.to_thread(recognised, paths)
        kinds = {kind.name: kind for kind in (await asyncio.to_thread(self.kinds) if found else [])}
        return {path: kinds[name] for path, name in found.items()}

    def from_file(self, path: Path, kind: str | None = None, *, older: bool = False) -> "ImportJob":
        """Begin to import a file or folder, recognised by its content when no kind is named."""
        from workbench.core.knowledge.importers.job import FromFile

        return self._job(FromFile(path), kind, older=older)

    def download(self, kind: str, part: str = "", *, older: bool = False) -> "ImportJob":
        """Begin to download and import the official file of a kind. Only when the user, who saw the address, asks.

        `part` names one of several files (NVD: the year; OSV: the ecosystem). Raises WorkbenchError as `address`.
        """
        from workbench.core.knowledge.importers.download import FromAddress

        settings, address = self._settings(), self.address(kind, part)
        found = next(each for each in self.kinds() if each.name == kind)
        origin = FromAddress(
            kind,
            address,
            _part(found, part) if found.parts else "",
            folder=self._cache / "downloads",
            store=self._store,
            to_this_machine=settings.plain_http_to_this_machine,
        )
        return self._job(origin, kind, older=older)

    async def history(self) -> list[ImportInfo]:
        """All imports, the latest first; one that was broken off is not `finished`."""
        return await asyncio.to_thread(self._store.history)

    async def changes(self, import_id: int) -> list[ImportChange]:
        """Every document that an import added, changed or removed."""
        return await asyncio.to_thread(self._store.changes, import_id)

    async def downloads(self) -> list[DownloadInfo]:
        """Every request that left the machine for knowledge, the latest first."""
        return await asyncio.to_thread(self._store.downloads)

    async def close(self) -> None:
        """Stop what goes on; the same file imported again goes on with it."""
        running = [job for job in self._jobs if job.running]
        for job in running:
            job.cancel()
        for job in running:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(job.over(), CLOSING_SECONDS)

    def _job(self, origin: "Origin", kind: str | None, *, older: bool) -> "ImportJob":
        from workbench.core.knowledge.importers.job import ImportJob

        job = ImportJob(
            origin,
            kind,
            library=self._library,
            embedder=self._embedder,
            store=self._store,
            scratch=self._cache / "imports",
            alone=self._alone,
            older=older,
            turn=self._turn,
        )
        self._jobs.add(job)
        return job


def _part(kind: ImportKind, part: str) -> str:
    """The part as it goes into the address; raises WorkbenchError for one that cannot."""
    if not part and kind.parts == "year":
        part = str(datetime.now(UTC).year)
    if not part:
        raise WorkbenchError(f"{kind.title} has a file for each {kind.parts}; say which, as --part PyPI")
    if not all(letter.isalnum() or letter in "._- " for letter in part) or part.strip(". ") == "":
        raise WorkbenchError(f"`{part}` is no {kind.parts} of {kind.title}; use letters, digits, dots and hyphens")
    return part.replace(" ", "%20")
