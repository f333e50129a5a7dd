"""Vectors that never change, in one FAISS index: searched within scopes, and compared one by one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.core.stores.base import VectorBatch

if TYPE_CHECKING:
    import numpy as np

PROBED = 1 / 6
"""Share of the lists of an inverted file that a search reads. Questions lie further from the chunks than the chunks
from each other, so this is what questions need (docs/decisions/0011-vector-index.md)."""

NARROW = 5_000
"""Up to so many chunks of the scopes asked for are compared one by one, whatever the index is."""

KEPT_SELECTIONS = 8
"""Combinations of scopes that a layer remembers the rows of."""

BLOCK = 500
"""Vectors compared at a time. FAISS and BLAS set threads to more than about 1000, and those wait for each other for 20
ms where other work has the cores; so few are done in a tenth of a millisecond."""


@dataclass(frozen=True)
class _Selection:
    """The rows of some scopes: how many, one bit for each row, and themselves in an index of their own when few."""

    count: int
    bits: "np.ndarray"
    rows: "np.ndarray | None"
    few: Any


@dataclass(frozen=True, eq=False)
class Layer:
    """Row i of `index` is the vector of the chunk `ids[i]`, of the scope with the code `codes[i]`; ids ascend."""

    index: Any
    ids: "np.ndarray"
    codes: "np.ndarray"
    dead: "np.ndarray"
    """True for rows that do not count any more."""
    _selections: dict[frozenset[int], _Selection] = field(default_factory=dict, init=False)

    @cached_property
    def live(self) -> int:
        """How many rows count."""
        return len(self.ids) - int(self.dead.sum())

    @property
    def is_flat(self) -> bool:
        """Whether the vectors are kept as they are; else to 8 bits a number, in an inverted file."""
        return not hasattr(self.index, "nprobe")

    def search(self, vectors: "np.ndarray", limit: int, wanted: frozenset[int]) -> "tuple[np.ndarray, np.ndarray]":
        """For each of `vectors` the nearest chunks of the scopes with those codes: ids, and their cosines."""
        import faiss
        import numpy as np

        selection = self._selection(wanted)
        if not selection.count:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        index, rows = (self.index, self.ids) if selection.few is None else (selection.few, selection.rows)
        faiss.omp_set_num_threads(1)  # for this thread: two that wait for each other take longer, see BLOCK
        cosines, places = index.search(vectors, min(limit, selection.count), params=self._parameters(selection))
        assert rows is not None
        found = places >= 0
        return rows[places[found]], cosines[found]

    def _parameters(self, selection: _Selection) -> Any:
        """A search of a flat index is given its rows even when they are all: FAISS is faster then, with one thread."""
        import faiss

        if selection.few is not None:
            return faiss.SearchParameters(sel=faiss.IDSelectorAll())  # type: ignore[call-arg]  # the stubs show C++
        bits = faiss.IDSelectorBitmap(selection.bits)  # type: ignore[arg-type, call-arg]
        if self.is_flat:
            return faiss.SearchParameters(sel=bits)  # type: ignore[call-arg]
        lists = min(self.index.nlist, math.ceil(self.index.nlist * PROBED * len(self.ids) / selection.count))
        if selection.count == len(self.ids):
            return faiss.SearchParametersIVF(nprobe=lists)  # type: ignore[call-arg]
        return faiss.SearchParametersIVF(sel=bits, nprobe=lists)  # type: ignore[call-arg]

    def _selection(self, wanted: frozenset[int]) -> _Selection:
        known = self._selections.get(wanted)
        if known is None:
            while len(self._selections) >= KEPT_SELECTIONS:
                self._selections.pop(next(iter(self._selections)), None)
            known = self._selections[wanted] = self._select(wanted)
        return known

    def _select(self, wanted: frozenset[int]) -> _Selection:
        import faiss
        import numpy as np

        mask = np.isin(self.codes, list(wanted)) & ~self.dead
        count = int(mask.sum())
        bits = np.packbits(mask, bitorder="little")
        if self.is_flat or not 0 < count <= NARROW:
            return _Selection(count, bits, None, None)
        rows = np.flatnonzero(mask)
        few = faiss.IndexFlatIP(self.index.d)
        few.add(self.index.reconstruct_batch(rows))
        return _Selection(count, bits, self.ids[rows], few)

    def cosines(self, vectors: "np.ndarray", wanted: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """Which of those chunks (ascending ids, each once) are here, as a mask, and their cosines to the nearest row
        of `vectors`.
        """
        import numpy as np

        rows, here = self._rows(wanted)
        blocks = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
        nearest = [(vectors @ self.index.reconstruct_batch(block).T).max(axis=0) for block in blocks]
        return here, np.concatenate(nearest) if nearest else np.empty(0, dtype=np.float32)

    def without(self, gone: "np.ndarray") -> "Layer":
        """The layer with those chunks marked as dead; itself when it has none of them."""
        import numpy as np

        rows, _ = self._rows(np.unique(gone))
        if not len(rows):
            return self
        dead = self.dead.copy()
        dead[rows] = True
        return Layer(self.index, self.ids, self.codes, dead)

    def _rows(self, wanted: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
        """The live rows of the chunks of those ids that are here, in the order of the ids, and a mask of those ids."""
        import numpy as np

        if not len(self.ids):
            return np.empty(0, dtype=np.int64), np.zeros(len(wanted), dtype=bool)
        rows = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        here = (self.ids[rows] == wanted) & ~self.dead[rows]
        return rows[here], here

    def batch(self, names: tuple[str, ...]) -> VectorBatch:
        """The live rows, as they were given when this is flat."""
        import numpy as np

        rows = np.flatnonzero(~self.dead)
        vectors = self.index.reconstruct_n(0, len(self.ids))[rows]
        return VectorBatch(self.ids[rows], [names[code] for code in self.codes[rows].tolist()], vectors)


def flat_layer(dimension: int, batches: Iterable[VectorBatch], code_of: dict[str, int]) -> Layer:
    """A layer of the vectors as they are. Of several with one id the last counts. New scopes get codes of their own."""
    import faiss
    import numpy as np

    given = [batch for batch in batches if len(batch.ids)]
    index = faiss.IndexFlatIP(dimension)
    if not given:
        return Layer(index, *_no_rows())
    ids = np.concatenate([batch.ids for batch in given])
    codes = np.array(
        [code_of.setdefault(scope, len(code_of)) for batch in given for scope in batch.scopes], dtype=np.int32
    )
    vectors = np.concatenate([batch.vectors for batch in given])
    kept, last = np.unique(ids[::-1], return_index=True)
    order = len(ids) - 1 - last
    index.add(np.ascontiguousarray(vectors[order], dtype=np.float32))
    return Layer(index, kept, codes[order], np.zeros(len(kept), dtype=bool))


def _no_rows() -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    import numpy as np

    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0, dtype=bool)
