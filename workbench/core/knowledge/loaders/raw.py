"""What a loader is given, the limits all loaders keep, and the sentences they end in when a file cannot be read."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core.knowledge.documents import LoadError

MAX_FILE_BYTES = 50_000_000
"""Largest file read as a document. Text of that size is about 60,000 chunks, half an hour of embedding."""

MAX_TEXT_CHARS = 60_000_000
"""Most text taken out of one file; only a packed format can hold more than its own size."""

MAX_BLOCKS = 500_000
"""Most blocks of one document; a text of MAX_FILE_BYTES in paragraphs of a hundred characters has as many."""


@dataclass(frozen=True)
class RawFile:
    """The bytes of one file, and what the registry knows about its kind."""

    path: Path
    data: bytes
    media_type: str
    depth: int = 0
    """How many files it is packed in: 0 for one on disk, 1 for the attachment of a message."""

    @property
    def name(self) -> str:
        """What the analyst knows the file by."""
        return self.path.name


def empty(name: str) -> LoadError:
    """There is nothing in the file."""
    return LoadError(f"{name} is empty: it holds no text to search; leave it out, or fill it and ingest it again")


def binary(name: str) -> LoadError:
    """The file's name says text and its bytes do not."""
    return LoadError(f"{name} is a binary file, not text as its name says; ingest the document it was made from")


def encrypted(name: str) -> LoadError:
    """The file asks for a password."""
    return LoadError(f"{name} is encrypted, so its text cannot be read; save a copy without a password and ingest that")


def broken(name: str, reason: str) -> LoadError:
    """The file is damaged, or is not what its name says."""
    return LoadError(
        f"{name} is broken ({reason}), so nothing was taken from it; open and save it anew, then ingest it"
    )


def oversized(name: str, what: str, limit: str) -> LoadError:
    """The file, or what is packed in it, is larger than a document may be."""
    return LoadError(f"{name} is too large ({what}; the limit is {limit}); split it, or ingest the part that matters")
