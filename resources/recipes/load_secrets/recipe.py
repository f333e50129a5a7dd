"""Load the secrets of a program from private files or the environment, and never show them by accident."""

import hmac
import os
import re
import stat
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import NoReturn

FOLDER = Path("/run/secrets")
"""Where each secret is a file of its name: Docker and Kubernetes mounts, systemd's credentials directory."""

FORBIDDEN_MODE = 0o077
"""Rights that a secret file must not give. In a container that mounts secrets as 0444 for its one user, 0o022."""

MAX_BYTES = 65_536


class SecretError(RuntimeError):
    """A secret is missing, empty, unreadable, or open to others. The message names it and never shows it."""


class Secret:
    """A value that str(), repr(), format(), logging and pickle do not give away; `reveal()` does, where it is used."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value. Call it in the argument of what needs it, and give the result no name."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('...')"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(*(secret._value.encode("utf-8", "surrogatepass") for secret in (self, other)))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


def load_secrets(names: Iterable[str], environment: MutableMapping[str, str] = os.environ) -> dict[str, Secret]:
    """Every secret of `names`: from its file in FOLDER, else from the environment, from which it is then taken out.

    Call it once, first thing in the program: a missing secret stops the start, and programs started later inherit
    none. Raises SecretError.
    """
    found = {}
    for name in names:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            raise SecretError(f"{name!r} is no name for a secret")
        inherited = environment.pop(name, None)
        stored = _read(FOLDER / name)
        value = inherited if stored is None else stored
        if not value:
            raise SecretError(f"the secret {name} is neither in {FOLDER} nor in the environment, or it is empty")
        found[name] = Secret(value)
    return found


def _read(path: Path) -> str | None:
    """The text of a private file without its last line break, None when there is no such file."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())  # of the open file, so that nobody can swap it after the check
            if os.name == "posix" and (about.st_mode & FORBIDDEN_MODE or about.st_uid not in (0, os.geteuid())):
                mode = stat.S_IMODE(about.st_mode)
                raise SecretError(f"{path} is open to others (mode {mode:04o}, owner {about.st_uid}); chmod it to 0400")
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise SecretError(f"{path} has more than {MAX_BYTES} bytes")
    try:
        return content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SecretError(f"{path} is no UTF-8 text") from None  # the error it comes from holds the content
