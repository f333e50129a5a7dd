"""The product, taken in and asked as `workbench eval retrieval` does it."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._peers.systems import Document
from benchmarks._peers.vectors import Meter
from workbench.core.database import Database
from workbench.core.knowledge.embedder import Embedder, OnnxEmbedder, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import OWN, document_id
from workbench.core.retrieval import Retrieval
from workbench.core.stores.library_source import library_sources
from workbench.evaluation.retrieval import PASSAGES, judged_document, take_in, whole
from workbench.places import Places

if TYPE_CHECKING:
    import numpy as np


class MeteredEmbedder(OnnxEmbedder):
    """The product's own embedder, with the meter over what is embedded while documents come in."""

    def __init__(self, places: Places, meter: Meter) -> None:
        super().__init__(places)
        self._meter = meter

    def embed(self, texts: Sequence[str]) -> "np.ndarray":
        """As the embedder does it."""
        return self._meter.encode(texts, super().embed, f"product/{self.precision}", self.max_tokens)


class Product:
    """A library of its own, on disk like a user's."""

    RULES = ("adaptive",)

    def __init__(self, model: Path, meter: Meter, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or MeteredEmbedder(Places.default(), meter)
        self._embedder.prepare()
        self._home = tempfile.TemporaryDirectory(prefix="workbench-peers-", ignore_cleanup_errors=True)
        places = Places.under(Path(self._home.name))
        self._database = Database(places.database)
        self._database.open()
        self._library = Library(self._database, space_of(self._embedder))
        self._indexes = LibraryIndexes(self._library, places.indexes, self._embedder.dimension)
        self._retrieval = Retrieval(library_sources(self._library, self._indexes, self._embedder), seconds=600)
        self._loop = asyncio.Runner()
        self._names: dict[str, str] = {}

    def take_in(self, documents: Sequence[Document]) -> None:
        """Ingest all documents and wait until every index has them."""
        loaded = [judged_document(number, found.title, found.text) for number, found in enumerate(documents)]
        self._loop.run(take_in(loaded, self._library, self._embedder))
        self._indexes.complete()
        self._names = {
            document_id(OWN, document.path): found.id for document, found in zip(loaded, documents, strict=True)
        }

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first."""
        answer = whole(self._loop.run(self._retrieval.search(question, limit=PASSAGES)))
        return list(dict.fromkeys(self._names[passage.document_id] for passage in answer.passages))[:depth]

    def close(self) -> None:
        """Close the library and remove it."""
        self._loop.close()
        self._indexes.close()
        self._database.close()
        self._home.cleanup()
