"""Nearest neighbours by FAISS: a base that never changes, a small layer of what came since, and what went away.

A small library is compared exactly. From FLAT_MOST chunks on the base is an inverted file with 8 bits a number, read
from disk through a memory map; see docs/decisions/0011-vector-index.md for what that costs and saves.
"""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.stores.base import VectorBatch
from workbench.core.stores.inverted_file import Batches, Told, inverted_layer
from workbench.core.stores.manifest import Manifest
from workbench.core.stores.vector_files import VectorFiles
from workbench.core.stores.vector_layer import Layer, flat_layer

if TYPE_CHECKING:
    import numpy as np

FLAT_MOST = 50_000
"""Up to so many chunks all are compared: 3 ms on one core, 77 MB."""

FOLD = 1_000
"""A delta of so many chunks is folded into a flat base, which is copied then."""

DELTA_LEAST, DELTA_SHARE = 10_000, 20
"""The delta beside an inverted file may grow to so many chunks, or to one for so many of the base: past that, searching
it takes longer than the base."""

DEAD_SHARE = 5
"""One in so many chunks of the base may be dead before it is built anew."""


@dataclass(frozen=True)
class _Snapshot:
    """One state of the index, never changed after it was put in place: searches run on it while the next is made."""

    base: Layer
    delta: Layer
    scopes: tuple[str, ...]

    @property
    def layers(self) -> tuple[Layer, Layer]:
        return self.base, self.delta

    @property
    def count(self) -> int:
        return self.base.live + self.delta.live


class FaissIndex:
    """A VectorIndex over inner products of normalised vectors. Searches and updates may happen at the same time."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._turn = threading.Lock()
        self._now = self._empty()
        self._saved: tuple[Layer, Manifest] | None = None

    def __len__(self) -> int:
        return self._now.count

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that chunks of this index have or had."""
        return self._now.scopes

    @property
    def is_outgrown(self) -> bool:
        """Whether an index built anew would be faster than this one, which goes on working."""
        base, delta = self._now.layers
        if base.is_flat:
            return self._now.count > FLAT_MOST
        crowded = delta.live > max(DELTA_LEAST, len(base.ids) // DELTA_SHARE)
        return crowded or len(base.ids) - base.live > len(base.ids) // DEAD_SHARE

    def update(self, removed: Iterable[int], added: Iterable[VectorBatch]) -> None:
        """Remove those ids (unknown ones are ignored), then add; an id that is there already is replaced."""
        import numpy as np

        with self._turn:
            before = self._now
            batches = [batch for batch in added if len(batch.ids)]
            gone = np.concatenate([np.fromiter(removed, dtype=np.int64), *(batch.ids for batch in batches)])
            codes = {scope: code for code, scope in enumerate(before.scopes)}
            base, delta = before.base.without(gone), before.delta.without(gone)
            if batches or delta is not before.delta:
                delta = flat_layer(self.dimension, [delta.batch(before.scopes), *batches], codes)
            if base.is_flat and (len(delta.ids) > FOLD or len(base.ids) - base.live > len(base.ids) // DEAD_SHARE):
                names = tuple(codes)
                base = flat_layer(self.dimension, [base.batch(names), delta.batch(names)], codes)
                delta = self._empty().delta
            self._now = _Snapshot(base, delta, tuple(codes))

    def build(self, batches: Batches, told: Told) -> None:
        """Hold exactly those vectors, in the kind of index that fits so many; searches see the old ones till the end.

        `told` hears how many are in; what it raises breaks the work off and leaves the old ones.
        """
        codes: dict[str, int] = {}
        if batches.count > FLAT_MOST:
            base = inverted_layer(self.dimension, batches, codes, told)
        else:
            base = flat_layer(self.dimension, batches.again(), codes)
            told(len(base.ids))
        with self._turn:
            self._now = _Snapshot(base, self._empty().delta, tuple(codes))

    def search(
        self, vectors: "np.ndarray", limit: int, scopes: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """The chunks nearest to any row of `vectors` (k, d) with their cosine, best first; all scopes when None.

        Exact for a flat base, else with the recall and the accuracy of the decision named above.
        """
        import numpy as np

        now = self._now
        wanted = frozenset(code for code, scope in enumerate(now.scopes) if scopes is None or scope in scopes)
        if limit < 1 or not len(vectors) or not wanted:
            return []
        found = [layer.search(vectors, limit, wanted) for layer in now.layers]
        ids = np.concatenate([ids for ids, _ in found])
        cosines = np.concatenate([cosines for _, cosines in found])
        order = np.lexsort((ids, -cosines))
        hits = zip(ids[order].tolist(), cosines[order].tolist(), strict=True)
        if len(vectors) == 1:
            return list(islice(hits, limit))
        best: dict[int, float] = {}
        for chunk, cosine in hits:
            best.setdefault(chunk, cosine)
        return list(islice(best.items(), limit))

    def cosines(self, vectors: "np.ndarray", chunk_ids: Iterable[int]) -> dict[int, float]:
        """The cosine of each of those chunks to the nearest row of `vectors`; unknown ids are left out.

        Off by at most .005 (.0005 as a rule) for chunks in an inverted file, exact for all others.
        """
        import numpy as np

        wanted = np.unique(np.fromiter(chunk_ids, dtype=np.int64))
        if not len(vectors) or not len(wanted):
            return {}
        found: dict[int, float] = {}
        for layer in self._now.layers:
            here, cosines = layer.cosines(vectors, wanted)
            found.update(zip(wanted[here].tolist(), cosines.tolist(), strict=True))
        return found

    def save(self, folder: Path, identity: dict[str, str], epoch: int) -> None:
        """Write the index into `folder`; a reader finds the old one or the new one, whole. An unchanged base stays."""
        with self._turn:
            now = self._now
            known = self._saved if self._saved is not None and self._saved[0].index is now.base.index else None
            files = VectorFiles(folder, identity)
            manifest = files.write(now.base, now.delta, now.scopes, epoch, None if known is None else known[1])
            if known is None and not now.base.is_flat:
                now = replace(now, base=files.mapped(manifest, now.base))
                self._now = now
            self._saved = now.base, manifest

    def load(self, folder: Path, identity: dict[str, str]) -> int:
        """Take over what was saved in `folder` for that identity and return its epoch; 0 when it is not usable."""
        found = VectorFiles(folder, identity).read(self.dimension)
        if found is None:
            return 0
        base, delta, scopes, manifest = found
        with self._turn:
            self._now = _Snapshot(base, delta, scopes)
            self._saved = base, manifest
        return manifest.epoch

    def clear(self) -> None:
        """Forget everything in memory."""
        with self._turn:
            self._now = self._empty()

    def _empty(self) -> _Snapshot:
        nothing = flat_layer(self.dimension, (), {})
        return _Snapshot(nothing, nothing, ())
