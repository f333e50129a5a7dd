"""Text from bytes: by byte order mark, as UTF-8, by the declared encoding, or by what a browser would guess."""

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

SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "shift_jis": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""What is meant by an encoding's name wherever text is exchanged (WHATWG Encoding, 4.2), by Python's names."""

WEB_NAMES = {"windows-31j": "cp932", "windows-874": "cp874", "iso-8859-8-i": "iso8859-8", "x-user-defined": "cp1252"}
"""Names of WHATWG that Python does not know."""

OFF_THE_WEB = frozenset({"cp855", "mac_cyrillic", "cp037", "cp273", "cp500", "cp1026", "cp1140"})
"""Encodings of DOS, old Macs and mainframes that no browser guesses: charset-normalizer is asked for them."""

MANY_HIGH_BYTES = 0.2
"""Share of bytes beyond ASCII above which a text may be in one of those; Western texts have far fewer."""

ISO_2022_JP = (b"\x1b$B", b"\x1b$@")
"""Escapes into two-byte Japanese, in text that is ASCII otherwise (RFC 1468)."""

PADDING = 16
"""So many zero bytes at an end of a file are room that was never written to, as in a log after a crash."""

ASCII = bytes(range(128))

WESTERN = frozenset(
    "\u201c\u201d\u2018\u2019\u2013\u2014\u2026\u2022\u20ac\u2122\xa0\xad"
    "¡¿«»©®°§·£àâäáãåæçèéêëìíîïñòóôöøœùúûüßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØŒÙÚÛÜ"
)
"""What Western European texts have besides ASCII.

Characters that stand where other code pages have frequent letters of their own are left out (ð, þ, ý, š, ž, õ and
superscripts), so that Turkish, Polish, Czech or Hungarian is not taken for it.
"""

SHORT_BYTES = 32
"""A browser has a guess even for a few random bytes; charset-normalizer says when it has none."""

FEW_HIGH_BYTES = 12
"""So few bytes beyond ASCII say too little to tell languages by; then the commonest encoding is the likeliest."""

MAX_CONTROL_SHARE = 0.02
"""Texts have next to no control characters; of random bytes every ninth is one."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates: no text, and neither SQLite nor a report can carry all of them."""


def decode_text(file: RawFile) -> tuple[str, tuple[str, ...]]:
    """The text of a file with line feeds for newlines, and notices about what could not be decoded.

    Raises LoadError when the file is empty or binary.
    """
    data = _without_padding(file.data)
    if not data.strip(b" \t\r\n\0"):
        raise empty(file.name)
    encoding = _certain_encoding(data) or _guess(data)
    if encoding is None:
        raise binary(file.name)
    text = data.decode(encoding, errors="replace")
    if len(data) < len(file.data) and _mostly_controls(text[:SAMPLE_BYTES]):
        raise binary(file.name)
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if lost > len(text) * 0.1:
        raise binary(file.name)
    notices = (f"{lost} characters of {file.name} are no {encoding} text and show as \ufffd",) if lost > 0 else ()
    return clean(text), notices


def _without_padding(data: bytes) -> bytes:
    """The bytes without long runs of zeros at their ends; a single zero there may be half a character of UTF-16."""
    zeros = bytes(PADDING)
    if data.startswith(zeros):
        data = data.lstrip(b"\0")
    return data.rstrip(b"\0") if data.endswith(zeros) else data


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
    if any(escape in data for escape in ISO_2022_JP) and _decodes(data, "iso2022_jp_ext"):
        return "iso2022_jp_ext"
    declared = DECLARATION.search(data[:4096])
    named = _meant(declared.group(1).decode("ascii")) if declared else ()
    return next((encoding for encoding in ("utf-8", *named) if _decodes(data, encoding)), None)


def _meant(name: str) -> tuple[str, ...]:
    """The encodings that a declared name may mean, the likelier first."""
    name = WEB_NAMES.get(name.lower(), name)
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ()
    return (SUPERSETS[known], known) if known in SUPERSETS else (known,)


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
    return None if CONTROL.search(sample.decode(encoding, errors="replace")) else encoding


def _utf8_with_stray_zeros(data: bytes) -> str | None:
    """UTF-8 when a text holds zero bytes here and there, or an ASCII text has holes of them; None for binary data."""
    if data.count(0) < len(data) * 0.005 and _decodes(data, "utf-8"):
        return "utf-8"
    rest = data.translate(None, b"\0")
    return "utf-8" if rest.isascii() and not CONTROL.search(rest.decode("ascii")) else None


def _guess(data: bytes) -> str | None:
    """The likeliest encoding of a text that is no UTF-8 and declares nothing; None for what is no text."""
    from chardetng_py import detect

    sample = data[:SAMPLE_BYTES]
    if b"\0" in data:
        return None
    high = sample.translate(None, ASCII)
    if len(high) <= min(FEW_HIGH_BYTES, len(sample) // 2) and WESTERN.issuperset(
        high.decode("cp1252", errors="replace")
    ):
        return "cp1252"
    if len(sample) < SHORT_BYTES:
        return _by_normalizer(sample)
    if len(high) > len(sample) * MANY_HIGH_BYTES:
        rare = _by_normalizer(sample)
        if rare in OFF_THE_WEB:
            return rare
    name = detect(sample).lower()
    encoding = next(iter(_meant(name)), "cp1252")
    return None if _mostly_controls(sample.decode(encoding, errors="replace")) else encoding


def _mostly_controls(text: str) -> bool:
    """Whether a text has too many control characters, but for the escapes of terminals and holes of zeros."""
    return len(CONTROL.findall(text.replace("\x1b", "").replace("\0", ""))) > len(text) * MAX_CONTROL_SHARE


def _by_normalizer(sample: bytes) -> str | None:
    """What charset-normalizer finds likeliest; None for what is no text."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample, steps=5, chunk_size=512).best()
    return best.encoding if best is not None else None
