"""Open a file by a name from outside, and only below one folder."""

from pathlib import Path


class PathRefusedError(ValueError):
    """The name leads out of the folder, or names no regular file in it."""


def join_path(folder: Path, name: str) -> Path:
    """The file called `name` below `folder`, as a real path with links resolved.

    `name` may hold subfolders. Raises PathRefusedError when it is absolute, climbs out, follows a link out, or is no
    regular file. Whether the caller may read that file is another question.
    """
    if not name or "\0" in name or "\\" in name or ":" in name:
        raise PathRefusedError("the name has characters that no file here has")
    base = folder.resolve(strict=True)
    try:
        path = (base / name).resolve()
        found = path.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # too long, a loop of links, half a surrogate pair
        raise PathRefusedError("no file can have that name") from error
    if not path.is_relative_to(base):
        raise PathRefusedError("the name leads out of the folder")
    if not found:
        raise PathRefusedError("there is no such file")
    return path
