"""Exact nearest neighbours in memory by FAISS, saved beside the library as a cache."""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.stores.base import VectorBatch
from workbench.core.stores.manifest import Manifest

if TYPE_CHECKING:
    import numpy as np

FORMAT = "flat-ip-1"
"""What the files hold; another format is built anew."""

BLOCK = 500
"""Vectors compared at a time. FAISS and BLAS set threads to more than about 1000, and those wait for each other for 20
ms where other work has the cores; so few are done in a tenth of a millisecond."""


@dataclass(frozen=True)
class _Snapshot:
    """One state of the index, never changed after it was put in place: searches run on it while the next is made."""

    index: Any
    ids: "np.ndarray"
    codes: "np.ndarray"
    scopes: tuple[str, ...]
    bitmaps: dict[frozenset[str], "np.ndarray"] = field(default_factory=dict)

    def bitmap(self, wanted: frozenset[str]) -> "np.ndarray":
        """One bit for each chunk id, set where its scope is wanted (FAISS's IDSelectorBitmap)."""
        import numpy as np

        if wanted not in self.bitmaps:
            codes = [code for code, scope in enumerate(self.scopes) if scope in wanted]
            mask = np.zeros(int(self.ids.max()) + 1, dtype=bool)
            mask[self.ids[np.isin(self.codes, codes)]] = True
            self.bitmaps[wanted] = np.packbits(mask, bitorder="little")
        return self.bitmaps[wanted]


class FaissIndex:
    """A VectorIndex over inner products of normalised vectors. Searches and updates may happen at the same time."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._turn = threading.Lock()
        self._now = _empty(dimension)

    def __len__(self) -> int:
        return len(self._now.ids)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that chunks of this index have or had."""
        return self._now.scopes

    def update(self, removed: Iterable[int], added: Iterable[VectorBatch]) -> None:
        """Remove those ids (unknown ones are ignored), then add; an id that is there already is replaced."""
        import faiss
        import numpy as np

        with self._turn:
            before = self._now
            batches = [batch for batch in added if len(batch.ids)]
            gone = np.concatenate([np.fromiter(removed, dtype=np.int64), *(batch.ids for batch in batches)])
            index = faiss.clone_index(before.index)
            if len(before.ids) and len(gone):
                index.remove_ids(np.unique(gone))  # type: ignore[arg-type]  # the stubs show the C++ signature
            scopes = list(dict.fromkeys([*before.scopes, *(scope for batch in batches for scope in batch.scopes)]))
            code_of = {scope: code for code, scope in enumerate(scopes)}
            kept = ~np.isin(before.ids, gone)
            ids, codes = [before.ids[kept]], [before.codes[kept]]
            for batch in batches:
                index.add_with_ids(np.ascontiguousarray(batch.vectors, dtype=np.float32), batch.ids)
                ids.append(batch.ids)
                codes.append(np.array([code_of[scope] for scope in batch.scopes], dtype=np.int32))
            self._now = _Snapshot(index, np.concatenate(ids), np.concatenate(codes), tuple(scopes))

    def search(
        self, vectors: "np.ndarray", limit: int, scopes: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """The chunks nearest to any row of `vectors` (k, d) with their cosine, best first; all scopes when None."""
        import faiss

        now = self._now
        wanted = frozenset(now.scopes if scopes is None else scopes).intersection(now.scopes)
        if not len(now.ids) or not len(vectors) or not wanted:
            return []
        params = None
        if len(wanted) < len(now.scopes):
            selector = faiss.IDSelectorBitmap(now.bitmap(wanted))  # type: ignore[arg-type, call-arg]  # as above
            params = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # as above
        cosines, ids = now.index.search(vectors, min(limit, len(now.ids)), params=params)
        best: dict[int, float] = {}
        for chunk, cosine in zip(ids.ravel().tolist(), cosines.ravel().tolist(), strict=True):
            if chunk >= 0 and cosine > best.get(chunk, -2.0):
                best[chunk] = cosine
        return sorted(best.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]

    def cosines(self, vectors: "np.ndarray", chunk_ids: Iterable[int]) -> dict[int, float]:
        """The cosine of each of those chunks to the nearest row of `vectors`; unknown ids are left out."""
        import numpy as np

        now = self._now
        wanted = np.unique(np.fromiter(chunk_ids, dtype=np.int64))
        if not len(vectors) or not len(wanted):
            return {}
        try:
            return _cosines(now.index, vectors, wanted)
        except (
            RuntimeError
        ):  # An id is unknown. To look all of them up takes longer than the rest, so it is not the rule.
            return _cosines(now.index, vectors, wanted[np.isin(wanted, now.ids)])

    def save(self, folder: Path, identity: dict[str, str], epoch: int) -> None:
        """Write the index into `folder`; a reader finds the old one or the new one, whole."""
        import faiss
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._turn:
            now = self._now
            names = {f"vectors-{epoch}.faiss", f"scopes-{epoch}.npz"}
            faiss.write_index(now.index, str(folder / f"vectors-{epoch}.faiss"))
            scopes = np.array(now.scopes, dtype=np.str_)
            np.savez(folder / f"scopes-{epoch}.npz", ids=now.ids, codes=now.codes, scopes=scopes)
            Manifest.of(folder, _with_format(identity), epoch, len(now.ids), files=names).write(folder)
        for path in folder.iterdir():
            if path.suffix in {".faiss", ".npz"} and path.name not in names:
                path.unlink(missing_ok=True)

    def load(self, folder: Path, identity: dict[str, str]) -> int:
        """Take over what was saved in `folder` for that identity and return its epoch; 0 when it is not usable."""
        import faiss
        import numpy as np

        manifest = Manifest.read(folder)
        if manifest is None or not manifest.holds(folder, _with_format(identity)):
            return 0
        try:
            index = faiss.read_index(str(folder / f"vectors-{manifest.epoch}.faiss"))
            with np.load(folder / f"scopes-{manifest.epoch}.npz", allow_pickle=False) as saved:
                ids, codes, scopes = saved["ids"], saved["codes"], tuple(saved["scopes"].tolist())
        except (OSError, RuntimeError, ValueError, KeyError):
            return 0
        if not (index.ntotal == len(ids) == len(codes) == manifest.count and index.d == self.dimension):
            return 0
        with self._turn:
            self._now = _Snapshot(index, ids, codes, scopes)
        return manifest.epoch

    def clear(self) -> None:
        """Forget everything in memory."""
        with self._turn:
            self._now = _empty(self.dimension)


def _cosines(index: Any, vectors: "np.ndarray", ids: "np.ndarray") -> dict[int, float]:
    """By id the cosine to the nearest of `vectors`. Raises RuntimeError for an id that the index does not have."""
    blocks = (ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK))
    found = [cosine for block in blocks for cosine in (vectors @ index.reconstruct_batch(block).T).max(axis=0).tolist()]
    return dict(zip(ids.tolist(), found, strict=True))


def _empty(dimension: int) -> _Snapshot:
    import faiss
    import numpy as np

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    return _Snapshot(index, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), ())


def _with_format(identity: dict[str, str]) -> dict[str, str]:
    return {**identity, "format": FORMAT}
