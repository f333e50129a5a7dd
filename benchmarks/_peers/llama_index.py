"""LlamaIndex as its examples of fusion show it: a vector index and a BM25 retriever under a QueryFusionRetriever."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._peers.systems import Document, distinct
from benchmarks._peers.vectors import Meter

WEIGHTS = {"relative_score": [0.6, 0.4], "dist_based_score": [0.6, 0.4]}
"""Of meaning and words, as the example of score fusion has them; by ranks both count the same."""

PIECES = 100


class LlamaIndex:
    """Its own defaults wherever the examples leave one; no language model writes further questions."""

    RULES = ("reciprocal_rerank", "relative_score", "dist_based_score")

    def __init__(self, model: Path, meter: Meter) -> None:
        from llama_index.core import Settings
        from llama_index.core.llms import MockLLM
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        meter.over_sentence_transformers()
        Settings.llm = MockLLM()
        self._embedding = HuggingFaceEmbedding(model_name=str(model), device="cpu", embed_batch_size=32)
        self._fused: dict[str, Any] = {}

    def take_in(self, documents: Sequence[Document]) -> None:
        """Index all documents."""
        from llama_index.core import Document as Content
        from llama_index.core import VectorStoreIndex
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        contents = [Content(text=document.whole, id_=document.id) for document in documents]
        index = VectorStoreIndex.from_documents(contents, embed_model=self._embedding, show_progress=False)
        pieces = min(PIECES, len(index.docstore.docs))
        meaning = index.as_retriever(similarity_top_k=pieces)
        words = BM25Retriever.from_defaults(docstore=index.docstore, similarity_top_k=pieces)
        self._fused = {
            rule: QueryFusionRetriever(
                [meaning, words],
                mode=rule,
                retriever_weights=WEIGHTS.get(rule),
                similarity_top_k=PIECES,
                num_queries=1,
                use_async=False,
            )
            for rule in self.RULES
        }

    def rank(self, question: str, depth: int, rule: str) -> list[str]:
        """Ids of the best documents, best first."""
        return distinct([found.node.ref_doc_id for found in self._fused[rule].retrieve(question)], depth)

    def close(self) -> None:
        """Nothing is held open."""
