"""What an ingestion needs of others, each as a protocol: the embedder, the library, the log of passes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workbench.core.knowledge.documents import Chunk, LoadedDocument
from workbench.core.knowledge.embedding_batch import Embedded
from workbench.core.knowledge.ingest_events import FileState

if TYPE_CHECKING:
    import numpy as np


class ChunkEmbedder(Protocol):
    """What an ingestion needs of the embedder."""

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it reads."""
        ...

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """Normalised float32 rows, one for each text."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> "np.ndarray":
        """As `embed`, for questions, which some models read with another instruction before them."""
        ...

    def count_tokens_of_each(self, texts: Sequence[str]) -> list[int]:
        """Tokens that the model sees for each text."""
        ...


class DocumentStore(Protocol):
    """What an ingestion needs of the library. Its methods block."""

    @property
    def space(self) -> str:
        """The space in which it is searched at present."""
        ...

    def is_unchanged(self, path: str, content_hash: str, collection: str = ...) -> bool:
        """Whether that version of the document is in, vectors and all."""
        ...

    def replace(
        self,
        document: LoadedDocument,
        content_hash: str,
        chunks: Sequence[Chunk],
        vectors: "np.ndarray",
        collection: str = ...,
        *,
        size: int = ...,
        space: str = ...,
    ) -> bool:
        """Commit a document in one transaction, its vectors in `space`; returns whether it was there before."""
        ...

    def known_vectors(self, path: str, collection: str = ...) -> "Mapping[Embedded, np.ndarray]":
        """The vectors of the document's present version, by what was embedded."""
        ...

    def record_failure(self, path: str, reason: str, *, collection: str = ...) -> None:
        """Note that a document could not be taken in."""
        ...


class PassLog(Protocol):
    """Remembers which passes were begun and not ended. Its methods block."""

    def began(self, paths: Sequence[Path], collection: str) -> Sequence[int]:
        """Note that a pass over each of these paths begins; returns their numbers."""
        ...

    def left(self, numbers: Sequence[int]) -> None:
        """These passes go on no longer, ended or not. Does not block."""
        ...

    def ended(self, numbers: Sequence[int], counts: Mapping[FileState, int], cancelled: bool) -> None:
        """Note that these passes came to their end."""
        ...
