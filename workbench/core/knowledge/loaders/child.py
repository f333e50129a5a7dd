"""The child process that reads strangers' files: one path in, one document out, line by line, until its input ends.

Each request is a JSON line {"path"}. The answer is JSON lines too: {"document", "sha256"}, then {"blocks"} as often as
needed, then {"end": true}; or {"error", "unknown"} alone. Blocks come in portions, so that the parent, whose window
must not stall, never has a large line to take apart.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.core.child_process import limit_resources
from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError, UnknownKindError
from workbench.core.knowledge.loaders.guard import Guard, code_folders
from workbench.core.knowledge.loaders.registry import load_file

MEMORY_BYTES = 2 * 1024**3
"""Address space of the child: a file of MAX_FILE_BYTES as Python objects fits, a bomb does not."""

CPU_SECONDS = 180
"""Processor time for one file, if nobody is left to hold the deadline."""

PORTION_CHARS = 100_000
"""Text in one line of the answer; taking it apart holds the parent's interpreter for about a millisecond."""


def main() -> None:
    """Answer requests until standard input ends."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    guard = Guard(code_folders())
    guard.install()
    for line in sys.stdin.buffer:
        path = Path(json.loads(line)["path"])
        guard.allow(path)
        limit_resources(MEMORY_BYTES, int(time.process_time()) + CPU_SECONDS)
        _answer(path, channel)


def _answer(path: Path, channel: BinaryIO) -> None:
    """Write the document, or the sentence that says why there is none."""
    try:
        document, sha256 = load_file(path)
        for line in _lines(document, sha256):
            channel.write(line)
    except LoadError as error:
        _write_error(channel, str(error), unknown=isinstance(error, UnknownKindError))
    except MemoryError:
        _write_error(channel, f"{path.name} needs more memory than one file may take; split it and ingest the parts")
    except RecursionError:
        _write_error(channel, f"{path.name} is nested too deeply to be read; ingest a simpler export of it")
    except Exception as error:  # whatever a parser raises over a damaged file ends that file, not the others
        _write_error(channel, f"{path.name} cannot be read ({type(error).__name__}); save it anew and ingest that")
    channel.flush()


def _lines(document: LoadedDocument, sha256: str) -> Iterator[bytes]:
    """The answer for a document."""
    head = document.model_dump(mode="json", exclude={"blocks"})
    yield _line({"document": head, "sha256": sha256})
    for portion in _portions(document.blocks):
        yield _line({"blocks": [block.model_dump(exclude_defaults=True) for block in portion]})
    yield _line({"end": True})


def _portions(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """The blocks in runs of about PORTION_CHARS."""
    portion: list[Block] = []
    chars = 0
    for block in blocks:
        portion.append(block)
        chars += len(block.text) + 100
        if chars >= PORTION_CHARS:
            yield portion
            portion, chars = [], 0
    if portion:
        yield portion


def _write_error(channel: BinaryIO, sentence: str, *, unknown: bool = False) -> None:
    channel.write(_line({"error": sentence, "unknown": unknown}))


def _line(answer: object) -> bytes:
    return json.dumps(answer).encode("ascii") + b"\n"


if __name__ == "__main__":
    main()
