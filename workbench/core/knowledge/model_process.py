"""A model of the user's own in a folder, run by a child process: checked before, started when needed, ended at will."""

import hashlib
import importlib.util
import json
import math
import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.core.child_process import child_command, end_child
from workbench.core.knowledge.embedder import EmbedderError

if TYPE_CHECKING:
    import numpy as np

CHILD = "workbench.core.knowledge.model_child"

LOAD_SECONDS = 300.0
"""Deadline for loading a model; torch alone takes some 7 s, a model of a few gigabytes a minute."""

ANSWER_SECONDS = 600.0
"""Deadline for one request; a batch of 32 chunks takes a large model about a minute on two cores."""

CARRIED = ("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "USERPROFILE")

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PYTHONUTF8": "1"}
"""The model is in the folder; nothing is looked up or reported."""

RUNNABLE = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py")
"""Weights that run code when they are read, and code itself."""

READ_BYTES = 1024 * 1024


class ModelProcess:
    """The model in `folder`, which reads texts or pairs of them. One request at a time; all methods block."""

    def __init__(self, folder: Path, reads: Literal["texts", "pairs"]) -> None:
        self.folder, self._reads = folder, reads
        self._turn = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._facts: dict[str, Any] = {}
        self._stopped = False

    def ready(self) -> dict[str, Any]:
        """Start the child if none runs, and load the model; what it says of itself. Raises EmbedderError."""
        with self._turn:
            if self._stopped:
                raise EmbedderError("The program is closing, so the model was not loaded; start it again")
            if self._child is None or self._child.poll() is not None:
                self._end()
                refuse_runnable(self.folder)
                _need_torch()
                self._child = self._started()
                if self._stopped:  # meanwhile: nobody else would end it
                    self._end()
                    raise self._gone()
                request = {"do": "load", "reads": self._reads, "folder": str(self.folder)}
                self._facts, _ = self._converse(self._child, request, LOAD_SECONDS)
            return self._facts

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to a request without numbers. Raises EmbedderError."""
        with self._turn:
            return self._asked(request)[0]

    def numbers(self, **request: Any) -> "np.ndarray":
        """The float32 array that a request is answered with. Raises EmbedderError, also for what is no number."""
        import numpy as np

        with self._turn:
            answer, payload = self._asked(request)
        rows = np.frombuffer(payload, dtype="<f4").reshape(answer["shape"]).astype(np.float32)
        if not np.isfinite(rows).all():
            raise EmbedderError(f"The model in {self.folder} gave what is no number; its files may be damaged")
        return rows

    def stop(self) -> None:
        """End the child, whatever it is doing, and start none any more."""
        self._stopped = True
        self._end()

    def _started(self) -> "subprocess.Popen[bytes]":
        environment = {name: os.environ[name] for name in CARRIED if name in os.environ} | OFFLINE
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[3])
        return subprocess.Popen(  # noqa: S603 - an argument list of our own, no shell
            child_command(CHILD),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _asked(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        self.ready()
        if self._child is None:
            raise self._gone()
        return self._converse(self._child, request, ANSWER_SECONDS)

    def _converse(
        self, child: "subprocess.Popen[bytes]", request: dict[str, Any], seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        alarm = threading.Timer(seconds, child.kill)
        alarm.daemon = True
        alarm.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            child.stdin.flush()
            answer: dict[str, Any] = json.loads(child.stdout.readline() or b"{}")
            size = math.prod(answer["shape"]) * 4 if "shape" in answer else 0
            payload = child.stdout.read(size)
        except (OSError, ValueError) as error:
            self._end()
            raise self._gone() from error
        finally:
            alarm.cancel()
        if "error" in answer:
            raise EmbedderError(f"The model in {self.folder} cannot be used ({answer['error']}); check its files")
        if not answer or len(payload) < size:
            self._end()
            raise self._gone()
        return answer, payload

    def _gone(self) -> EmbedderError:
        return EmbedderError(
            f"The model in {self.folder} ended or did not answer in time; it may need more memory than there is"
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            end_child(child)


def digest_of(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a model. Raises EmbedderError when it is no model folder."""
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise EmbedderError(
            f"{folder} is no model folder, since it has neither modules.json nor config.json; give the folder that a "
            "sentence-transformers model was saved to"
        )
    digest = hashlib.sha256()
    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder)):
            digest.update(f"\0{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as stream:
                while piece := stream.read(READ_BYTES):
                    digest.update(piece)
    except OSError as error:
        raise EmbedderError(f"{error.filename} cannot be read ({error.strerror}); check its permissions") from error
    return digest.hexdigest()


def refuse_runnable(folder: Path) -> None:
    """Raises EmbedderError when a model has no safetensors weights, or brings code of its own."""
    if not any(folder.rglob("*.safetensors")):
        raise EmbedderError(f"{folder} has no weights in the safetensors format, the only one that cannot run code")
    own = sorted(path.name for path in folder.rglob("*") if path.suffix in RUNNABLE and not _is_hidden(path, folder))
    if own:
        raise EmbedderError(
            f"{folder} holds files that can run code when a model is loaded ({', '.join(own[:4])}); remove them and "
            "keep the safetensors weights"
        )


def _need_torch() -> None:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("sentence_transformers") is None:
        raise EmbedderError(
            "This packaged program carries no PyTorch, which a model in a folder needs; choose a server for it, or run "
            "the workbench from its source"
        )


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
