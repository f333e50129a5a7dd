"""The parent's side of the importer child: sends it files, and puts what it reads from them into a spool."""

import hashlib
import json
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from workbench.core.child_process import end_child
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.importers.base import version_order
from workbench.core.knowledge.importers.spool import Head, Spool
from workbench.core.knowledge.loaders.process import set_alarm, start_child

CHILD = "workbench.core.knowledge.importers.child"

READ_SECONDS = 900.0
"""Deadline for one file. NVD's largest year takes about a minute on a slow core."""

MAX_LINE_BYTES = 64 * 1024**2
"""Longest line that is read: one document with all of its records."""

FOLDER_ENDINGS = (".json", ".json.gz", ".xml", ".sarif", ".spdx")
"""Files of a folder that are read."""

MAX_FILES = 1_000_000


@dataclass
class Read:
    """What a file or folder says beside its documents."""

    kind: str = ""
    version: str = ""
    name: str = ""
    sha256: str = ""
    whole: bool = True
    """Whether nothing in it had to be left out."""
    notices: list[str] = field(default_factory=list)


class ImportReader:
    """Reads one file, or all of a folder, into a spool. Blocking: call `read` from a thread.

    `stop` may come from any thread and ends a reading with LoadError.
    """

    def __init__(self, deadline: float = READ_SECONDS) -> None:
        self._deadline = deadline
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def read(self, path: Path, kind: str, spool: Spool) -> Read:
        """All of `path` (absolute) as `kind`, recognised by its content when that is empty. Raises LoadError."""
        try:
            if path.is_dir():
                return self._folder(path, kind, spool)
            return self._file(path, kind, spool)
        finally:
            self._end_child()

    def stop(self) -> None:
        """End the reading, whatever it is doing."""
        with self._lock:
            self._stopped = True
            child = self._child
        if child is not None:
            child.kill()

    def _folder(self, folder: Path, kind: str, spool: Spool) -> Read:
        """All files of a folder as one import; those of another format are left out and told."""
        files = sorted(
            path for path in folder.rglob("*") if path.name.lower().endswith(FOLDER_ENDINGS) and _is_plain(path)
        )
        whole, digest, left_out, read_any = Read(kind), hashlib.sha256(), [], False
        for path in files[:MAX_FILES]:
            try:
                part = self._file(path, whole.kind, spool, of_folder=True)
            except LoadError as error:
                if self._stopped:
                    raise
                left_out.append(str(error))
                continue
            read_any = True
            whole.kind = part.kind
            whole.version = max(whole.version, part.version, key=version_order)
            whole.whole = whole.whole and part.whole
            whole.notices += part.notices
            digest.update(f"{path.relative_to(folder).as_posix()} {part.sha256}\n".encode("utf-8", "surrogatepass"))
        if not read_any:
            first = f" ({left_out[0]})" if left_out else ""
            raise LoadError(f"{folder.name}: no file in this folder can be imported{first}; choose another folder")
        if left_out:
            whole.whole = False
            whole.notices.append(f"{len(left_out)} files of {folder.name} were left out; the first: {left_out[0]}")
        whole.sha256 = digest.hexdigest()
        return whole

    def _file(self, path: Path, kind: str, spool: Spool, *, of_folder: bool = False) -> Read:
        child = self._ready_child()
        late, alarm = set_alarm(child, self._deadline)
        try:
            _ask(child, {"path": str(path), "kind": kind, "of_folder": of_folder})
            return converse(child.stdout, spool)
        except (OSError, ValueError, KeyError) as error:
            self._end_child()
            raise LoadError(self._why_no_answer(path, late=late.is_set())) from error
        finally:
            alarm.cancel()

    def _ready_child(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._stopped:
                raise LoadError("The import was stopped; start it again to go on")
            if self._child is None:
                self._child = start_child(CHILD)
            return self._child

    def _end_child(self) -> None:
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            end_child(child)

    def _why_no_answer(self, path: Path, *, late: bool) -> str:
        if self._stopped:
            return f"{path.name} was not read, because the import was stopped; start it again to go on"
        if late:
            return f"{path.name} took longer than {self._deadline:.0f} s to read and was given up; import it in parts"
        return f"{path.name} made its reader crash, so nothing was taken from it; get it anew and import that"


def _is_plain(path: Path) -> bool:
    """Whether it is a file itself: links are not followed, and a pipe would be waited for without end."""
    return path.is_file() and not path.is_symlink()


def _ask(child: "subprocess.Popen[bytes]", request: dict[str, object]) -> None:
    if child.stdin is None:
        raise OSError("the child has no pipes")
    child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
    child.stdin.flush()


def converse(channel: IO[bytes] | None, spool: Spool) -> Read:
    """What the child answers about one file. Raises LoadError when it says why there is nothing, and OSError,
    ValueError or KeyError when it does not answer as agreed.
    """
    read = Read(_answer(channel)["kind"])
    while "end" not in (answer := _answer(channel)):
        spool.add(Head(**answer), _line(channel))
    end = answer["end"]
    read.version, read.name, read.sha256 = str(end["version"]), str(end["name"]), str(end["sha256"])
    read.whole, read.notices = bool(end["whole"]), [str(notice) for notice in end["notices"]]
    return read


def _answer(channel: IO[bytes] | None) -> dict[str, Any]:
    """The next line of the answer, taken apart. Raises LoadError when it says why there is none."""
    answer: dict[str, Any] = json.loads(_line(channel))
    if "error" in answer:
        raise LoadError(str(answer["error"]))
    return answer


def _line(channel: IO[bytes] | None) -> bytes:
    line = channel.readline(MAX_LINE_BYTES) if channel is not None else b""
    if not line.endswith(b"\n"):
        raise OSError("the child ended")
    return line
