"""The files of a vector index: its base, written once, and the little that changed since, written at each save."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.stores.manifest import Manifest
from workbench.core.stores.vector_layer import Layer

FORMAT = "layers-1"
"""What the files hold; another format is built anew."""

Saved = tuple[Layer, Layer, tuple[str, ...], Manifest]
"""Base, delta, scopes by code, and what the folder says of itself."""


@dataclass(frozen=True)
class VectorFiles:
    """One folder with `base-N.faiss` and `base-N.npz`, `changes-M.npz` and the manifest; N and M are epochs."""

    folder: Path
    identity: dict[str, str]

    def write(
        self, base: Layer, delta: Layer, scopes: tuple[str, ...], epoch: int, before: Manifest | None
    ) -> Manifest:
        """Write all, then the manifest, then remove what it does not name. `before` names the same base, if any does.

        Raises OSError or RuntimeError when the disk is full; the folder then holds what it held.
        """
        import faiss
        import numpy as np

        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {} if before is None else {name: d for name, d in before.files.items() if name.startswith("base-")}
        fresh = {f"changes-{epoch}.npz"}
        if not kept:
            fresh |= {f"base-{epoch}.faiss", f"base-{epoch}.npz"}
            faiss.write_index(base.index, str(self.folder / f"base-{epoch}.faiss"))
            np.savez(self.folder / f"base-{epoch}.npz", ids=base.ids, codes=base.codes)
        vectors = delta.index.reconstruct_n(0, len(delta.ids))
        np.savez(
            self.folder / f"changes-{epoch}.npz",
            dead=np.flatnonzero(base.dead),
            ids=delta.ids,
            codes=delta.codes,
            vectors=vectors,
            scopes=np.array(scopes, dtype=np.str_),
        )
        manifest = Manifest.of(self.folder, self._identity, epoch, base.live + delta.live, files=fresh, kept=kept)
        manifest.write(self.folder)
        self._tidy(manifest)
        return manifest

    def read(self, dimension: int) -> Saved | None:
        """What the folder holds, None when that is not whole, not of this identity, or not what the manifest says."""
        manifest = Manifest.read(self.folder)
        if manifest is None or not manifest.holds(self.folder, self._identity):
            return None
        try:
            saved = self._read(manifest, dimension)
        except (OSError, RuntimeError, ValueError, KeyError, IndexError, StopIteration):
            return None
        base, delta, _, _ = saved
        sound = base.index.ntotal == len(base.ids) == len(base.codes) and base.index.d == dimension
        return saved if sound and base.live + delta.live == manifest.count else None

    def _read(self, manifest: Manifest, dimension: int) -> Saved:
        import faiss
        import numpy as np

        with np.load(self._path(manifest, "base-", ".npz"), allow_pickle=False) as saved:
            ids, codes = saved["ids"], saved["codes"]
        dead = np.zeros(len(ids), dtype=bool)
        with np.load(self._path(manifest, "changes-", ".npz"), allow_pickle=False) as saved:
            dead[saved["dead"]] = True
            recent, recent_codes, vectors = saved["ids"], saved["codes"], saved["vectors"]
            scopes = tuple(saved["scopes"].tolist())
        if vectors.shape != (len(recent), dimension):
            raise ValueError(f"the vectors are not of {dimension} numbers each")
        flat = faiss.IndexFlatIP(dimension)
        flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        base = Layer(self._open(manifest), ids, codes, dead)
        return base, Layer(flat, recent, recent_codes, np.zeros(len(recent), dtype=bool)), scopes, manifest

    def mapped(self, manifest: Manifest, base: Layer) -> Layer:
        """The same base, read from the disk as it is used."""
        return Layer(self._open(manifest), base.ids, base.codes, base.dead)

    def _open(self, manifest: Manifest) -> Any:
        """The index by a memory map, or read whole where the system cannot map it."""
        import faiss

        path = str(self._path(manifest, "base-", ".faiss"))
        try:
            index = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError:
            index = faiss.read_index(path)
        if hasattr(index, "make_direct_map"):
            index.make_direct_map()
        return index

    def _path(self, manifest: Manifest, start: str, end: str) -> Path:
        return self.folder / next(name for name in manifest.files if name.startswith(start) and name.endswith(end))

    def _tidy(self, manifest: Manifest) -> None:
        for path in self.folder.iterdir():
            if path.suffix in {".faiss", ".npz"} and path.name not in manifest.files:
                try:
                    path.unlink()
                except OSError:  # Windows keeps a file that is mapped; the next save removes it.
                    continue

    @property
    def _identity(self) -> dict[str, str]:
        return {**self.identity, "format": FORMAT}
