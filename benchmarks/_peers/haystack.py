"""Haystack as its tutorial on hybrid retrieval shows it, joined without a reranker (that would be another model)."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks._peers.systems import Document, distinct
from benchmarks._peers.vectors import Meter

WORDS, OVERLAP = 512, 32
"""Length and overlap of a piece in the tutorial (haystack.deepset.ai/tutorials/33_hybrid_retrieval)."""


class Haystack:
    """A pipeline that splits, embeds and writes, and one for each way to join that retrieves and joins."""

    RULES = ("reciprocal_rank_fusion", "distribution_based_rank_fusion")

    def __init__(self, model: Path, meter: Meter) -> None:
        from haystack import Pipeline
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        meter.over_sentence_transformers()
        self._model, self._device = str(model), ComponentDevice.from_str("cpu")
        self._store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._indexing = Pipeline()
        self._indexing.add_component(
            "splitter", DocumentSplitter(split_by="word", split_length=WORDS, split_overlap=OVERLAP)
        )
        self._indexing.add_component(
            "embedder",
            SentenceTransformersDocumentEmbedder(model=self._model, device=self._device, progress_bar=False),
        )
        self._indexing.add_component("writer", DocumentWriter(self._store))
        self._indexing.connect("splitter", "embedder")
        self._indexing.connect("embedder", "writer")
        self._indexing.warm_up()
        self._querying = {rule: self._joined(rule) for rule in self.RULES}

    def _joined(self, rule: str, depth: int = 100) -> "Pipeline":  # noqa: F821
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack_integrations.components.embedders.sentence_transformers import SentenceTransformersTextEmbedder

        pipeline = Pipeline()
        pipeline.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=self._model, device=self._device, progress_bar=False)
        )
        pipeline.add_component("meaning", InMemoryEmbeddingRetriever(self._store, top_k=depth))
        pipeline.add_component("words", InMemoryBM25Retriever(self._store, top_k=depth))
        pipeline.add_component("joiner", DocumentJoiner(join_mode=rule))
        pipeline.connect("embedder.embedding", "meaning.query_embedding")
        pipeline.connect("words", "joiner")
        pipeline.connect("meaning", "joiner")
        pipeline.warm_up()
        return pipeline

    def take_in(self, documents: Sequence[Document]) -> None:
        """Index all documents."""
        from haystack import Document as Content

        contents = [Content(id=document.id, content=document.whole) for document in documents if document.whole]
        self._indexing.run({"splitter": {"documents": contents}})

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first."""
        asked = {"embedder": {"text": question}, "words": {"query": question}}
        found = self._querying[rule].run(asked)["joiner"]["documents"]
        return distinct([piece.meta["source_id"] for piece in found], depth)

    def close(self) -> None:
        """Nothing is held open."""
