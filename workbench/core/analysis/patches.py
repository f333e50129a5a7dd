"""Unified diffs as code: what each file looks like after the change, with its own line numbers.

The parts of a file that a diff does not show are unknown; their lines are left empty, so that a finding's line is the
line in the changed file. Format: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html.
"""

import re
from pathlib import PurePosixPath

from pydantic import Field

from workbench.core.tasks import LANGUAGES, CodeUnit
from workbench.core.values import Value

MAX_LINE_NUMBER = 200_000
"""Lines of a changed file that are followed; a diff that claims more is not padded to it."""

_HUNK = re.compile(r"^@@ -(?P<old>\d+)(?:,(?P<old_count>\d+))? \+(?P<new>\d+)(?:,(?P<new_count>\d+))? @@")
_FILE = re.compile(r"^(?:\+\+\+|---) (?P<path>[^\t\n]+)")


class FileChange(Value):
    """What a diff does to one file. Lines count from 1: added ones in the new file, removed ones in the old."""

    path: str
    added: dict[int, str] = Field(default_factory=dict)
    removed: dict[int, str] = Field(default_factory=dict)
    after: CodeUnit
    """What is known of the file after the change: added and unchanged lines at their places, blanks elsewhere."""

    @property
    def shows_whole_file(self) -> bool:
        """Whether the diff shows every line of the file after the change, as it does for a new file."""
        return not self.removed and sorted(self.added) == list(range(1, self.after.text.count("\n") + 1))

    def introduces(self, line_start: int, line_end: int) -> bool:
        """Whether any line of a range was added by the change."""
        return any(line in self.added for line in range(line_start, line_end + 1))


def is_patch(unit: CodeUnit) -> bool:
    """Whether a unit is a unified diff: by its language, or by its hunks."""
    return unit.language == "diff" or any(_HUNK.match(line) for line in unit.text.splitlines()[:200])


def read_patch(text: str) -> tuple[FileChange, ...]:
    """The changed files in order; a deleted file has no text after the change. Empty for text without hunks."""
    changes: list[FileChange] = []
    reader: _Reader | None = None
    old_path = ""
    for line in text.splitlines():
        if reader is not None and reader.inside and reader.take(line):
            continue
        named = _FILE.match(line)
        if named and line.startswith("---"):
            old_path = _path(named["path"])
        elif named:
            if reader is not None:
                changes.append(reader.change())
            new_path = _path(named["path"])
            reader = _Reader(old_path if new_path == "/dev/null" else new_path)
        elif (hunk := _HUNK.match(line)) and reader is None:
            reader = _Reader(old_path or "changed code")
            reader.begin(hunk)
        elif hunk and reader is not None:
            reader.begin(hunk)
    return (*changes, reader.change()) if reader is not None else ()


def _path(written: str) -> str:
    written = written.strip().strip('"')
    return written[2:] if written[:2] in {"a/", "b/"} else written


class _Reader:
    """Collects the hunks of one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._old = self._new = self._old_due = self._new_due = 0
        self._kept: dict[int, str] = {}
        self._added: dict[int, str] = {}
        self._removed: dict[int, str] = {}
        self.inside = False

    def begin(self, hunk: re.Match[str]) -> None:
        self._old, self._new = int(hunk["old"]), int(hunk["new"])
        self._old_due, self._new_due = int(hunk["old_count"] or 1), int(hunk["new_count"] or 1)
        self.inside = True

    def take(self, line: str) -> bool:
        """Take one line of a hunk; False when it is none, which ends the hunk.

        The counts of the hunk's header decide where a line could be either; a diff written by hand, whose counts are
        wrong, is read as far as its marks go.
        """
        due = self._old_due > 0 or self._new_due > 0
        if not due and (line.startswith(("--- ", "+++ ")) or line in {"", "-- "}):
            self.inside = False
        elif line[:1] == "+":
            self._added[self._new] = line[1:]
            self._keep(line[1:])
        elif line[:1] == "-":
            self._removed[self._old] = line[1:]
            self._old += 1
            self._old_due -= 1
        elif line[:1] in {" ", ""}:
            self._keep(line[1:])
            self._old += 1
            self._old_due -= 1
        elif line[:1] != "\\":
            self.inside = False
        return self.inside

    def _keep(self, text: str) -> None:
        self._kept[self._new] = text
        self._new += 1
        self._new_due -= 1

    def change(self) -> FileChange:
        last = min(max(self._kept, default=0), MAX_LINE_NUMBER)
        text = "\n".join(self._kept.get(number, "") for number in range(1, last + 1))
        language = LANGUAGES.get(PurePosixPath(self._path).suffix.lower(), "text")
        after = CodeUnit(name=self._path, language=language, text=text + "\n" if text else "")
        return FileChange(path=self._path, added=self._added, removed=self._removed, after=after)
