"""What an index on disk says about itself, checked before it is used. Whatever is wrong means: build it again."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from workbench.core.values import Value

MANIFEST_FILE = "manifest.json"


class Manifest(Value):
    """Identity and state of a saved index. `identity` names all that a rebuild would follow from: library, embedding
    space, dimension, versions of chunker and format. `files` are its files with their SHA-256.
    """

    identity: dict[str, str]
    epoch: int
    count: int
    files: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """The manifest in `folder`, None when there is none that can be read."""
        try:
            return cls.model_validate_json((folder / MANIFEST_FILE).read_bytes())
        except (OSError, ValidationError, UnicodeDecodeError):
            return None

    @classmethod
    def of(
        cls,
        folder: Path,
        identity: dict[str, str],
        epoch: int,
        count: int,
        *,
        files: Iterable[str],
        kept: Mapping[str, str] | None = None,
    ) -> "Manifest":
        """The manifest for files as they stand in `folder` now; `kept` are more, which have not changed, by digest."""
        digests = {name: _sha256(folder / name) for name in sorted(files)}
        return cls(identity=identity, epoch=epoch, count=count, files={**(kept or {}), **digests})

    def write(self, folder: Path) -> None:
        """Put this manifest in place of the one in `folder`, at once or not at all."""
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".manifest-", encoding="utf-8", delete=False) as file:
            json.dump(self.model_dump(), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(folder / MANIFEST_FILE)

    def holds(self, folder: Path, identity: dict[str, str]) -> bool:
        """Whether the index is of that identity and its files are those that were written."""
        if self.identity != identity:
            return False
        try:
            return all(_sha256(folder / name) == digest for name, digest in self.files.items())
        except OSError:
            return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
