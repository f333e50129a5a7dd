"""Text from bytes: by byte order mark, by the encoding the file declares, as UTF-8, or by charset-normalizer."""

import codecs
import re

from workbench.core.knowledge.loaders.raw import RawFile, binary, empty

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 stands before UTF-16, whose little-endian mark it begins with."""

DECLARATION = re.compile(rb"""(?:encoding|charset|coding)\s*[=:]\s*["']?([A-Za-z0-9._:-]{2,40})""")
"""`encoding=` of XML, `charset=` of HTML and the `coding:` comment of Python and Emacs, in the first kilobytes."""

SAMPLE_BYTES = 64_000
"""How much of a file the guess of its encoding looks at; more makes it slower and hardly better."""

ASCII_REMOVED = dict.fromkeys(range(128))

WESTERN = frozenset(
    "\u201c\u201d\u2018\u2019\u2013\u2014\u2026\u2022\u20ac\u2122\xa0\xad"
    "¡¿«»©®°§·£àâäáãåæçèéêëìíîïñòóôöøœùúûüßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØŒÙÚÛÜ"
)
"""What Western European texts have besides ASCII.

Characters that stand where other code pages have frequent letters of their own are left out (ð, þ, ý, š, ž, õ and
superscripts), so that Turkish, Polish, Czech or Hungarian is not taken for it.
"""

WESTERN_SHARE = 0.2
"""Western European texts have fewer non-ASCII characters than this; Cyrillic or Greek has far more."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates: no text, and neither SQLite nor a report can carry all of them."""


def decode_text(file: RawFile) -> tuple[str, tuple[str, ...]]:
    """The text of a file with line feeds for newlines, and notices about what could not be decoded.

    Raises LoadError when the file is empty or binary.
    """
    if not file.data.strip(b" \t\r\n\0"):
        raise empty(file.name)
    encoding = _certain_encoding(file.data) or _guess(file.data)
    if encoding is None:
        raise binary(file.name)
    text = file.data.decode(encoding, errors="replace")
    lost = text.count("\ufffd") - file.data.count("\ufffd".encode())
    if lost > len(text) * 0.1:
        raise binary(file.name)
    notices = (f"{lost} characters of {file.name} are no {encoding} text and show as \ufffd",) if lost > 0 else ()
    return clean(text), notices


def clean(text: str) -> str:
    """Line feeds for newlines; control characters become spaces, lone surrogates U+FFFD, so lines and words stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub(lambda match: "\ufffd" if match.group() >= "\ud800" else " ", text)


def _certain_encoding(data: bytes) -> str | None:
    """The encoding that the file's mark, its own validity as UTF-8 or its declaration make certain, else None."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data:
        return _utf16_without_mark(data) or _utf8_with_stray_zeros(data)
    declared = DECLARATION.search(data[:4096])
    for encoding in ("utf-8", declared.group(1).decode("ascii") if declared else ""):
        if encoding and _decodes(data, encoding):
            return encoding
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    """Whether `data` is valid text in `encoding`, which may be a name that a stranger made up."""
    try:
        codec = codecs.lookup(encoding)
        if not getattr(codec, "_is_text_encoding", True) or codec.name.startswith(("utf-16", "utf-32", "utf-7")):
            return False
        data.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16's byte order by where the zero bytes of its ASCII characters stand; None when it is not UTF-16."""
    sample = data[: SAMPLE_BYTES // 2 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    few, many = sorted((even, odd))
    if many < len(sample) // 2 * 0.3 or few > many * 0.05:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return None if CONTROL.search(sample.decode(encoding, errors="surrogatepass")) else encoding


def _utf8_with_stray_zeros(data: bytes) -> str | None:
    """UTF-8 when a text holds a zero byte here and there, as damaged pages do; None for what must be binary."""
    return "utf-8" if data.count(0) < len(data) * 0.005 and _decodes(data, "utf-8") else None


def _guess(data: bytes) -> str | None:
    """The likeliest encoding of a text that is no UTF-8 and declares nothing; None for what is no text."""
    from charset_normalizer import from_bytes

    if b"\0" in data:
        return None
    if _reads_western(data[:SAMPLE_BYTES]):
        return "cp1252"
    best = from_bytes(data[:SAMPLE_BYTES], steps=5, chunk_size=512).best()
    return best.encoding if best is not None else None


def _reads_western(sample: bytes) -> bool:
    """Whether the text reads as Western European in Windows-1252, by far the commonest of the single-byte encodings.

    Asked first, since charset-normalizer cannot tell it from its neighbours by a few accents and quotation marks.
    """
    high = sample.decode("cp1252", errors="replace").translate(ASCII_REMOVED)
    return len(high) < len(sample) * WESTERN_SHARE and WESTERN.issuperset(high)
