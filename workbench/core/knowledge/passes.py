"""Which folders were gone through and when, which pass was broken off, and which folders are watched."""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from workbench.core.database import Database
from workbench.core.knowledge.ingest_events import FileState
from workbench.core.knowledge.library_rows import clean, now
from workbench.core.knowledge.stored import Folder


class Passes:
    """The log of passes. All methods block; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: set[int] = set()
        self._turn = threading.Lock()

    def began(self, paths: Sequence[Path], collection: str) -> list[int]:
        """Note that a pass over each of these paths begins; it stands in for one that was broken off before."""
        numbers = []
        with self._database.write() as connection:
            for path in paths:
                name = absolute(path)
                connection.execute(
                    "DELETE FROM passes WHERE path = ? AND collection = ? AND ended IS NULL", (name, collection)
                )
                cursor = connection.execute(
                    "INSERT INTO passes (path, collection, is_folder, started) VALUES (?, ?, ?, ?)",
                    (name, collection, Path(name).is_dir(), now()),
                )
                assert cursor.lastrowid is not None
                numbers.append(cursor.lastrowid)
        with self._turn:
            self._running.update(numbers)
        return numbers

    def ended(self, numbers: Sequence[int], counts: Mapping[FileState, int], cancelled: bool) -> None:
        """Note that these passes came to their end. Of each folder the latest is kept, of single files none."""
        told = json.dumps({str(state): count for state, count in counts.items()})
        with self._database.write() as connection:
            for number in numbers:
                connection.execute(
                    "UPDATE passes SET ended = ?, counts = ?, cancelled = ? WHERE id = ?",
                    (now(), told, cancelled, number),
                )
                connection.execute(
                    """
                    DELETE FROM passes WHERE ended IS NOT NULL AND id < ?1
                    AND (path, collection) = (SELECT path, collection FROM passes WHERE id = ?1)
                    """,
                    (number,),
                )
                connection.execute("DELETE FROM passes WHERE id = ? AND NOT is_folder", (number,))

    def left(self, numbers: Sequence[int]) -> None:
        """These passes go on no longer in this program. Does not block."""
        with self._turn:
            self._running.difference_update(numbers)

    def caught_up(self, path: Path, collection: str) -> None:
        """A folder's changes have come in since its last pass."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE passes SET ended = ? WHERE path = ? AND collection = ? AND ended IS NOT NULL",
                (now(), absolute(path), collection),
            )

    def unfinished(self) -> list[tuple[Path, str]]:
        """Files and folders, with their collections, of passes that were broken off by the end of the program."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT id, path, collection FROM passes WHERE ended IS NULL ORDER BY id")
            return [(Path(path), collection) for number, path, collection in rows if number not in self._running]

    def folders(self) -> list[Folder]:
        """The folders that were taken in or are watched, by path."""
        with self._database.read() as connection:
            rows = connection.execute(
                """
                SELECT path, collection, max(ended) FROM passes WHERE is_folder GROUP BY path, collection
                UNION SELECT path, collection, NULL FROM watched
                WHERE (path, collection) NOT IN (SELECT path, collection FROM passes) ORDER BY 1, 2
                """
            ).fetchall()
            watched = set(connection.execute("SELECT path, collection FROM watched").fetchall())
        unfinished = {(str(path), collection) for path, collection in self.unfinished()}
        return [
            Folder(
                path=path,
                collection=collection,
                watched=(path, collection) in watched,
                last_pass=datetime.fromisoformat(ended) if ended else None,
                unfinished=(path, collection) in unfinished and (path, collection) not in watched,
                missing=is_missing(Path(path)),
            )
            for path, collection, ended in rows
        ]

    def watch(self, path: Path, collection: str) -> None:
        """A folder is watched from now on, for one collection."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO watched (path, collection, since) VALUES (?, ?, ?)",
                (absolute(path), collection, now()),
            )

    def unwatch(self, path: Path) -> bool:
        """A folder is watched no longer; returns whether it was."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM watched WHERE path = ?", (absolute(path),)).rowcount > 0

    def watched(self) -> list[tuple[Path, str]]:
        """The watched folders with their collections, by path."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT path, collection FROM watched ORDER BY path").fetchall()
        return [(Path(path), collection) for path, collection in rows]

    def forget(self, collection: str) -> None:
        """Know nothing of the folders of a collection any more, and watch none for it."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM passes WHERE collection = ?", (collection,))
            connection.execute("DELETE FROM watched WHERE collection = ?", (collection,))

    def forget_path(self, path: Path) -> None:
        """Know nothing of a folder any more, and watch it no longer."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM passes WHERE path = ?", (absolute(path),))
            connection.execute("DELETE FROM watched WHERE path = ?", (absolute(path),))


def absolute(path: Path) -> str:
    """A path as it is noted: absolute, links resolved, as the discovery of files has it."""
    try:
        return clean(str(path.expanduser().resolve()))
    except (OSError, RuntimeError):
        return clean(os.path.abspath(path))  # noqa: PTH100


def is_missing(folder: Path) -> bool:
    """Whether a folder is not there, or is empty as the place where a drive is mounted."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
