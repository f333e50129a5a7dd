"""What the library holds, collection by collection, and what of it has lost its file."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from workbench.core.database import Database
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.passes import Passes, is_missing
from workbench.core.knowledge.stored import STARTER, CollectionInfo, DocumentInfo
from workbench.core.knowledge.topic_values import Topics
from workbench.core.knowledge.topics import find_topics
from workbench.core.values import WorkbenchError


class Holdings:
    """Collections and files of one library. All methods block."""

    def __init__(self, database: Database, library: Library, passes: Passes) -> None:
        self._database, self._library, self._passes = database, library, passes

    def collections(self) -> list[CollectionInfo]:
        """All collections by name."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT collection, count(*) FILTER (WHERE content_hash != ''), count(*) FILTER (WHERE state = 'failed'),
                       total(size), max(ingested_at)
                FROM documents GROUP BY collection ORDER BY collection
                """
            ).fetchall()
            chunks = dict(connection.execute("SELECT collection, count(*) FROM chunks GROUP BY collection").fetchall())
        return [
            CollectionInfo(
                name=name,
                documents=documents,
                failed=failed,
                chunks=chunks.get(name, 0),
                size=int(size),
                newest=datetime.fromisoformat(newest) if newest else None,
            )
            for name, documents, failed, size, newest in rows
        ]

    def topics(self, collections: Sequence[str] = ()) -> Topics:
        """What those collections are about, all when there are none named."""
        return find_topics(self._database, self._library.space, collections)

    def remove_collection(self, name: str) -> int:
        """Forget a collection with its documents and folders; returns how many documents there were.

        Raises WorkbenchError for the starter knowledge, which the next start would bring back.
        """
        if name == STARTER:
            raise WorkbenchError(
                "The starter knowledge comes with the program and cannot be removed; leave it out of a search instead"
            )
        self._passes.forget(name)
        ids = self._ids(name)
        self._library.remove_all(ids)
        return len(ids)

    def remove_path(self, path: Path) -> int:
        """Forget the documents that were read from a file, or from anywhere in a folder; returns how many."""
        ids = [identity for identity, file in self._files(None) if file == path or file.is_relative_to(path)]
        self._passes.forget_path(path)
        if ids:
            self._library.remove_all(ids)
        return len(ids)

    def gone(self, within: Path | None = None, collection: str | None = None) -> list[DocumentInfo]:
        """Documents whose file is no more, by path; those of one folder and collection when that is given.

        Where the folder that was taken in is not there itself, as on a drive that is not mounted, its files do not
        count as gone, nor do files of which not even the folder is there.
        """
        look = _Look([Path(folder.path) for folder in self._passes.folders()])
        lost = {
            identity
            for identity, path in self._files(collection)
            if (within is None or path.is_relative_to(within)) and look.is_gone(path)
        }
        if not lost:
            return []
        return [document for document in self._library.documents(collection) if document.id in lost]

    def prune(self, within: Path | None = None, collection: str | None = None) -> list[DocumentInfo]:
        """Forget what `gone` finds, and return it."""
        gone = self.gone(within, collection)
        self._library.remove_all([document.id for document in gone])
        return gone

    def _files(self, collection: str | None) -> list[tuple[str, Path]]:
        """Ids and paths of the documents that were read from files; others have no absolute path."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, path FROM documents WHERE collection != ?1 AND (?2 IS NULL OR collection = ?2)",
                (STARTER, collection),
            ).fetchall()
        files = [(identity, Path(path)) for identity, path in rows]
        return [(identity, path) for identity, path in files if path.is_absolute()]

    def _ids(self, collection: str) -> list[str]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT id FROM documents WHERE collection = ?", (collection,)).fetchall()
        return [row[0] for row in rows]


class _Look:
    """One look at the disk; what was found of a folder is remembered while it lasts."""

    def __init__(self, roots: list[Path]) -> None:
        self._roots = {root: is_missing(root) for root in roots}

    def is_gone(self, path: Path) -> bool:
        """Whether the file is no more, and that is sure."""
        roots = [(root, missing) for root, missing in self._roots.items() if path.is_relative_to(root)]
        if any(missing for _, missing in roots):
            return False
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return bool(roots) or path.parent.is_dir()
        except OSError:  # a drive that fails, or a folder that may not be looked into: nothing is known
            return False
        return False
