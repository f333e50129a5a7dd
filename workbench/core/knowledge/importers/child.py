"""The child process that reads catalogues and feeds: one file in, its documents out, line by line.

Each request is a JSON line {"path", "kind", "of_folder"}; the kind may be empty, then the content tells it. With
"only_recognise" the answer is one line {"kind"}, empty where no importer knows the file. A file of
a folder is answered only when all of it was read, since it is left out when it is damaged. The answer is JSON lines
too: {"kind"}, then for each document a head {"path", "hash", "size", "dated", "title"} and the document itself on the
next line, then {"end"}; or {"error", "foreign"}. The parent writes documents to the disk without taking them apart.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from workbench.core.child_process import limit_resources
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.importers.base import Imported, Importer, version_order
from workbench.core.knowledge.importers.contents import contents, head_of
from workbench.core.knowledge.importers.registry import importer_of, recognise
from workbench.core.knowledge.loaders.guard import Guard, code_folders

MEMORY_BYTES = 3 * 1024**3
"""Address space of the child: the largest content beside what an importer makes of it."""

CPU_SECONDS = 1_200
"""Processor time for one file, if nobody is left to hold the deadline."""

SKIPPED_SHOWN = 3


@dataclass
class _Reading:
    """What is known of a file when all of its contents have been read."""

    version: str = ""
    name: str = ""
    notices: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    parts: int = 0


def main() -> None:
    """Answer requests until standard input ends."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    guard = Guard(code_folders())
    guard.install()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        path = Path(request["path"])
        guard.allow(path)
        limit_resources(MEMORY_BYTES, int(time.process_time()) + CPU_SECONDS)
        if request.get("only_recognise"):
            answer_kind(path, channel)
        else:
            answer(path, str(request["kind"]), channel, all_first=bool(request["of_folder"]))


def answer_kind(path: Path, channel: BinaryIO) -> None:
    """Write which importer knows the file by its beginning."""
    try:
        with path.open("rb") as stream:
            kind = recognise(head_of(stream)) or ""
    except Exception:  # whatever is wrong with it, it is nothing that an importer knows
        kind = ""
    channel.write(_line({"kind": kind}))
    channel.flush()


def answer(path: Path, kind: str, channel: BinaryIO, *, all_first: bool) -> None:
    """Write what the file says, or the sentence that says why it says nothing."""
    try:
        with path.open("rb") as stream:
            lines = _lines(stream, kind)
            channel.writelines(list(lines) if all_first else lines)
    except LoadError as error:
        _refuse(channel, path, str(error))
    except OSError as error:
        _refuse(
            channel, path, f"it cannot be opened ({error.strerror}); check that it is there and that you may read it"
        )
    except MemoryError:
        _refuse(channel, path, "it needs more memory than one import may take; import it in parts")
    except RecursionError:
        _refuse(channel, path, "it is nested too deeply to be read, so nothing was imported; get it anew")
    except Exception as error:  # whatever an odd file makes a parser raise ends the import, and nothing else
        _refuse(channel, path, f"it cannot be read ({type(error).__name__}), so nothing was imported; get it anew")
    channel.flush()


def _lines(stream: BinaryIO, kind: str) -> Iterator[bytes]:
    kind = kind or recognise(head_of(stream)) or ""
    if not kind:
        raise LoadError(
            "no importer recognises it, so nothing was imported; name its format by --from, or ingest it as a document"
        )
    importer, reading = importer_of(kind), _Reading()
    yield _line({"kind": kind})
    for name, data in contents(stream):
        yield from _part(importer, name, data, reading)
    if not reading.parts:
        reason = f": {reading.skipped[0]}" if reading.skipped else ""
        raise LoadError(f"nothing in it could be read as {importer.title}, so nothing was imported{reason}")
    if reading.skipped:
        shown = ", ".join(reading.skipped[:SKIPPED_SHOWN])
        reading.notices.append(
            f"{len(reading.skipped)} of the packed files could not be read and were left out: {shown}"
        )
    end = {"version": reading.version, "name": reading.name, "notices": reading.notices}
    yield _line({"end": end | {"whole": not reading.skipped, "sha256": _sha256(stream)}})


def _part(importer: Importer, name: str, data: bytes, reading: _Reading) -> Iterator[bytes]:
    """One content. A packed file that cannot be read is left out whole; the file itself must be readable."""
    try:
        imported = importer.read(data)
        lines = _documents(imported)
        yield from list(lines) if name else lines
    except LoadError as error:
        if not name:
            raise
        reading.skipped.append(f"{name} ({_reason(error)})")
        return
    reading.parts += 1
    reading.version = max(reading.version, imported.version, key=version_order)
    reading.name = reading.name or imported.name
    reading.notices += imported.notices


def _documents(imported: Imported) -> Iterator[bytes]:
    for document in imported.documents:
        try:
            yield from _document(document)
        except ValueError:  # pydantic writes no half of a surrogate pair, which JSON can hold
            yield from _document(LoadedDocument.model_validate(_whole_characters(document.model_dump())))


def _document(document: LoadedDocument) -> tuple[bytes, bytes]:
    """Head and body, as two lines."""
    return _head(document), document.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _reason(error: LoadError) -> str:
    """Why a packed file was left out, without what would be so of a file by itself."""
    return str(error).partition(", so nothing was imported")[0]


def _whole_characters(value: Any) -> Any:
    """`value` with a question mark for each half of a character in it."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_characters(item) for item in value]
    return value


def _head(document: LoadedDocument) -> bytes:
    size = sum(len(block.text) for block in document.blocks)
    head = {"path": document.path, "hash": document.content_hash, "size": size}
    return _line(head | {"dated": document.dated, "title": document.title})


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(1_000_000):
        digest.update(piece)
    return digest.hexdigest()


def _refuse(channel: BinaryIO, path: Path, reason: str) -> None:
    channel.write(_line({"error": f"{path.name}: {reason}"}))


def _line(answer: object) -> bytes:
    return json.dumps(answer).encode("ascii") + b"\n"


if __name__ == "__main__":
    main()
