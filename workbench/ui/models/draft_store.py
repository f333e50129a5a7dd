"""The task being written, kept over restarts: plain JSON beside the library, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any


class DraftStore:
    """Reads and writes one draft file. Both block: call them from a thread while the window lives."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Any]:
        """The draft last saved; empty when there is none. A broken file is set aside as `*.broken`, not lost."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            data = None
        if not isinstance(data, dict):
            self._set_aside()
            return {}
        return data

    def _set_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".broken"))
        except OSError:
            return

    def save(self, data: dict[str, Any]) -> None:
        """Replace the draft at once; OSError when the disk refuses, with the old draft still there."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
