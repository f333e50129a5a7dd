"""What is compared, and the form in which each of them takes documents and answers questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from benchmarks._peers.vectors import Meter


@dataclass(frozen=True)
class Document:
    """One document of a judged collection."""

    id: str
    title: str
    text: str

    @property
    def whole(self) -> str:
        """Title and text as one text, as BEIR gives them to systems without a field for the title."""
        return f"{self.title}\n{self.text}".strip()


class System(Protocol):
    """A library in its own process, loaded and ready to embed once constructed."""

    RULES: tuple[str, ...]
    """Ways to join words and meaning that its documentation shows, the usual one first."""

    def __init__(self, model: Path, meter: Meter) -> None:
        """Load it with the model in that folder."""
        ...

    def take_in(self, documents: Sequence[Document]) -> None:
        """Make all documents searchable."""
        ...

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first; no id twice."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


@dataclass(frozen=True)
class Entry:
    """Where a system is, and what is installed for it; the first package's version is the system's."""

    title: str
    place: str
    packages: tuple[str, ...]

    def load(self) -> type[System]:
        """Its class; imports the library."""
        module, _, name = self.place.partition(":")
        found: type[System] = getattr(import_module(f"benchmarks._peers.{module}"), name)
        return found


PRODUCT = "product"
BARE = "bare"
SYSTEMS = {
    PRODUCT: Entry("Analyst Workbench", "product:Product", ()),
    "txtai": Entry("txtai", "txtai:Txtai", ("txtai",)),
    "haystack": Entry(
        "Haystack", "haystack:Haystack", ("haystack-ai", "sentence-transformers-haystack", "sentence-transformers")
    ),
    "llama_index": Entry(
        "LlamaIndex",
        "llama_index:LlamaIndex",
        ("llama-index-core", "llama-index-retrievers-bm25", "llama-index-embeddings-huggingface"),
    ),
    BARE: Entry("bm25s + numpy", "bare:Bare", ("bm25s", "PyStemmer", "sentence-transformers")),
}


def distinct(ids: Sequence[str], depth: int) -> list[str]:
    """The first `depth` different ids, in order: a document counts where its best piece stands."""
    return list(dict.fromkeys(ids))[:depth]
