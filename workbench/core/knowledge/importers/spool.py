"""The documents of an import on the disk, between the child that read them and the ingestion that takes them in.

So none of a large feed is in memory but its ids and hashes. The file has no name where the system allows it, and goes
when the spool is closed.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.core.knowledge.documents import LoadedDocument


@dataclass(frozen=True)
class Head:
    """What is known of a document without reading it."""

    path: str
    hash: str
    """Its `content_hash`."""
    size: int
    """Characters of its text."""
    dated: str
    title: str


class Spool:
    """Documents by path. Written and read from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = tempfile.TemporaryFile(dir=folder, prefix="import-")  # noqa: SIM115 - closed by `close`
        self._places: dict[str, tuple[int, int]] = {}
        self.heads: dict[str, Head] = {}
        self.twice = 0
        """How many documents came with a path that another had already."""

    def add(self, head: Head, body: bytes) -> None:
        """Keep a document. Of two with one path the later dated counts, so that their order means nothing."""
        known = self.heads.get(head.path)
        if known is not None:
            self.twice += known.hash != head.hash
            if (known.dated, known.hash) >= (head.dated, head.hash):
                return
        self.heads[head.path] = head
        self._places[head.path] = (self._file.tell(), len(body))
        self._file.write(body)

    def load(self, path: str) -> LoadedDocument:
        """The document of that path; KeyError when there is none."""
        start, length = self._places[path]
        self._file.seek(start)
        return LoadedDocument.model_validate_json(self._file.read(length))

    def __iter__(self) -> Iterator[Head]:
        return iter(self.heads.values())

    def __len__(self) -> int:
        return len(self.heads)

    def close(self) -> None:
        """Let the file go. Safe to repeat."""
        self._file.close()
