"""PDF by page, through PDFium. It is native code that reads strangers' files: run it in the child process only."""

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError
from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.pdf_notes import notes_on
from workbench.core.knowledge.loaders.properties import sound_date
from workbench.core.knowledge.loaders.raw import MAX_TEXT_CHARS, RawFile, broken, empty, encrypted, oversized

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_PAGES = 10_000
"""More pages than any book has; a small file can claim millions."""

HYPHEN = re.compile("[\x02\ufffe\xad]\\s*")
"""What PDFium puts where a word was broken at the end of a line, with the line's end."""

HEADER_BYTES = 1024
"""How far into the file its header may stand (PDF 32000-1, annex H.3, implementation note 13)."""

DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d'?(?:\d\d)?)?")
"""A date in a PDF (PDF 32000-1, 7.9.4)."""

GENERIC_TITLE = re.compile(r"^(untitled|microsoft word\b.*|.*\.(docx?|dvi|indd|tex|qxd|ps|eps))?$", re.IGNORECASE)
"""Titles that a program wrote, which say less than the file's name."""


def load_pdf(file: RawFile) -> LoadedDocument:
    """One block for each page that has text.

    Raises LoadError when the file is encrypted, broken, has too many pages, or holds pictures of text only.
    """
    import pypdfium2

    if not file.data.strip():
        raise empty(file.name)
    if b"%PDF-" not in file.data[:HEADER_BYTES]:
        raise broken(file.name, "it does not begin as a PDF")
    try:
        document = pypdfium2.PdfDocument(file.data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise encrypted(file.name) from error
        raise broken(file.name, "PDFium cannot open it") from error
    with contextlib.closing(document):
        return _read(file, document)


def _read(file: RawFile, document: "PdfDocument") -> LoadedDocument:
    count = len(document)
    if count > MAX_PAGES:
        raise oversized(file.name, f"{count} pages", f"{MAX_PAGES} pages")
    failed: list[int] = []
    nameless: list[int] = []
    blocks = tuple(_pages(file, document, failed, nameless))
    if count and len(failed) == count:
        raise broken(file.name, "none of its pages can be read")
    if not blocks and nameless:
        raise LoadError(
            f"{file.name} has letters whose fonts do not say which they are, so its text cannot be taken out; "
            "run text recognition (OCR) over it and ingest the result"
        )
    if not blocks:
        raise LoadError(
            f"{file.name} has no text on any of its pages ({count}), so it is probably a scan; "
            "run text recognition (OCR) over it and ingest the result"
        )
    properties = document.get_metadata_dict()
    title = " ".join(clean(str(properties.get("Title", ""))).split())
    unread = ", ".join(str(page) for page in failed[:5])
    notices = (f"{len(failed)} of {count} pages of {file.name} cannot be read (page {unread})",) if failed else ()
    return LoadedDocument(
        path=str(file.path),
        title=file.name if GENERIC_TITLE.match(title) else title[:300],
        media_type=file.media_type,
        blocks=blocks,
        notices=notices,
        dated=_date(properties.get("ModDate", "")) or _date(properties.get("CreationDate", "")),
    )


def _date(text: str) -> str:
    """A PDF's date (`D:20260131120000+01'00'`) in ISO format; empty when it is none, or no sound one."""
    match = DATE.match(text)
    if not match:
        return ""
    year, month, day, hour, minute, second, zone = match.groups()
    zone = (zone or "Z").replace("'", ":").rstrip(":")
    zone = "+00:00" if zone.startswith("Z") else zone
    return sound_date(f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}")


def _pages(file: RawFile, document: "PdfDocument", failed: list[int], nameless: list[int]) -> Iterator[Block]:
    """The text of each page with the notes on it.

    The numbers of pages that cannot be read are added to `failed`, of those whose letters have no names to `nameless`.
    """
    import pypdfium2

    total = 0
    for index in range(len(document)):
        try:
            with contextlib.closing(document[index]) as page, contextlib.closing(page.get_textpage()) as textpage:
                raw = textpage.get_text_range()
                text = "\n".join(filter(None, (_join_lines(raw), *notes_on(page))))
        except (pypdfium2.PdfiumError, UnicodeError):
            failed.append(index + 1)
            continue
        if raw.strip() and not text:
            nameless.append(index + 1)
        total += len(text)
        if total > MAX_TEXT_CHARS:
            raise oversized(
                file.name, f"{total / 1e6:.0f} million characters", f"{MAX_TEXT_CHARS // 1_000_000} million"
            )
        if text:
            yield Block(text=text, page=index + 1)


def _join_lines(text: str) -> str:
    """A page's text with broken words mended; its lines stay, since they carry lists and tables."""
    lines = clean(HYPHEN.sub("", text)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())
