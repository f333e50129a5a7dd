"""Finds the files to ingest under the paths that were given, and says what it leaves out."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.knowledge.documents import LoadError, UnknownKindError
from workbench.core.knowledge.loaders.registry import check_file

LEFT_OUT = frozenset(
    {
        "__pycache__", "node_modules", "bower_components", "site-packages", "$RECYCLE.BIN", "System Volume Information",
        "__MACOSX",
    }
)  # fmt: skip
"""Folders of tools, which hold other people's code and caches; so do hidden folders and virtual environments."""

VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
"""The file that marks a virtual environment, whatever its folder is called (PEP 405)."""


@dataclass(frozen=True)
class FoundFile:
    """A file that may be read. `collection` is where it goes when that is not the collection of the job."""

    path: Path
    size: int
    collection: str = ""


@dataclass(frozen=True)
class RefusedFile:
    """A file that is not opened, with the reason in one sentence; skipped rather than failed if its kind is unknown."""

    path: Path
    reason: str
    skipped: bool
    collection: str = ""


@dataclass
class Discovery:
    """What was found, in the order of the paths given and sorted by name inside each folder."""

    files: list[FoundFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    folders_left_out: list[Path] = field(default_factory=list)

    @property
    def notices(self) -> list[str]:
        """The folders that were left out, said once."""
        count = len(self.folders_left_out)
        if not count:
            return []
        names = sorted({folder.name for folder in self.folders_left_out})
        shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
        what = "1 folder was" if count == 1 else f"{count} folders were"
        return [f"{what} left out, hidden or made by tools ({shown}); give such a folder itself to ingest it"]


def discover(paths: Iterable[Path], stopped: Callable[[], bool] = lambda: False) -> Discovery:
    """All regular files at and under `paths`, each once. A path given itself is taken whatever its name is.

    Links found inside a folder are not followed: what they lead to inside it is found under its own name, and what
    lies outside was not asked for. Blocking; ends early, with what it has, when `stopped` says so.
    """
    found = Discovery()
    seen: set[Path] = set()
    for given in paths:
        for path in _files_of(given, found):
            if stopped():
                return found
            if path not in seen:
                seen.add(path)
                _take(path, found)
    return found


def _files_of(given: Path, found: Discovery) -> Iterator[Path]:
    """The file that `given` is, or the files in the folder that it is, absolute."""
    try:
        path = given.expanduser().resolve()
        is_folder = path.is_dir()
    except (OSError, RuntimeError):  # RuntimeError: a link that leads to itself, or a home that is not known
        path, is_folder = Path(os.path.abspath(given)), False  # noqa: PTH100
    if not is_folder:
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=lambda error: _refuse_folder(error, found)):
        folders[:] = sorted(name for name in folders if not _left_out(Path(folder, name), found))
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_symlink():
                reason = f"{printable(name)} is a link, and links are not followed; give the file itself to ingest it"
                found.refused.append(RefusedFile(file, reason, skipped=True))
            else:
                yield file


def reached(root: Path, path: Path) -> bool:
    """Whether a walk from the folder `root` comes to `path`, going by the folders between them and by links."""
    try:
        between = path.relative_to(root).parts
    except ValueError:
        return False
    depths = len(between) + 1 if path.is_dir() else len(between)
    folders = [root.joinpath(*between[:depth]) for depth in range(1, depths)]
    return not path.is_symlink() and not any(_is_passed_by(folder) for folder in folders)


def _left_out(folder: Path, found: Discovery) -> bool:
    """Whether the walk passes a folder by; if so it is noted."""
    out = _is_passed_by(folder)
    if out and folder not in found.folders_left_out:
        found.folders_left_out.append(folder)
    return out


def _is_passed_by(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in LEFT_OUT or folder.is_symlink():
        return True
    try:
        return (folder / VIRTUAL_ENVIRONMENT).exists()
    except OSError:  # a folder that may not be looked into is refused when the walk gets there
        return False


def _refuse_folder(error: OSError, found: Discovery) -> None:
    folder = Path(os.fsdecode(error.filename or ""))
    reason = f"{printable(folder.name)} cannot be listed ({error.strerror}), so its files are missing; check its rights"
    found.refused.append(RefusedFile(folder, reason, skipped=False))


def _take(path: Path, found: Discovery) -> None:
    """Note a file as found, or as refused with the reason."""
    try:
        if printable(str(path)) != str(path):
            raise LoadError(f"{printable(path.name)} has a name that is no valid text; rename it and ingest it again")
        found.files.append(FoundFile(path, check_file(path)))
    except LoadError as error:
        found.refused.append(RefusedFile(path, str(error), skipped=isinstance(error, UnknownKindError)))


def printable(text: str) -> str:
    """A name that can be shown and stored: bytes that are no text, which Linux allows in names, become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
