"""An embedder of the user's own: a sentence-transformers model in a folder, run by a child process."""

import contextlib
import hashlib
import json
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.child_process import child_command
from workbench.core.knowledge.embedder import EmbedderError, TextTooLongError

if TYPE_CHECKING:
    import numpy as np

CHILD = "workbench.core.knowledge.folder_embedder_child"

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


class FolderEmbedder:
    """The model in `folder`. Thread-safe, one request at a time; all methods block. `stop` ends the child.

    `dimension` and `max_tokens` are 0 until `prepare` has returned, unless they are known from before.
    """

    precision = "fp32"

    def __init__(self, folder: Path, *, dimension: int = 0, max_tokens: int = 0, digest: str = "") -> None:
        self.folder = folder
        self.name = folder.name
        self.dimension, self.max_tokens = dimension, max_tokens
        self.digest = digest or digest_of(folder)
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def prepare(self) -> None:
        """Start the child and load the model; nothing once done. Raises EmbedderError when it cannot be used."""
        with self._turn:
            self._ready()

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows of passages (n, dimension). Raises TextTooLongError for more than `max_tokens`."""
        return self._vectors("embed", texts)

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`, for questions: models that prepend another instruction to them do so."""
        return self._vectors("ask", texts)

    def count_tokens(self, text: str) -> int:
        """Tokens that the model sees for `text`, special tokens included."""
        return self.count_tokens_of_each([text])[0]

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of many texts at once."""
        with self._turn:
            return [int(count) for count in self._ask(do="count", texts=_readable(texts))[0]["counts"]] if texts else []

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit `max_tokens`."""
        with self._turn:
            return [str(piece) for piece in self._ask(do="split", text=_readable([text])[0])[0]["pieces"]]

    def stop(self) -> None:
        """End the child, whatever it is doing, and start none any more."""
        self._stopped = True
        self._end()

    def _vectors(self, do: str, texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._turn:
            counts = self._ask(do="count", texts=_readable(texts))[0]["counts"]
            if max(counts) > self.max_tokens:
                raise TextTooLongError(
                    f"A text of {max(counts)} tokens is longer than the {self.max_tokens} that {self.name} reads, and "
                    "is not cut in silence; split it"
                )
            answer, payload = self._ask(do=do, texts=_readable(texts))
        rows = np.frombuffer(payload, dtype="<f4").reshape(answer["shape"]).astype(np.float32)
        if not np.isfinite(rows).all():
            raise EmbedderError(f"{self.name} gave vectors that are no numbers; its files may be damaged")
        return rows

    def _ready(self) -> "subprocess.Popen[bytes]":
        if self._stopped:
            raise EmbedderError("The program is closing, so the embedding model was not loaded; start it again")
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        refuse_runnable(self.folder)
        environment = {name: os.environ[name] for name in CARRIED if name in os.environ} | OFFLINE
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[3])
        self._child = subprocess.Popen(  # noqa: S603 - an argument list of our own, no shell
            child_command(CHILD),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        answer, _ = self._converse(self._child, {"do": "load", "folder": str(self.folder)}, LOAD_SECONDS)
        self.dimension, self.max_tokens = int(answer["dimension"]), int(answer["tokens"])
        return self._child

    def _ask(self, **request: Any) -> tuple[dict[str, Any], bytes]:
        return self._converse(self._ready(), request, ANSWER_SECONDS)

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
            size = answer["shape"][0] * answer["shape"][1] * 4 if "shape" in answer else 0
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
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


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


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _readable(texts: Sequence[str]) -> list[str]:
    return [text.encode("utf-8", "replace").decode() for text in texts]
