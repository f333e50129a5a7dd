"""Download a file whose SHA-256 is known beforehand, and let nobody see it until it is the right one."""

import hashlib
import hmac
import os
import re
import tempfile
import urllib.request
from pathlib import Path
from typing import IO, cast

SECONDS = 30.0
"""Longest wait for connecting and for each read."""

MAX_BYTES = 500_000_000
"""Largest file taken, in bytes."""

PIECE = 64 * 1024


class DownloadRefusedError(ValueError):
    """The file is not the one that was pinned, is too large, or is not offered over HTTPS."""


def verify_download(url: str, sha256: str, target: Path) -> None:
    """Fetch `url` over HTTPS into `target`, which changes only when the whole file has the digest `sha256`.

    `sha256`, 64 hexadecimal digits, comes from elsewhere than the file, such as a lock file under review. Raises
    DownloadRefusedError, or OSError when the server or the disk fails; then no part of the file is left.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise DownloadRefusedError("the pinned SHA-256 is not 64 hexadecimal digits")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".download-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, _open(url) as answer:
            found = _copy(answer, file)
            file.flush()
            os.fsync(file.fileno())
        if not hmac.compare_digest(found, sha256.lower()):
            raise DownloadRefusedError(f"the file has the SHA-256 {found}, which is not the pinned one")
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _open(url: str) -> IO[bytes]:
    """The answer to GET, redirects followed as long as they stay on HTTPS: the opener knows no other scheme."""
    if not url.lower().startswith("https://"):
        raise DownloadRefusedError("only https addresses are downloaded")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return cast("IO[bytes]", opener.open(url, timeout=SECONDS))


def _copy(answer: IO[bytes], file: IO[bytes]) -> str:
    """Copy and hash at once, so that what is hashed is what is written."""
    digest, size = hashlib.sha256(), 0
    while piece := answer.read(PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            raise DownloadRefusedError(f"the file has more than {MAX_BYTES} bytes")
        digest.update(piece)
        file.write(piece)
    return digest.hexdigest()
