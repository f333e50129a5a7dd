"""The headers of a download whose name somebody else chose: no second header, no HTML in our origin, no disguise."""

import re
import unicodedata
from urllib.parse import quote

MAX_NAME_BYTES = 200
"""Longest name sent, in bytes of UTF-8; file systems take 255."""

UNNAMED = "download"
"""The name when nothing is left of the one that was given."""

RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE)
"""Names that mean devices on Windows, with any ending."""


def send_download(name: str, private: bool = True) -> list[tuple[str, str]]:
    """The headers to send with a file called `name`, so that browsers save it and never show or run it here.

    `private` keeps it out of caches; False for files that everybody may read. Any name is taken; clean_name() makes
    it harmless. It sends application/octet-stream on purpose: the type that an uploader claims is never passed on.
    """
    return [
        ("Content-Disposition", content_disposition(name)),
        ("Content-Type", "application/octet-stream"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cache-Control", "private, no-store" if private else "public, max-age=3600"),
    ]


def content_disposition(name: str) -> str:
    """The value of Content-Disposition: a plain ASCII name for old clients, the real one percent-encoded for others."""
    clean = clean_name(name)
    plain = unicodedata.normalize("NFKD", clean).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain).strip(" .") or UNNAMED
    plain = f"_{plain}" if RESERVED.fullmatch(plain) else plain
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def clean_name(name: str) -> str:
    """`name` as a file name safe to save: no folders, no control or direction signs, no device, no dot in front."""
    last = re.split(r"[/\\]", name)[-1]
    if len(last) > MAX_NAME_BYTES:  # cut first: normalising and measuring a huge name takes long
        last = last[: MAX_NAME_BYTES - 20] + last[-20:]
    text = unicodedata.normalize("NFC", last)
    text = "".join("_" if _is_odd(character) else character for character in text).strip(" .")
    while len(text.encode()) > MAX_NAME_BYTES:
        stem, dot, ending = text.rpartition(".")
        text = f"{stem[:-1]}{dot}{ending}" if len(stem) > 1 and len(ending) < 20 else text[:-1]
    text = text.strip(" .")
    return f"_{text}" if RESERVED.fullmatch(text) else text or UNNAMED


def _is_odd(character: str) -> bool:
    # Category C holds control and format signs, half surrogates and unassigned ones; U+202E turns exe.gpj around.
    return unicodedata.category(character)[0] in "C" or character in '<>:"|?*\u2028\u2029'
