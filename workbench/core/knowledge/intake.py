"""Where an ingestion takes its documents from: files on the disk, or documents that somebody else has read already."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol, cast

from workbench.core.knowledge.chunker import CHUNKER_VERSION
from workbench.core.knowledge.discovery import FoundFile, RefusedFile, discover
from workbench.core.knowledge.documents import LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.loaders.process import LoaderProcess
from workbench.core.knowledge.loaders.registry import LOADERS_VERSION, check_file, unreadable
from workbench.core.knowledge.stored import DocumentInfo

READ_BYTES = 1024 * 1024


@dataclass
class Found:
    """What there is to take in."""

    items: list[FoundFile]
    refused: list[RefusedFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class Intake(Protocol):
    """Finds documents, tells whether they changed, and loads them. All methods block."""

    def find(self, stopped: Callable[[], bool]) -> Found:
        """All there is; ends early when `stopped` says so."""
        ...

    def version(self, item: FoundFile) -> str:
        """What must be equal for a document to count as unchanged. Raises LoadError when it cannot be read."""
        ...

    def load(self, item: FoundFile) -> tuple[LoadedDocument, str]:
        """The document, and the version that it was loaded in. Raises LoadError when it cannot be read."""
        ...

    def close(self) -> None:
        """Let go of everything; ends a load in progress with LoadError. May come from any thread, more than once."""
        ...


class FileIntake:
    """Files and folders, read in the loader child."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._loader = LoaderProcess()

    def find(self, stopped: Callable[[], bool]) -> Found:
        """The regular files at and under the paths."""
        discovery = discover(self._paths, stopped)
        return Found(discovery.files, discovery.refused, discovery.notices)

    def version(self, item: FoundFile) -> str:
        """SHA-256 of the file, with the versions of the loaders and the chunker."""
        digest = hashlib.sha256()
        try:
            with item.path.open("rb") as stream:
                while piece := stream.read(READ_BYTES):
                    digest.update(piece)
        except OSError as error:
            raise unreadable(item.path, error) from error
        return file_version(digest.hexdigest())

    def load(self, item: FoundFile) -> tuple[LoadedDocument, str]:
        """The file as a document, with the version of the bytes that were read."""
        document, sha256 = self._loader.load(item.path)
        return document, file_version(sha256)

    def close(self) -> None:
        """End the loader child."""
        self._loader.close()


class Shelved(Protocol):
    """What reading again needs of the library."""

    def documents(self) -> Sequence[DocumentInfo]:
        """All documents."""
        ...


class RereadIntake(FileIntake):
    """The files of documents that the library has, which count as changed whatever is in them."""

    def __init__(self, library: Shelved, document_ids: Iterable[str]) -> None:
        super().__init__(())
        self._library = library
        self._ids = frozenset(document_ids)

    def find(self, stopped: Callable[[], bool]) -> Found:
        """The files as they are now; documents that are no files are refused."""
        found = Found([])
        known: set[Path] = set()
        for document in self._library.documents():
            if document.id not in self._ids or stopped():
                continue
            path = Path(document.path)
            if path in known:
                found.notices.append(f"{path} is in several collections; read it again for the others by itself")
            else:
                known.add(path)
                _look_up(path, document.collection, found)
        return found

    def version(self, item: FoundFile) -> str:
        """No version that any document has."""
        return "to be read again"


class DocumentIntake:
    """Documents that are no files: a corpus, starter knowledge, a feed."""

    def __init__(self, documents: Iterable[LoadedDocument]) -> None:
        # Ids are written with / on every system: a WindowsPath would turn them, and none would be known again.
        self._documents = {cast("Path", PurePosixPath(document.path)): document for document in documents}

    def find(self, stopped: Callable[[], bool]) -> Found:
        """All of them; of several with one path the last."""
        return Found([FoundFile(path, _size(document)) for path, document in self._documents.items()])

    def version(self, item: FoundFile) -> str:
        """SHA-256 of all that the document holds, with the version of the chunker."""
        return f"{self._documents[item.path].content_hash}/c{CHUNKER_VERSION}"

    def load(self, item: FoundFile) -> tuple[LoadedDocument, str]:
        """The document as it was given."""
        return self._documents[item.path], self.version(item)

    def close(self) -> None:
        """Nothing to let go of."""


def _look_up(path: Path, collection: str, found: Found) -> None:
    if not path.is_absolute():
        reason = f"{path} was not read from a file, so it cannot be read again; import it again"
        found.refused.append(RefusedFile(path, reason, True, collection))
        return
    try:
        found.items.append(FoundFile(path, check_file(path), collection))
    except LoadError as error:
        found.refused.append(RefusedFile(path, str(error), isinstance(error, UnknownKindError), collection))


def _size(document: LoadedDocument) -> int:
    """How much work a document is, in characters."""
    return sum(len(block.text) for block in document.blocks)


def file_version(sha256: str) -> str:
    """A file's version in the library: its hash, then what read and cut it, so that a new version of those counts."""
    return f"{sha256}/l{LOADERS_VERSION}c{CHUNKER_VERSION}"
