"""The library's two indexes, by meaning and by words, kept abreast of the library and rebuilt from it when in doubt."""

import threading
from pathlib import Path

from loguru import logger

from workbench.core.knowledge.chunker import CHUNKER_VERSION
from workbench.core.knowledge.library import Library, LibrarySnapshot
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.tantivy_index import TantivyIndex
from workbench.core.values import WorkbenchError


class IndexesError(WorkbenchError):
    """The indexes cannot follow the library."""


class LibraryIndexes:
    """Caches of one library in one folder; deleting the folder costs time and nothing else. Blocking, thread-safe.

    `versions` names whatever else a rebuild would follow from; the version of the chunker when it is left out.
    """

    def __init__(self, library: Library, folder: Path, dimension: int, versions: dict[str, str] | None = None) -> None:
        space = library.space.replace("/", "-")
        self.vectors = FaissIndex(dimension)
        self.texts = TantivyIndex(folder / "text")
        self._vectors_folder = folder / f"vectors-{space[:12]}-{space.rpartition('-')[2]}"
        self._folder = folder
        self._library = library
        self._versions = versions or {"chunker": str(CHUNKER_VERSION)}
        self._dimension = dimension
        self.scopes: frozenset[str] = frozenset()
        self._turn = threading.Lock()
        self._identity: dict[str, str] | None = None
        self._vectors_epoch = self._texts_epoch = 0
        self._saved_epochs = (0, 0)

    def catch_up(self) -> None:
        """Bring both indexes to the library's present state: load what was saved, add and remove what changed since.

        Cheap when nothing changed. An index that does not fit the library is built anew. Raises IndexesError when the
        folder cannot be written.
        """
        if self._identity is not None and self._library.epoch() == self._vectors_epoch == self._texts_epoch:
            return
        try:
            with self._turn, self._library.snapshot() as library:
                if self._identity is None:
                    self._load(library)
                self._catch_up_vectors(library)
                self._catch_up_texts(library)
                self.scopes = library.scopes()
        except (OSError, ValueError, RuntimeError) as error:  # tantivy and FAISS raise the latter for a full disk
            raise IndexesError(
                f"The search indexes in {self._folder} cannot be brought up to date ({error}); free some space or "
                "check the folder, then ask again"
            ) from error

    def refresh(self) -> None:
        """Catch up, then save what changed, so that the next start has little to do.

        What cannot be saved is logged and built again at the next start. Raises IndexesError as `catch_up`.
        """
        self.catch_up()
        with self._turn:
            try:
                self._save()
            except (OSError, ValueError, RuntimeError) as error:
                logger.warning("The search indexes were not saved ({}); the next start builds them again", error)

    def _save(self) -> None:
        assert self._identity is not None
        vectors_saved, texts_saved = self._saved_epochs
        if self._vectors_epoch != vectors_saved:
            self.vectors.save(self._vectors_folder, self._identity, self._vectors_epoch)
        if self._texts_epoch != texts_saved:
            self.texts.save(self._identity, self._texts_epoch)
        self._saved_epochs = (self._vectors_epoch, self._texts_epoch)

    def _load(self, library: LibrarySnapshot) -> None:
        self._identity = {
            "library": library.library_id,
            "space": self._library.space,
            "dimension": str(self._dimension),
            **self._versions,
        }
        self._vectors_epoch = self.vectors.load(self._vectors_folder, self._identity)
        self._texts_epoch = self.texts.load(self._identity)
        self._saved_epochs = (self._vectors_epoch, self._texts_epoch)

    def _catch_up_vectors(self, library: LibrarySnapshot) -> None:
        after = self._vectors_epoch
        if 0 < after < library.epoch:
            self.vectors.update(library.removed_after(after), library.vectors_after(after))
        if not 0 < after <= library.epoch or len(self.vectors) != library.vectors():
            if after:
                logger.info("The vector index does not fit the library and is built anew")
            self.vectors.clear()
            self.vectors.update((), library.vectors_after(0))
        self._vectors_epoch = library.epoch

    def _catch_up_texts(self, library: LibrarySnapshot) -> None:
        after = self._texts_epoch
        if 0 < after < library.epoch:
            self.texts.update(library.removed_after(after), library.texts_after(after))
        if not 0 < after <= library.epoch or len(self.texts) != library.texts():
            if after:
                logger.info("The text index does not fit the library and is built anew")
            self.texts.clear()
            self.texts.update((), library.texts_after(0))
        self._texts_epoch = library.epoch
