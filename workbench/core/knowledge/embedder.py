"""Turns text into vectors: one protocol, and all-MiniLM-L6-v2 through ONNX Runtime behind it."""

import functools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from workbench.core.knowledge.export import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    WEIGHTS_SHA256,
    ExportError,
    export_name,
    sha256_of,
    weights_folder,
)
from workbench.core.values import WorkbenchError
from workbench.places import RESOURCES, Places

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime
    import tokenizers

MAX_TOKENS = 256
"""Longest input, special tokens included: what the model was tuned for (its sentence_bert_config.json)."""

DIMENSION = 384
THREADS = 2
EXPORT_SECONDS = 600.0
"""Deadline of the one export; it takes about 15 s on two free cores."""

RETRY_SECONDS = 60.0
"""How long a failed preparation is not tried again, so that each search does not wait for the same failure."""

MAX_QUESTION_VECTORS = 16
"""Most vectors for one question; the pieces of a longer one are averaged in neighbouring groups, so none is lost."""


class EmbedderError(WorkbenchError):
    """The embedding model cannot be used."""


class TextTooLongError(EmbedderError):
    """A text has more tokens than the model reads; it is refused rather than cut."""


class Embedder(Protocol):
    """Computes vectors of texts. `digest` and `precision` together name the space in which they can be compared."""

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    @property
    def digest(self) -> str:
        """Which model it is."""
        ...

    @property
    def precision(self) -> str:
        """How exactly it computes."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it reads, special tokens included."""
        ...

    def prepare(self) -> None:
        """Make ready to embed; takes long the first time ever, nothing once done."""
        ...

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows (n, dimension). Raises TextTooLongError when a text has over `max_tokens`."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`, for questions, which some models read with another instruction before them."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens that the model sees for `text`, special tokens included."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of many texts at once, which is much faster."""
        ...

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit `max_tokens`, cut between words; [] for a text without words."""
        ...

    def stop(self) -> None:
        """End whatever it is doing, so that nobody who quits has to wait for it. May come from any thread."""
        ...


def space_of(embedder: Embedder) -> str:
    """The key of the space that the embedder's vectors live in."""
    return f"{embedder.digest}/{embedder.precision}"


def question_vectors(embedder: Embedder, question: str) -> "np.ndarray":
    """Vectors (k, dimension) for a question of any length, k from 0 to MAX_QUESTION_VECTORS; nothing of it is cut."""
    import numpy as np

    vectors = embedder.embed_questions(embedder.split(question))
    if len(vectors) <= MAX_QUESTION_VECTORS:
        return vectors
    means = np.stack([group.mean(axis=0) for group in np.array_split(vectors, MAX_QUESTION_VECTORS)])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)


class QuestionVectors:
    """The vectors of the last questions, computed once for all sources that are asked. Thread-safe."""

    def __init__(self, embedder: Embedder, size: int = 32) -> None:
        self.embedder = embedder
        self._turn = threading.Lock()
        self._of = functools.lru_cache(maxsize=size)(self._in_space)

    def of(self, question: str) -> "np.ndarray":
        """The vectors (k, dimension) of `question`; not to be written to."""
        with self._turn:
            return self._of(question, space_of(self.embedder))

    def _in_space(self, question: str, _space: str) -> "np.ndarray":
        return question_vectors(self.embedder, question)


class OnnxEmbedder:
    """all-MiniLM-L6-v2 by ONNX Runtime, loaded at first use. Thread-safe; all methods block."""

    name = "all-MiniLM-L6-v2"
    digest = WEIGHTS_SHA256
    dimension = DIMENSION
    max_tokens = MAX_TOKENS

    def __init__(self, places: Places, precision: str = "int8") -> None:
        self.precision = precision
        self._places = places
        self._session_turn = threading.Lock()
        self._tokenizer_turn = threading.Lock()
        self._tokenizer: tokenizers.Tokenizer | None = None
        self._session: onnxruntime.InferenceSession | None = None
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False
        self._failure: EmbedderError | None = None
        self._failed_at = 0.0

    @property
    def export_folder(self) -> Path | None:
        """Where the exported model stands: in the program itself, in the cache, or nowhere yet (None)."""
        name = export_name(self.precision)
        for parent in (RESOURCES / "models", self._places.models):
            if (parent / name / MANIFEST_FILE).is_file():
                return parent / name
        return None

    def prepare(self) -> None:
        """Export the model if that was never done, and load it. A damaged export is made again.

        Raises EmbedderError when it cannot be made; within RETRY_SECONDS of a failure the same one again, at once.
        """
        with self._session_turn:
            if self._session is not None:
                return
            if self._failure is not None and time.monotonic() < self._failed_at + RETRY_SECONDS:
                raise self._failure
            try:
                self._session = self._opened()
            except EmbedderError as error:
                self._failure, self._failed_at = error, time.monotonic()
                raise

    def _opened(self) -> "onnxruntime.InferenceSession":
        try:
            return _open_session(self.export_folder or self._export())
        except _DamagedExportError:
            return _open_session(self._export())

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows (n, 384), in the order of `texts`.

        Raises TextTooLongError when a text has over 256 tokens, EmbedderError when the model cannot be made.
        """
        import numpy as np

        self.prepare()
        encoded = self._loaded_tokenizer().encode_batch(_readable(texts))
        ids = [encoding.ids for encoding in encoded]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > MAX_TOKENS:
                raise TextTooLongError(
                    f"A text of {len(tokens)} tokens is longer than the {MAX_TOKENS} that the embedder reads, and is "
                    f'not cut in silence; split it ("{text[:60]}...")'
                )
        vectors = np.empty((len(ids), DIMENSION), dtype=np.float32)
        for row, tokens in enumerate(ids):
            vectors[row] = self._run(tokens)
        return vectors

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`: this model reads questions and passages alike."""
        return self.embed(texts)

    def count_tokens(self, text: str) -> int:
        """Tokens that the model sees for `text`, special tokens included."""
        return self.count_tokens_of_each([text])[0]

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of many texts at once."""
        return [len(encoding.ids) for encoding in self._loaded_tokenizer().encode_batch_fast(_readable(texts))]

    def split(self, text: str) -> list[str]:
        """`text` in pieces of at most 256 tokens, cut between words where a word itself is not longer."""
        (text,) = _readable([text])
        encoding = self._loaded_tokenizer().encode(text, add_special_tokens=False)
        room = MAX_TOKENS - 2
        pieces, start = [], 0
        words, offsets = encoding.word_ids, encoding.offsets  # each access makes the whole list anew
        while start < len(words):
            end = min(start + room, len(words))
            if end < len(words):
                while end > start and words[end] == words[end - 1]:
                    end -= 1
                end = end if end > start else start + room
            pieces.append(text[offsets[start][0] : offsets[end - 1][1]])
            start = end
        return pieces

    def _run(self, tokens: list[int]) -> "np.ndarray":
        """The vector of one text. Texts are never batched: an int8 model scales its activations over the whole batch,
        so a vector would depend on its neighbours; and without padding one by one takes less time, not more.
        """
        import numpy as np

        ids = np.array([tokens], dtype=np.int64)
        assert self._session is not None
        (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return np.asarray(vectors[0])

    def _loaded_tokenizer(self) -> "tokenizers.Tokenizer":
        with self._tokenizer_turn:
            if self._tokenizer is None:
                folder = self.export_folder or weights_folder()
                self._tokenizer = _open_tokenizer(folder / TOKENIZER_FILE)
            return self._tokenizer

    def _export(self) -> Path:
        """Export in a child process, one at a time among all processes, and return the folder."""
        folder = self._places.models / export_name(self.precision)
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = [
            sys.executable,
            "-P",
            "-m",
            "workbench.core.knowledge.export",
            "--into",
            str(folder.parent),
            self.precision,
        ]
        try:
            weights_folder()  # the packaged program carries none, so it says at once what to do
            with FileLock(f"{folder}.lock", timeout=EXPORT_SECONDS):
                if not _is_sound(folder):
                    self._run_child(command)
        except ExportError as error:
            raise EmbedderError(str(error)) from error
        except subprocess.CalledProcessError as error:
            last_line = (error.stderr or "").strip().rpartition("\n")[2]
            raise EmbedderError(f"The embedder could not be prepared: {last_line or 'no reason was given'}") from error
        except (subprocess.TimeoutExpired, Timeout) as error:
            raise EmbedderError(
                f"Preparing the embedder took over {EXPORT_SECONDS:.0f} s and was stopped; try again when the machine "
                "has less to do"
            ) from error
        except OSError as error:
            raise EmbedderError(
                f"The embedder could not be prepared ({error.strerror or error}); check the disk and try again"
            ) from error
        return folder

    def _run_child(self, command: list[str]) -> None:
        """Run the export until it ends, is stopped or takes too long; it never outlives this call."""
        closing = EmbedderError("The program is closing, so the embedder was not prepared; start it again")
        if self._stopped:
            raise closing
        with subprocess.Popen(  # noqa: S603  our own module
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as child:
            self._child = child
            try:
                if self._stopped:
                    raise closing
                _, errors = child.communicate(timeout=EXPORT_SECONDS)
            except BaseException:
                child.kill()
                raise
        if self._stopped:
            raise closing
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command, stderr=errors)

    def stop(self) -> None:
        """End an export that goes on, and begin none, so that nobody who quits has to wait for it."""
        self._stopped = True
        if self._child is not None and self._child.poll() is None:
            self._child.kill()


def _readable(texts: Sequence[str]) -> list[str]:
    """The texts with lone surrogates replaced, which the tokenizer cannot take."""
    return [text.encode("utf-8", "replace").decode() for text in texts]


class _DamagedExportError(Exception):
    """The exported files are not those that were written."""


def _is_sound(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        return bool(
            sha256_of(folder / MODEL_FILE) == manifest["model_sha256"]
            and sha256_of(folder / TOKENIZER_FILE) == manifest["tokenizer_sha256"]
            and manifest["weights_sha256"] == WEIGHTS_SHA256
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _open_session(folder: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    if not _is_sound(folder):
        raise _DamagedExportError(folder)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(folder / MODEL_FILE, options, providers=["CPUExecutionProvider"])


def _open_tokenizer(path: Path) -> "tokenizers.Tokenizer":
    """The packaged tokenizer cuts at 128 tokens and pads; both are switched off, so that nothing is lost unseen."""
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
