"""An inverted file over many vectors, 8 bits a number (FAISS IVF,SQ8), made in two passes over the library."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from workbench.core.stores.base import VectorBatch
from workbench.core.stores.vector_layer import Layer

if TYPE_CHECKING:
    import numpy as np

LISTS_PER_ROOT = 4
MOST_LISTS = 4096
"""Lists by the square root of the number of vectors, as FAISS's guidelines have it; more take minutes to train."""

SAMPLE_PER_LIST = 40
"""Vectors a list that the centres are computed from: FAISS's own least is 39. 250 MB at 1,000,000 vectors."""

ROUNDS = 8
"""Of k-means; the recall of ten differs in the fourth place."""

SEED = 20_261_123

Told = Callable[[int], None]
"""Is told how many vectors are in; may raise to break the work off."""


class Batches:
    """Vectors that can be gone through more than once, in ascending order of their ids."""

    def __init__(self, count: int, again: Callable[[], Iterable[VectorBatch]]) -> None:
        self.count = count
        """How many there are, or nearly."""
        self.again = again


def inverted_layer(dimension: int, batches: Batches, code_of: dict[str, int], told: Told) -> Layer:
    """A layer of all those vectors. Blocking for minutes where there are a million; `told` hears of the progress."""
    import numpy as np

    index = _trained(dimension, batches, told)
    ids, codes = [], []
    done = 0
    for batch in batches.again():
        index.add(np.ascontiguousarray(batch.vectors, dtype=np.float32))
        ids.append(batch.ids)
        codes.append(np.array([code_of.setdefault(scope, len(code_of)) for scope in batch.scopes], dtype=np.int32))
        done += len(batch.ids)
        told(done)
    index.make_direct_map()
    all_ids = np.concatenate(ids)
    if np.any(np.diff(all_ids) <= 0):
        raise ValueError("the vectors of an inverted file must come in ascending order of their ids")
    return Layer(index, all_ids, np.concatenate(codes), np.zeros(len(all_ids), dtype=bool))


def _trained(dimension: int, batches: Batches, told: Told) -> Any:
    import faiss

    lists = min(MOST_LISTS, int(LISTS_PER_ROOT * batches.count**0.5))
    sample = _sample(batches, lists * SAMPLE_PER_LIST)
    centres: Any = faiss.IndexFlatIP(dimension)
    clustering = faiss.Clustering(dimension, lists)
    clustering.niter, clustering.spherical, clustering.seed = 1, True, SEED
    for _ in range(ROUNDS):
        clustering.train(sample, centres)
        told(0)
    index: Any = faiss.IndexIVFScalarQuantizer(
        centres, dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, True
    )
    centres.this.disown()
    index.own_fields = True
    index.train(sample)
    return index


def _sample(batches: Batches, size: int) -> "np.ndarray":
    import numpy as np

    chosen = np.random.default_rng(SEED).permutation(batches.count)[:size]
    chosen.sort()
    start, parts = 0, []
    for batch in batches.again():
        inside = chosen[(chosen >= start) & (chosen < start + len(batch.ids))]
        parts.append(batch.vectors[inside - start])
        start += len(batch.ids)
    return np.ascontiguousarray(np.concatenate(parts), dtype=np.float32)
