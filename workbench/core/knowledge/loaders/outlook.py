"""Outlook messages (MSG): the properties of [MS-OXMSG], read from the compound file with olefile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError
from workbench.core.knowledge.loaders.attachments import Attachments
from workbench.core.knowledge.loaders.compound import codec, open_compound
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.headings import SEPARATOR, shorten
from workbench.core.knowledge.loaders.nested import MAX_DEPTH
from workbench.core.knowledge.loaders.package import OLE_HEADER
from workbench.core.knowledge.loaders.properties import sound_moment
from workbench.core.knowledge.loaders.raw import RawFile, broken, empty

if TYPE_CHECKING:
    from olefile import OleFileIO

SUBJECT, FROM_NAME, FROM_ADDRESS, TO, CC = "0037", "0C1A", "5D01", "0E04", "0E03"
BODY, HTML, RTF = "1000", "1013", "1009"
FILE_NAME, SHORT_NAME, MEDIA_TYPE, CONTENT = "3707", "3704", "370E", "3701"
"""Tags of properties ([MS-OXPROPS]), as they stand in the names of their streams."""

SENT, DELIVERED, CODE_PAGES = 0x0039, 0x0E06, (0x3FFD, 0x3FDE)
"""Tags of properties with a fixed length: when it was sent and came, and the code pages of its texts."""

UNICODE, BYTES, BINARY, OBJECT = "001F", "001E", "0102", "000D"
"""Types of properties ([MS-OXCDATA] 2.11.1) in the names of their streams."""

PROPERTIES = "__properties_version1.0"
HEADER_BYTES, INNER_HEADER_BYTES = 32, 24
"""What stands before the properties of a message, and of one within another ([MS-OXMSG] 2.4.1)."""

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class _Store:
    """The properties of a message, a recipient or an attachment: a storage of the compound file."""

    def __init__(self, compound: "OleFileIO[Any]", path: tuple[str, ...] = ()) -> None:
        self.compound = compound
        self.path = path
        header = INNER_HEADER_BYTES if path else HEADER_BYTES
        entries = self._stream(PROPERTIES)[header:]
        self._fixed = {
            int.from_bytes(entries[at + 2 : at + 4], "little"): int.from_bytes(entries[at + 8 : at + 16], "little")
            for at in range(0, len(entries) - 15, 16)
        }

    def data(self, tag: str) -> bytes:
        """A property of bytes, empty when there is none."""
        return self._stream(f"__substg1.0_{tag}{BINARY}")

    def text(self, tag: str) -> str:
        """A property of text, empty when there is none."""
        found = self._stream(f"__substg1.0_{tag}{UNICODE}")
        if found:
            return found.decode("utf-16-le", "replace").rstrip("\0")
        return self.decode(self._stream(f"__substg1.0_{tag}{BYTES}")).rstrip("\0")

    def decode(self, data: bytes) -> str:
        """Bytes in the code page that the message says; UTF-8 where they are that."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            pages = (self._fixed[tag] & 0xFFFFFFFF for tag in CODE_PAGES if tag in self._fixed)
            return data.decode(codec(next(pages, 1252)), "replace")

    def moment(self, tag: int) -> datetime | None:
        """A property that is a date."""
        try:
            return EPOCH + timedelta(microseconds=self._fixed[tag] // 10) if tag in self._fixed else None
        except OverflowError:
            return None

    def inner(self, name: str) -> "_Store | None":
        """The storage `name` in this one."""
        path = (*self.path, name)
        return _Store(self.compound, path) if self.compound.get_type("/".join(path)) else None

    def storages(self, begin: str) -> Iterator["_Store"]:
        """The storages in this one whose names begin so."""
        depth = len(self.path)
        names = {
            entry[depth]: None
            for entry in self.compound.listdir()
            if len(entry) > depth and tuple(entry[:depth]) == self.path and entry[depth].startswith(begin)
        }
        return (_Store(self.compound, (*self.path, name)) for name in names)

    def _stream(self, name: str) -> bytes:
        path = "/".join((*self.path, name))
        try:
            return bytes(self.compound.openstream(path).read()) if self.compound.exists(path) else b""
        except (MemoryError, RecursionError):
            raise
        except Exception:  # olefile raises whatever damaged sectors lead it into; what cannot be read is not there
            return b""


def load_outlook(file: RawFile) -> LoadedDocument:
    """One message: sender, recipients, subject, text, the names of its attachments and what stands in them.

    Raises LoadError when the file is empty, broken or no message.
    """
    if not file.data:
        raise empty(file.name)
    if not file.data.startswith(OLE_HEADER):
        from workbench.core.knowledge.loaders.mail import HEADER_LINE, load_mail

        if HEADER_LINE.match(file.data):
            return load_mail(file)
        raise broken(file.name, "it does not begin as an Outlook message")
    with open_compound(file) as compound:
        if not compound.exists(PROPERTIES):
            raise broken(file.name, "it is an Office file, but holds no Outlook message")
        store = _Store(compound)
        notices: list[str] = []
        blocks = tuple(_blocks(file, store, notices, file.depth))
        return LoadedDocument(
            path=str(file.path),
            title=_line(store.text(SUBJECT))[:300] or file.name,
            media_type=file.media_type,
            blocks=blocks,
            notices=tuple(notices),
            dated=sound_moment(store.moment(SENT)) or sound_moment(store.moment(DELIVERED)),
        )


def _blocks(file: RawFile, store: _Store, notices: list[str], depth: int) -> list[Block]:
    """Headers, text, then what stands in the attachments; messages within it under their subjects."""
    body = _body(file, store, notices)
    attachments = Attachments(file)
    inner: list[Block] = []
    for attached in store.storages("__attach_version1.0_#"):
        message = attached.inner(f"__substg1.0_{CONTENT}{OBJECT}")
        if message is None:
            name = attached.text(FILE_NAME) or attached.text(SHORT_NAME)
            attachments.add(name, attached.text(MEDIA_TYPE).lower(), attached.data(CONTENT))
        elif depth >= MAX_DEPTH:
            notices.append(f"A message in {file.name} lies more than {MAX_DEPTH} messages deep, so it was not read")
        else:
            heading = shorten(_line(message.text(SUBJECT))) or "Forwarded message"
            for block in _blocks(file, message, notices, depth + 1):
                path = SEPARATOR.join(filter(None, (heading, block.heading)))
                inner.append(block.model_copy(update={"heading": path}))
    notices += attachments.notices
    head = _head(store, attachments.names)
    return [*([Block(text=head)] if head else []), *body, *inner, *attachments.blocks]


def _head(store: _Store, attached: list[str]) -> str:
    """Who wrote to whom, when and about what, a line for each."""
    sender = " ".join(filter(None, (_line(store.text(FROM_NAME)), _line(store.text(FROM_ADDRESS)))))
    sent = sound_moment(store.moment(SENT)) or sound_moment(store.moment(DELIVERED))
    fields = {
        "From": sender, "To": _line(store.text(TO)), "Cc": _line(store.text(CC)), "Date": sent,
        "Subject": _line(store.text(SUBJECT)), "Attachments": ", ".join(attached),
    }  # fmt: skip
    return "\n".join(f"{name}: {text}" for name, text in fields.items() if text)


def _body(file: RawFile, store: _Store, notices: list[str]) -> list[Block]:
    """The text of the message: as plain text, else from its HTML, else from its rich text."""
    from dataclasses import replace

    from workbench.core.knowledge.loaders.html import load_html
    from workbench.core.knowledge.loaders.plain import load_text
    from workbench.core.knowledge.loaders.rtf import load_rtf

    text, html = store.text(BODY), store.decode(store.data(HTML)) or store.text(HTML)
    try:
        if text.strip():
            document = load_text(replace(file, data=clean(text).encode()))
        elif html.strip():
            document = load_html(replace(file, data=clean(html).encode()))
        elif store.data(RTF):
            document = load_rtf(replace(file, data=_unpacked_rtf(file, store.data(RTF))))
        else:
            return []
    except LoadError as error:
        notices.append(f"The text of {file.name} was left out: {error}")
        return []
    notices += document.notices
    return [Block(text=block.text, heading=block.heading, is_heading=block.is_heading) for block in document.blocks]


def _unpacked_rtf(file: RawFile, data: bytes) -> bytes:
    """The rich text of a message, which is packed by an algorithm of its own ([MS-OXRTFCP])."""
    import compressed_rtf

    try:
        return bytes(compressed_rtf.decompress(data))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # it raises whatever damaged data leads it into
        raise broken(file.name, "its rich text cannot be unpacked") from error


def _line(text: str) -> str:
    return " ".join(clean(text).split())
