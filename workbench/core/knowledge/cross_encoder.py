"""A cross-encoder of the user's own: reads question and passage together, and orders what the search found."""

from collections.abc import Sequence
from pathlib import Path

from workbench.core.knowledge.embedder import EmbedderError
from workbench.core.knowledge.model_process import ModelProcess


class CrossEncoder:
    """The model in `folder`, run by a child process. All methods block; `stop` ends the child.

    A passage longer than the model reads is judged by its beginning: an order is made, no text is lost by it.
    """

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._process = ModelProcess(folder, "pairs")

    def prepare(self) -> None:
        """Load the model; nothing once done. Raises EmbedderError when it cannot be used."""
        labels = self._process.ready()["labels"]
        if labels != 1:
            raise EmbedderError(
                f"The model in {self._process.folder} tells {labels} classes apart and does not rank; give a "
                "cross-encoder with one label"
            )

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question; higher is better, in the model's own scale."""
        if not texts:
            return []
        self.prepare()
        readable = [text.encode("utf-8", "replace").decode() for text in (question, *texts)]
        found = self._process.numbers(do="rank", question=readable[0], texts=readable[1:])
        return [float(score) for score in found.ravel()]

    def stop(self) -> None:
        """End the child, whatever it is doing, and start none any more."""
        self._process.stop()
