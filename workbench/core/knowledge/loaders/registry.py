"""Reads a file by the loader of its kind, and the checks that stand before every one of them."""

import hashlib
import importlib
import stat
from collections.abc import Callable
from pathlib import Path

from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.loaders.kinds import FileKind, kind_of, refuse_unknown
from workbench.core.knowledge.loaders.raw import (
    MAX_BLOCKS,
    MAX_FILE_BYTES,
    MAX_TEXT_CHARS,
    RawFile,
    Taken,
    empty,
    oversized,
)

LOADERS_VERSION = 2
"""Raised whenever a loader reads something differently, so that files ingested before are read again."""


def check_file(path: Path) -> int:
    """The size in bytes of a file that may be read.

    Raises UnknownKindError for a kind that no loader reads, else LoadError when it is no regular file, is missing, is
    empty or is larger than MAX_FILE_BYTES. The file itself is not opened.
    """
    refuse_unknown(path)
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise LoadError(f"{path.name} is no regular file, so it is not opened; ingest a file or a folder")
    if status.st_size > MAX_FILE_BYTES:
        raise oversized(path.name, f"{status.st_size / 1e6:.0f} MB", f"{MAX_FILE_BYTES // 1_000_000} MB")
    if status.st_size == 0:
        raise empty(path.name)
    return status.st_size


def unreadable(path: Path, error: OSError) -> LoadError:
    """The system does not give the file out."""
    reason = error.strerror or type(error).__name__
    return LoadError(f"{path.name} cannot be opened ({reason}); check that it is there and that you may read it")


def load_file(path: Path) -> tuple[LoadedDocument, str]:
    """Read one file as a document; the second value is the SHA-256 of the bytes it was made from.

    Raises LoadError with one sentence. Call it in the child process only: it parses what strangers wrote.
    """
    check_file(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    return load_bytes(path, data), hashlib.sha256(data).hexdigest()


def load_bytes(path: Path, data: bytes, within: RawFile | None = None) -> LoadedDocument:
    """Read the bytes of a file as a document; `within` is the file that it is packed in.

    Raises LoadError as `load_file` does.
    """
    kind = kind_of(path, data)
    if len(data) > MAX_FILE_BYTES:
        raise oversized(path.name, f"{len(data) / 1e6:.0f} MB", f"{MAX_FILE_BYTES // 1_000_000} MB")
    depth, taken = (within.depth + 1, within.taken) if within else (0, Taken())
    before = taken.chars, taken.blocks
    try:
        document = _loader(kind)(RawFile(path, data, kind.media_type, depth, taken))
    finally:
        taken.chars, taken.blocks = before  # it counts whole below, with all that is packed in it, or not at all
    return _checked(document, path.name, taken)


def _loader(kind: FileKind) -> Callable[[RawFile], LoadedDocument]:
    module, _, function = kind.loader.partition(":")
    loader: Callable[[RawFile], LoadedDocument] = getattr(
        importlib.import_module(f"workbench.core.knowledge.loaders.{module}"), function
    )
    return loader


def _textless(document: LoadedDocument, name: str) -> LoadError:
    """Nothing to search stands in the file: it is empty, or what stands there cannot be read, as its notices say."""
    if not document.notices:
        return empty(name)
    return LoadError(
        f"{name} has no text that can be read ({document.notices[0]}), so nothing was taken from it; save what matters "
        "in it as text or PDF and ingest that"
    )


def _checked(document: LoadedDocument, name: str, taken: Taken) -> LoadedDocument:
    """The document, if it has text and keeps the limits, together with what was taken out of others beside it."""
    if not any(block.text.strip() for block in document.blocks):
        raise _textless(document, name)
    chars = taken.chars + sum(len(block.text) for block in document.blocks)
    blocks = taken.blocks + len(document.blocks)
    if chars > MAX_TEXT_CHARS:
        raise oversized(name, "its text, with that beside it", f"{MAX_TEXT_CHARS // 1_000_000} million characters")
    if blocks > MAX_BLOCKS:
        raise oversized(name, f"{blocks:,} blocks of text", f"{MAX_BLOCKS:,}")
    taken.chars, taken.blocks = chars, blocks
    return document
