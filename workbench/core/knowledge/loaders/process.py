"""The parent's side of the loader child: starts it, holds its deadline, and takes its answers apart."""

import json
import os
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import TypeAdapter

from workbench.core.child_process import child_command, end_child
from workbench.core.knowledge.documents import Block, LoadedDocument, LoadError, UnknownKindError

CHILD = "workbench.core.knowledge.loaders.child"

LOAD_SECONDS = 60.0
"""Deadline for one file. A PDF of a thousand pages takes about ten seconds."""

FILES_PER_CHILD = 500
"""After so many files a new child is started, so that a leak in a native library stays small."""

MAX_LINE_BYTES = 512 * 1024**2
"""Longest answer line that is read: one block of the largest text, in JSON's escapes."""

KEPT_ENVIRONMENT = ("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""All that the child inherits; credentials in the environment are none of its business."""

_BLOCKS = TypeAdapter(list[Block])


class LoaderProcess:
    """Loads files in a child process, one after the other. Blocking: call it from a thread.

    The child starts with the first file and is replaced when it crashes, hangs or has grown old. `close` may come from
    any thread, ends a load in progress with LoadError, and lets no new child start.
    """

    def __init__(self, deadline: float = LOAD_SECONDS) -> None:
        self._deadline = deadline
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._closed = False
        self._lock = threading.Lock()

    def __enter__(self) -> "LoaderProcess":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, path: Path) -> tuple[LoadedDocument, str]:
        """The document in the file at `path` (absolute) and the SHA-256 of the file's bytes.

        Raises LoadError with one sentence: UnknownKindError for a kind that no loader reads, LoadError itself for a
        file that cannot be read, that takes longer than the deadline, or over which the child died.
        """
        child = self._ready_child()
        late, alarm = set_alarm(child, self._deadline)
        try:
            return _converse(child, path)
        except (OSError, ValueError) as error:
            self._end_child()
            raise LoadError(self._why_no_answer(path, late=late.is_set())) from error
        finally:
            alarm.cancel()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        with self._lock:
            self._closed = True
        self._end_child()

    def _ready_child(self) -> "subprocess.Popen[bytes]":
        child = self._child
        if child is not None and (self._served >= FILES_PER_CHILD or child.poll() is not None):
            self._end_child()
        with self._lock:
            if self._closed:
                raise LoadError("Reading files was stopped; ingest again to go on")
            if self._child is None:
                self._child, self._served = start_child(CHILD), 0
            self._served += 1
            return self._child

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            end_child(child)

    def _why_no_answer(self, path: Path, *, late: bool) -> str:
        if self._closed:
            return f"{path.name} was not read, because reading was stopped; ingest it again"
        if late:
            return (
                f"{path.name} took longer than {self._deadline:.0f} s to read and was given up; split it or simplify it"
            )
        return f"{path.name} made its reader crash, so nothing was taken from it; save it anew and ingest that"


def set_alarm(child: "subprocess.Popen[bytes]", seconds: float) -> tuple[threading.Event, threading.Timer]:
    """Kill `child` after so many seconds, unless the timer is cancelled; the event tells that they were over."""
    late = threading.Event()

    def give_up() -> None:
        late.set()
        child.kill()

    alarm = threading.Timer(seconds, give_up)
    alarm.daemon = True
    alarm.start()
    return late, alarm


def start_child(module: str) -> "subprocess.Popen[bytes]":
    """A fresh child that runs `module`, which can import the workbench from wherever this process has it."""
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[4])
    environment["PYTHONUTF8"] = "1"
    return subprocess.Popen(  # noqa: S603 - an argument list of our own, no shell
        child_command(module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _converse(child: "subprocess.Popen[bytes]", path: Path) -> tuple[LoadedDocument, str]:
    """Ask for one file. Raises OSError or ValueError when the child does not answer as agreed, else LoadError."""
    if child.stdin is None or child.stdout is None:
        raise OSError("the child has no pipes")
    child.stdin.write(json.dumps({"path": str(path)}).encode("ascii") + b"\n")
    child.stdin.flush()
    head = _read(child)
    if "error" in head:
        raise (UnknownKindError if head.get("unknown") else LoadError)(str(head["error"]))
    blocks: list[Block] = []
    while "end" not in (answer := _read(child)):
        blocks += _BLOCKS.validate_python(answer["blocks"])
    return LoadedDocument(**head["document"], blocks=tuple(blocks)), str(head["sha256"])


def _read(child: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """The next line of the answer; OSError when there is none."""
    line = child.stdout.readline(MAX_LINE_BYTES) if child.stdout is not None else b""
    if not line.endswith(b"\n"):
        raise OSError("the child ended")
    answer: dict[str, Any] = json.loads(line)
    return answer
