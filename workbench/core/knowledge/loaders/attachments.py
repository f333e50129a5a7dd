"""What is attached to a message: named, and read as files of their own."""

from collections import Counter

from workbench.core.knowledge.documents import Block, LoadError, UnknownKindError
from workbench.core.knowledge.loaders.headings import shorten
from workbench.core.knowledge.loaders.nested import last_part, load_nested, under
from workbench.core.knowledge.loaders.raw import RawFile

MAX_ATTACHMENTS = 1_000
"""Most files read out of one message."""

ENDINGS = {
    "application/pdf": ".pdf", "application/rtf": ".rtf", "text/rtf": ".rtf", "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls", "application/vnd.ms-outlook": ".msg", "application/json": ".json",
    "application/xml": ".xml", "text/xml": ".xml", "text/html": ".html", "text/csv": ".csv", "text/markdown": ".md",
    "text/plain": ".txt", "text/calendar": ".txt", "text/vcard": ".txt", "text/x-vcard": ".txt",
    "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}  # fmt: skip
"""Endings for attachments whose name says nothing, by their media type."""

SEEN_OR_HEARD = ("image/", "audio/", "video/")


class Attachments:
    """The attachments of one message, read as they are added."""

    def __init__(self, file: RawFile) -> None:
        self._file = file
        self._unread: Counter[str] = Counter()
        self._notices: list[str] = []
        self.names: list[str] = []
        self.blocks: list[Block] = []

    @property
    def notices(self) -> tuple[str, ...]:
        """What was not read of them."""
        counts = [
            f"{self._file.name} has {count} attached {what}, which cannot be searched"
            for what, count in self._unread.items()
        ]
        return (*self._notices, *counts)

    def add(self, name: str, kind: str, data: bytes) -> None:
        """An attachment by name ("" when it has none), media type and content."""
        shown = last_part(name) if name else ""
        if shown:
            self.names.append(shorten(shown))
        if kind.startswith(SEEN_OR_HEARD):
            self._unread[f"{kind.partition('/')[0]} files"] += 1
        elif kind.endswith("-signature"):
            self._unread["signatures"] += 1
        elif len(self.names) > MAX_ATTACHMENTS:
            self._unread[f"files beyond the first {MAX_ATTACHMENTS:,}"] += 1
        else:
            self._read(shown or "attachment", kind, data)

    def _read(self, name: str, kind: str, data: bytes) -> None:
        """Read it by its name, or by its media type when no loader knows the name."""
        try:
            try:
                document = load_nested(self._file, name, data)
            except UnknownKindError:
                if kind not in ENDINGS:
                    raise
                document = load_nested(self._file, f"{name}{ENDINGS[kind]}", data)
        except LoadError as error:
            self._notices.append(f"Attached to {self._file.name}: {error}")
            return
        self._notices += document.notices
        self.blocks += under(name, document)
