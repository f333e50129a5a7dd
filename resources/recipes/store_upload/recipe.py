"""Store an uploaded picture: the content decides what it is, the server decides what it is called."""

import os
import secrets
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 5_000_000
"""Largest picture taken, in bytes."""

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
}
"""File ending by the first bytes of the content. SVG is missing on purpose: it can carry script."""


class UploadRefusedError(ValueError):
    """The upload is too large or no picture of an accepted type; the text can be shown to the user."""


def store_upload(upload: BinaryIO, folder: Path) -> Path:
    """Write `upload` under a new random name in `folder` and return its path.

    The name and type that the client sent are not used at all. `folder` must lie outside what the web server serves
    as code. Raises UploadRefusedError before anything is written.
    """
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UploadRefusedError(f"The picture is larger than {MAX_BYTES // 1_000_000} MB")
    path = folder / (secrets.token_hex(16) + picture_ending(data))
    # O_EXCL refuses an existing file or link at that place; 0o640 leaves out the right to execute.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path


def picture_ending(data: bytes) -> str:
    """The file ending that belongs to the content; raises UploadRefusedError when it is no accepted picture."""
    for signature, ending in SIGNATURES.items():
        if data.startswith(signature):
            return ending
    raise UploadRefusedError("Only PNG, JPEG and GIF pictures are accepted")
