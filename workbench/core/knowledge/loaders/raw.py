"""What a loader is given, the limits all loaders keep, and the sentences they end in when a file cannot be read."""

from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.knowledge.documents import LoadError

MAX_FILE_BYTES = 50_000_000
"""Largest file read as a document. Text of that size is about 60,000 chunks, half an hour of embedding."""

MAX_TEXT_CHARS = 60_000_000
"""Most text taken out of one file; only a packed format can hold more than its own size."""

MAX_BLOCKS = 500_000
"""Most blocks of one document; a text of MAX_FILE_BYTES in paragraphs of a hundred characters has as many."""


MAX_UNPACKED_IN_ALL = 1_000_000_000
"""Most that may be unpacked of one file on the disk, out of all archives and packages inside it together."""


@dataclass
class Taken:
    """What was taken so far out of one file on the disk and all that is packed in it, so that nesting gains nothing."""

    unpacked: int = 0
    chars: int = 0
    blocks: int = 0

    def unpack(self, name: str, size: int) -> None:
        """So many more bytes of `name` were unpacked. Raises LoadError when it is too much in all."""
        self.unpacked += size
        if self.unpacked > MAX_UNPACKED_IN_ALL:
            raise oversized(name, "all that is packed in it", f"{MAX_UNPACKED_IN_ALL // 1_000_000} MB")


@dataclass(frozen=True)
class RawFile:
    """The bytes of one file, and what the registry knows about its kind."""

    path: Path
    data: bytes
    media_type: str
    depth: int = 0
    """How many files it is packed in: 0 for one on disk, 1 for the attachment of a message."""
    taken: Taken = field(default_factory=Taken, compare=False)
    """Shared by all that are packed in one file on the disk."""

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
