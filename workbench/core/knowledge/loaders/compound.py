"""Compound files (the OLE format of Office before 2007 and of Outlook messages), opened from memory with olefile."""

import codecs
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.core.knowledge.loaders.decoding import clean
from workbench.core.knowledge.loaders.package import ENCRYPTED_STREAM
from workbench.core.knowledge.loaders.raw import RawFile, broken, encrypted

if TYPE_CHECKING:
    from olefile import OleFileIO


def open_compound(file: RawFile) -> "OleFileIO[Any]":
    """The compound file, to be closed by the caller. Raises LoadError when it is broken or encrypted as a whole."""
    import olefile

    try:
        compound = olefile.OleFileIO(io.BytesIO(file.data))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # olefile raises whatever damaged sector tables lead it into
        if ENCRYPTED_STREAM in file.data:
            raise encrypted(file.name) from error
        raise broken(file.name, "it is no compound file, or its directory is damaged") from error
    if compound.exists("EncryptedPackage"):
        compound.close()
        raise encrypted(file.name)
    return compound


def stream(compound: "OleFileIO[Any]", name: str) -> bytes:
    """The content of a stream, empty when there is none or it is damaged."""
    try:
        return bytes(compound.openstream(name).read()) if compound.exists(name) else b""
    except (MemoryError, RecursionError):
        raise
    except Exception:  # as above: a stream that cannot be read is one that is not there
        return b""


def summary(compound: "OleFileIO[Any]") -> tuple[str, datetime | None, datetime | None]:
    """Title, last saved and created by the document's own properties ([MS-OLEPS]); empty where they say nothing."""
    try:
        found: Any = compound.get_metadata()
    except (MemoryError, RecursionError):
        raise
    except Exception:  # damaged properties say nothing
        return "", None, None
    title: bytes | str = found.title or b""
    text = title.decode(codec(found.codepage), "replace") if isinstance(title, bytes) else str(title)
    return " ".join(clean(text).split())[:300], _moment(found.last_saved_time), _moment(found.create_time)


def _moment(value: object) -> datetime | None:
    """A date of a property set; a length of time, as which olefile reads some, is none."""
    return value if isinstance(value, datetime) else None


def codec(codepage: object) -> str:
    """Python's name for a code page that a property set declares; Western where it is none."""
    number = codepage if isinstance(codepage, int) else 1252
    name = {65001: "utf-8", -535: "utf-8", 10000: "mac_roman", 1200: "utf-16-le"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
