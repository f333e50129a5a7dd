"""An embedder of the user's own: a sentence-transformers model in a folder, run by a child process."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from workbench.core.knowledge.embedder import EmbedderError, TextTooLongError
from workbench.core.knowledge.model_process import ModelProcess, digest_of

if TYPE_CHECKING:
    import numpy as np


class FolderEmbedder:
    """The model in `folder`. Thread-safe, one request at a time; all methods block. `stop` ends the child.

    `dimension` and `max_tokens` are 0 until `prepare` has returned, unless they are known from before.
    """

    precision = "fp32"

    def __init__(self, folder: Path, *, dimension: int = 0, max_tokens: int = 0, digest: str = "") -> None:
        self.name = folder.name
        self.dimension, self.max_tokens = dimension, max_tokens
        self.digest = digest or digest_of(folder)
        self.process = ModelProcess(folder, "texts")
        self._is_checked = not digest

    def prepare(self) -> None:
        """Start the child and load the model; nothing once done. Raises EmbedderError when it cannot be used."""
        if not self._is_checked and digest_of(self.process.folder) != self.digest:
            raise EmbedderError(
                f"The files in {self.process.folder} are not those that the library was embedded with, so vectors "
                "cannot be compared; put the model back, or choose the embedder again to embed the library anew"
            )
        self._is_checked = True
        facts = self.process.ready()
        self.dimension, self.max_tokens = int(facts["dimension"]), int(facts["tokens"])

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
        return [int(n) for n in self.process.ask(do="count", texts=_readable(texts))["counts"]] if texts else []

    def split(self, text: str) -> list[str]:
        """`text` in pieces that each fit `max_tokens`."""
        return [str(piece) for piece in self.process.ask(do="split", text=_readable([text])[0])["pieces"]]

    def stop(self) -> None:
        """End the child, whatever it is doing, and start none any more."""
        self.process.stop()

    def _vectors(self, do: Literal["embed", "ask"], texts: Sequence[str]) -> "np.ndarray":
        import numpy as np

        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        self.prepare()
        longest = max(self.count_tokens_of_each(texts))
        if longest > self.max_tokens:
            raise TextTooLongError(
                f"A text of {longest} tokens is longer than the {self.max_tokens} that {self.name} reads, and is not "
                "cut in silence; split it"
            )
        return self.process.numbers(do=do, texts=_readable(texts))


def _readable(texts: Sequence[str]) -> list[str]:
    return [text.encode("utf-8", "replace").decode() for text in texts]
