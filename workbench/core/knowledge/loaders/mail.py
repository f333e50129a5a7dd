"""Mail messages (EML) and mailboxes (MBOX): headers, bodies and attachments, through Python's own email package.

Its old policy (compat32) is used: the newer one parses each header by its grammar, raises over malformed ones, and
takes time that grows with the square of their length.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import replace
from email.errors import InvalidBase64CharactersDefect
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime

from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError
from workbench.core.knowledge.loaders.attachments import Attachments
from workbench.core.knowledge.loaders.decoding import clean, decode_text
from workbench.core.knowledge.loaders.headings import SEPARATOR, shorten
from workbench.core.knowledge.loaders.nested import MAX_DEPTH
from workbench.core.knowledge.loaders.package import OLE_HEADER
from workbench.core.knowledge.loaders.properties import sound_date, sound_moment
from workbench.core.knowledge.loaders.raw import RawFile, empty

SHOWN_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
"""The headers that are text of the message."""

FROM_LINE = re.compile(rb"^From [^\r\n]*(?:\r?\n|\Z)", re.MULTILINE)
"""What begins a message in a mailbox (RFC 4155): at its start, or behind an empty line."""

QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)

HEADER_LINE = re.compile(rb"\A(?:From [^\n]*\n)?[!-9;-~]{1,100}:", re.ASCII)
"""How a message begins: with a header (RFC 5322, 2.2), or the line of a mailbox before it."""

MAX_HEADER_CHARS = 2_000
"""Most of one header that is shown; a list of recipients can be longer than any message, which a notice says."""

MAX_ENCODED_CHARS = 20_000
"""Longest header whose encoded words are decoded, which takes time that grows with the square of their number."""

ENCRYPTED_TYPES = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})


def load_mail(file: RawFile) -> LoadedDocument:
    """One message: its headers, its text, the names of its attachments and what stands in them.

    A message that comes as plain text and as HTML is taken once. Raises LoadError when the file is empty or no text.
    """
    if file.data.startswith(OLE_HEADER):
        from workbench.core.knowledge.loaders.outlook import load_outlook

        return load_outlook(file)
    data, notices = _in_bytes(file)
    if not HEADER_LINE.match(data):
        return _without_headers(file, data)
    letter = Letter(file, email.message_from_bytes(data))
    return LoadedDocument(
        path=str(file.path),
        title=letter.subject or file.name,
        media_type=file.media_type,
        blocks=tuple(letter.blocks()),
        notices=notices + letter.notices,
        dated=letter.dated,
    )


def load_mailbox(file: RawFile) -> LoadedDocument:
    """Every message of a mailbox under its subject; row_key numbers them. It is dated by its newest message."""
    data, notices = _in_bytes(file)
    if not data.lstrip(b"\r\n").startswith(b"From "):
        return load_mail(replace(file, data=data))
    blocks: list[Block] = []
    dates: list[str] = []
    for number, message in enumerate(_messages(data), start=1):
        letter = Letter(file, email.message_from_bytes(message))
        heading = shorten(letter.subject) or f"Message {number}"
        for block in letter.blocks():
            path = SEPARATOR.join(filter(None, (heading, block.heading)))
            key = f"message {number}" if not block.row_key else f"message {number}, {block.row_key}"
            blocks.append(block.model_copy(update={"heading": path, "row_key": key}))
        notices += letter.notices
        dates.append(letter.dated)
    return LoadedDocument(
        path=str(file.path),
        title=file.name,
        media_type=file.media_type,
        blocks=tuple(blocks),
        notices=notices,
        dated=max(dates, default=""),
    )


def _messages(data: bytes) -> Iterator[bytes]:
    """The messages of a mailbox, without the lines between them."""
    first = len(data) - len(data.lstrip())
    starts = [
        match
        for match in FROM_LINE.finditer(data)
        if match.start() <= first or data[match.start() - 3 : match.start()].endswith((b"\n\n", b"\n\r\n"))
    ]
    ends = [match.start() for match in starts[1:]] + [len(data)]
    for match, end in zip(starts, ends, strict=True):
        yield QUOTED_FROM.sub(rb"\1", data[match.end() : end])


def _in_bytes(file: RawFile) -> tuple[bytes, tuple[str, ...]]:
    """The message as its sender wrote it; one that was saved as UTF-16 comes as UTF-8."""
    if not file.data.strip():
        raise empty(file.name)
    if not file.data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in file.data[:200]:
        return file.data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"), ()
    text, notices = decode_text(file)
    return text.encode(), notices


def _without_headers(file: RawFile, data: bytes) -> LoadedDocument:
    """What has the name of a message and is a text."""
    from workbench.core.knowledge.loaders.plain import load_text

    document = load_text(replace(file, data=data))
    notice = f"{file.name} has no mail headers, so it was read as plain text"
    return document.model_copy(update={"notices": (*document.notices, notice)})


class Letter:
    """One message on its way into blocks."""

    def __init__(self, file: RawFile, message: Message) -> None:
        self._file = file
        self._message = message
        self._headers = _headers(message)
        self._attachments = Attachments(file)
        self._notices: list[str] = []
        self.subject = self._headers.get("subject", "")[:300]

    @property
    def dated(self) -> str:
        """The day and time of its Date header in ISO format, empty when there is no sound one."""
        text = self._headers.get("date", "")
        try:
            return sound_moment(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            return sound_date(text)

    @property
    def notices(self) -> tuple[str, ...]:
        """What could not be read, known once the blocks are."""
        return (*self._notices, *self._attachments.notices)

    def blocks(self) -> list[Block]:
        """Headers, text, then what stands in the attachments."""
        bodies = self._bodies(self._message)
        lines = [f"{name}: {text}" for name in SHOWN_HEADERS if (text := self._shown(name))]
        if self._attachments.names:
            lines.append(f"Attachments: {', '.join(self._attachments.names)}")
        head = [Block(text="\n".join(lines))] if lines else []
        return [*head, *bodies, *self._attachments.blocks]

    def _shown(self, name: str) -> str:
        text = self._headers.get(name.lower(), "")
        if len(text) > MAX_HEADER_CHARS:
            self._notices.append(
                f"The header {name} of {self._file.name} is {len(text):,} characters long; "
                f"the first {MAX_HEADER_CHARS:,} are kept"
            )
        return text[:MAX_HEADER_CHARS]

    def _bodies(self, part: Message) -> list[Block]:
        """The text of a part and all parts in it; what is attached to them is put aside."""
        kind = part.get_content_type()
        if kind in ENCRYPTED_TYPES and _parameter(part, "smime-type") != "signed-data":
            self._notices.append(f"The text of {self._file.name} is encrypted, so only its headers can be read")
            return []
        if kind == "message/rfc822":
            return self._forwarded(part)
        children = part.get_payload()
        if isinstance(children, list):
            found = [self._bodies(child) for child in children if isinstance(child, Message)]
            if kind == "multipart/alternative":
                return _plainest(found)
            own = _status(part) if kind == "message/delivery-status" else []
            return own or [block for blocks in found for block in blocks]
        name = _decoded(part.get_filename() or "")
        if name or part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
            self._attachments.add(name, kind, _content(part))
            return []
        return self._text(part, kind)

    def _text(self, part: Message, kind: str) -> list[Block]:
        """The paragraphs of a part that is text."""
        from workbench.core.knowledge.loaders.html import load_html
        from workbench.core.knowledge.loaders.plain import load_text

        data = _content(part)
        if not data.strip():
            return []
        file = replace(self._file, data=_recoded(data, _parameter(part, "charset")))
        try:
            document = load_html(file) if kind == "text/html" else load_text(file)
        except LoadError as error:
            self._notices.append(f"A part of {self._file.name} was left out: {error}")
            return []
        self._notices += document.notices
        return [Block(text=block.text, heading=block.heading, is_heading=block.is_heading) for block in document.blocks]

    def _forwarded(self, part: Message) -> list[Block]:
        """A message within the message, under its subject."""
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner else None
        if not isinstance(message, Message):
            return []
        if self._file.depth >= MAX_DEPTH:
            self._notices.append(
                f"A message in {self._file.name} lies more than {MAX_DEPTH} messages deep, so it was not read"
            )
            return []
        letter = Letter(replace(self._file, depth=self._file.depth + 1), message)
        heading = shorten(letter.subject) or "Forwarded message"
        blocks = [
            block.model_copy(update={"heading": SEPARATOR.join(filter(None, (heading, block.heading)))})
            for block in letter.blocks()
        ]
        self._notices += letter.notices
        return blocks


def _plainest(found: list[list[Block]]) -> list[Block]:
    """Of alternatives, which stand in order of richness, the first that says at least half of what the longest does."""
    sizes = [sum(len(block.text) for block in blocks) for blocks in found]
    return next((blocks for blocks, size in zip(found, sizes, strict=True) if size and size * 2 >= max(sizes)), [])


def _status(part: Message) -> list[Block]:
    """The fields of a report on delivery, which Python parses as messages without text."""
    inner = part.get_payload()
    texts = [_decoded(f"{name}: {value}") for item in inner for name, value in item.raw_items()]  # type: ignore[union-attr]
    return [Block(text="\n".join(texts))] if texts else []


def _content(part: Message) -> bytes:
    """The bytes of a part without its transfer encoding; a text that only claims to be base64 comes as it stands."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return b""
    claims = any(isinstance(defect, InvalidBase64CharactersDefect) for defect in part.defects)
    if claims and part.get_content_maintype() == "text" and not data.isascii():
        return str(part.get_payload()).encode("utf-8", "surrogateescape")
    return data


def _recoded(data: bytes, charset: str) -> bytes:
    """As UTF-8 if it is valid in the charset that its header declares, else as it is, to be guessed."""
    try:
        return clean(data.decode(charset or "ascii")).encode()
    except (LookupError, ValueError):
        return data


def _parameter(part: Message, name: str) -> str:
    """A parameter of the content type, empty when there is none; a stranger may have written anything there."""
    try:
        found = part.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return str(found[2] if isinstance(found, tuple) else found).strip().lower()


def _headers(message: Message) -> dict[str, str]:
    """The headers by their name in lower case, decoded, each in one line; of several alike the first."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        if name.lower() in {shown.lower() for shown in SHOWN_HEADERS}:
            found.setdefault(name.lower(), _decoded(str(value)))
    return found


def _decoded(value: str) -> str:
    """A header as it is read: encoded words and bytes beyond ASCII decoded, on one line."""
    data = value.encode("utf-8", "surrogateescape")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "=?" in text and len(text) <= MAX_ENCODED_CHARS:
        try:
            text = str(make_header(decode_header(" ".join(text.split()))))
        except (MemoryError, RecursionError):
            raise
        except Exception:  # words in charsets that nobody knows, or cut in the middle, stay as they are written
            text = clean(text)
    return " ".join(clean(text).split())
