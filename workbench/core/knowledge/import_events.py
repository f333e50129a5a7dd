"""What an import says at its end, and what is kept of it: light values, which the window gets through core.engine."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from workbench.core.knowledge.ingest_events import IngestEvent
from workbench.core.values import Value


class Change(StrEnum):
    """What an import did to a document."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class ImportKind(Value):
    """A format that can be imported: its name, what files it reads, where the official one is, on what terms."""

    name: str
    title: str
    files: tuple[str, ...]
    address: str = ""
    """Empty where there is no official file. `{part}` in it stands for what `parts` describes."""
    parts: str = ""
    """What has to be chosen of the official files, as a noun (`year`); empty where there is one file."""
    licence: str = ""


class ImportChange(Value):
    """One document that an import added, changed or removed."""

    change: Change
    path: str
    title: str


class ImportInfo(Value):
    """One import that was begun. `finished` is false when it was broken off; the same file goes on with it."""

    id: int
    kind: str
    name: str
    version: str
    at: datetime
    added: int
    changed: int
    removed: int
    unchanged: int
    file: str
    """The file's name, or the address that it came from."""
    sha256: str
    collection: str
    finished: bool


class DownloadInfo(Value):
    """One request that left the machine, and how it ended: `downloaded`, `unchanged`, or a sentence."""

    at: datetime
    kind: str
    host: str
    address: str
    bytes_sent: int
    """Of the request as it was written, without what TLS adds."""
    bytes_received: int
    sha256: str
    outcome: str


class ImportEnded(Value):
    """Last event of an import: what it changed. A cancelled one goes on when the same file is imported again."""

    kind: Literal["import_ended"] = "import_ended"
    format: str
    """The importer's name: attack, nvd."""
    name: str
    version: str
    added: int
    changed: int
    removed: int
    unchanged: int
    failed: int = 0
    seconds: float
    cancelled: bool = False
    examples: tuple[str, ...] = ()
    """Some of what changed, a line each; `imports.changes(import_id)` has all."""
    import_id: int = 0


ImportEvent = Annotated[IngestEvent | ImportEnded, Field(discriminator="kind")]
