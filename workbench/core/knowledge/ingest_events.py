"""What an ingestion says while it goes on: light values, which the window imports through core.engine."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from workbench.core.values import Value


class FileState(StrEnum):
    """How one file ended."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    """Its file is gone from a watched folder, and so its document from the library."""


class IngestStarted(Value):
    """First event: how many files there are."""

    kind: Literal["ingest_started"] = "ingest_started"
    total_files: int


class IngestNotice(Value):
    """Something that the analyst should know: folders left out, a document of which a part could not be read."""

    kind: Literal["ingest_notice"] = "ingest_notice"
    text: str


class IngestProgress(Value):
    """How far it is.

    `chunks_total` and `seconds_left` are estimates: by the sizes of the files that are not read yet, and by how many
    chunks files of their kind have made and how fast. `seconds_left` is None while there is nothing to go by.
    """

    kind: Literal["ingest_progress"] = "ingest_progress"
    files_done: int
    files_total: int
    chunks_done: int
    chunks_total: int = 0
    current: str = ""
    seconds_left: float | None = None
    paused: bool = False
    """Whether the job rests, and holds no processor, until it is told to go on."""


class FileEnded(Value):
    """The final state of one file; each file has exactly one. `reason` is a sentence when nothing was taken from it."""

    kind: Literal["file_ended"] = "file_ended"
    path: str
    state: FileState
    reason: str = ""
    chunks: int = 0


class IngestEnded(Value):
    """Last event: how many files ended in each state (states that none ended in are left out)."""

    kind: Literal["ingest_ended"] = "ingest_ended"
    counts: dict[FileState, int]
    seconds: float
    cancelled: bool = False


IngestEvent = Annotated[
    IngestStarted | IngestNotice | IngestProgress | FileEnded | IngestEnded, Field(discriminator="kind")
]
