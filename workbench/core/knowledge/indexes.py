"""The library's two indexes, by meaning and by words, kept abreast of the library and rebuilt from it when in doubt.

Small changes are followed at once, by the search that finds them. Large ones, and the compaction of an index that was
outgrown, are work for a thread of its own, while what there is goes on answering.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from loguru import logger

from workbench.core.knowledge.chunker import CHUNKER_VERSION
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.library_snapshot import LibrarySnapshot
from workbench.core.stores.base import IndexedText
from workbench.core.stores.faiss_index import FaissIndex
from workbench.core.stores.inverted_file import Batches
from workbench.core.stores.tantivy_index import TantivyIndex
from workbench.core.values import WorkbenchError

AT_ONCE = 20_000
"""Changed chunks that a search waits for, two seconds at most; more are taken in beside it."""

MEANING, WORDS = PARTS = ("meaning", "words")

Told = Callable[[int, int], None]
"""Hears how much of how much is done."""


class IndexesError(WorkbenchError):
    """The indexes cannot follow the library."""


class _StoppedError(Exception):
    """The program is closing."""


class LibraryIndexes:
    """Caches of one library in one folder; deleting the folder costs time and nothing else. Blocking, thread-safe.

    `versions` names whatever else a rebuild would follow from; the version of the chunker when it is left out.
    """

    def __init__(self, library: Library, folder: Path, dimension: int, versions: dict[str, str] | None = None) -> None:
        self.vectors = FaissIndex(dimension)
        self.texts = TantivyIndex(folder / "text")
        self._vectors_folder = folder / _folder_name(library.space)
        self._folder = folder
        self._library = library
        self._versions = versions or {"chunker": str(CHUNKER_VERSION)}
        self._dimension = dimension
        self.scopes: frozenset[str] = frozenset()
        self._turn = threading.Lock()
        self._identity: dict[str, str] | None = None
        self._vectors_epoch = self._texts_epoch = 0
        self._saved_epochs = (0, 0)
        self._behind: set[str] = set()
        self._builder: threading.Thread | None = None
        self._in_hand: frozenset[str] = frozenset()
        self._progress = 0.0
        self._failure: IndexesError | None = None
        self._closed = False

    @property
    def epoch(self) -> int:
        """The state of the library that searches see by their words."""
        return self._texts_epoch

    @property
    def is_current(self) -> bool:
        """Whether both indexes hold the library's present state, so that `catch_up` has nothing to do."""
        return self._identity is not None and self._library.epoch() == self._vectors_epoch == self._texts_epoch

    @property
    def unready(self) -> str | None:
        """What searches do not find yet since it is being built, as a sentence; None when all is there."""
        if not self._behind:
            return None
        words = " and ".join(sorted(self._behind))
        return (
            f"The index by {words} is being built ({self._progress:.0%} done), so not all of the library was "
            "searched; ask again in a few minutes"
        )

    def catch_up(self) -> None:
        """Bring both indexes to the library's present state: load what was saved, add and remove what changed since.

        Cheap when nothing changed. An index that does not fit the library is built anew. What takes longer than a
        search may wait goes on in the background; `unready` says so. Raises IndexesError when the folder cannot be
        written.
        """
        if self.is_current:
            return
        with self._turn, self._library.snapshot() as library:
            self._follow(library)

    def refresh(self) -> None:
        """Catch up, then save what changed, so that the next start has little to do.

        What cannot be saved is logged and built again at the next start. Raises IndexesError as `catch_up`.
        """
        self.catch_up()
        with self._turn:
            self._save()

    def complete(self) -> None:
        """Refresh, and wait until nothing is left to be built. Raises IndexesError as `catch_up`."""
        while True:
            self.refresh()
            builder = self._builder
            if builder is None:
                return
            builder.join()

    def rebuild(self, told: Told) -> None:
        """Forget both indexes and build them again from the library; `told` hears of it. Raises IndexesError.

        Searches go on meanwhile with what there was.
        """
        self._stop()
        with self._turn, self._library.snapshot() as library:
            self._closed, self._identity = False, self._identity_of(library)
            self._texts_epoch = 0
            self._begin(set(PARTS), told)
            builder = self._builder
        if builder is not None:
            builder.join()
        self.refresh()

    def move(self, space: str, dimension: int, swap: Callable[[], None]) -> None:
        """Search another space of the library, in which every chunk has its vector, from the moment of `swap` on.

        The index of the other space is built first, while the present one answers. Nothing may be written to the
        library meanwhile. Raises IndexesError, and then nothing has changed.
        """
        self._stop()
        self._closed = False
        fresh = FaissIndex(dimension)
        with self._in_words(), self._library.snapshot(space) as library:
            fresh.build(_vectors_of(library), lambda _: None)
            with self._turn:
                self._library.space, self._dimension, self.vectors = space, dimension, fresh
                swap()
                self._vectors_folder = self._folder / _folder_name(space)
                self._identity, self._vectors_epoch = self._identity_of(library), library.epoch
                self._saved_epochs = (0, self._saved_epochs[1])
                self._behind.discard(MEANING)
                self._save()

    def close(self) -> None:
        """Stop what is being built, which begins anew at the next start, and save the rest."""
        self._stop()
        try:
            self.refresh()
        except IndexesError as error:
            logger.warning("{}", error)

    def _stop(self) -> None:
        self._closed = True
        builder = self._builder
        if builder is not None:
            builder.join()

    def _follow(self, library: LibrarySnapshot) -> None:
        """What a search may wait for is done here; the rest is begun."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        with self._in_words():
            if self._identity is None:
                self._load(library)
            follow = {MEANING: self._follow_vectors, WORDS: self._follow_texts}
            self._behind = {part for part in PARTS if not follow[part](library)}
            self.scopes = library.scopes()
        outgrown = {MEANING} if self.vectors.is_outgrown else {WORDS} if self.texts.is_outgrown else set()
        if self._behind or outgrown:
            self._begin(self._behind or outgrown, lambda _done, _total: None)

    def _follow_vectors(self, library: LibrarySnapshot) -> bool:
        """Bring the vectors to this state, if that is little work; returns whether they are there."""
        after = self._vectors_epoch
        if after < library.forgotten:
            after = 0
        if 0 < after < library.epoch and not library.is_far_from(after, AT_ONCE):
            self.vectors.update(library.removed_after(after), library.vectors_after(after))
            after = library.epoch
        if after > library.epoch or (after == library.epoch and len(self.vectors) != library.vectors()):
            logger.info("The vector index does not fit the library and is built anew")
            self.vectors.clear()
            after = 0
        if after == 0 and library.vectors() <= AT_ONCE:
            self.vectors.build(_vectors_of(library), lambda _: None)
            after = library.epoch
        self._vectors_epoch = after
        return after == library.epoch

    def _follow_texts(self, library: LibrarySnapshot) -> bool:
        """The same for the texts."""
        after = self._texts_epoch
        if self._builder is not None and WORDS in self._in_hand:
            return after == library.epoch
        if after < library.forgotten:
            after = 0
        if 0 < after < library.epoch and not library.is_far_from(after, AT_ONCE):
            self.texts.update(library.removed_after(after), library.texts_after(after))
            after = library.epoch
        if after > library.epoch or (after == library.epoch and len(self.texts) != library.texts()):
            logger.info("The text index does not fit the library and is built anew")
            after = 0
        if after == 0 and library.texts() <= AT_ONCE:
            self.texts.rebuild(library.texts_after(0))
            after = library.epoch
        self._texts_epoch = after
        return after == library.epoch

    def _begin(self, parts: set[str], told: Told) -> None:
        """Build those parts in a thread, unless one is at work or the program is closing."""
        if self._builder is None and not self._closed:
            self._in_hand, self._progress = frozenset(parts), 0.0
            self._builder = threading.Thread(target=self._build, args=(told,), name="indexes", daemon=True)
            self._builder.start()

    def _build(self, told: Told) -> None:
        try:
            with self._library.snapshot() as library:
                account = _Account(self, len(self._in_hand) * library.vectors(), told)
                if MEANING in self._in_hand:
                    self._build_vectors(library, account)
                if WORDS in self._in_hand:
                    self._build_texts(library, account)
        except _StoppedError:
            pass
        except (OSError, ValueError, RuntimeError, WorkbenchError) as error:
            logger.warning("The search indexes were not built ({})", error)
            self._failure = self._told(error)
        finally:
            self._builder = None

    def _build_vectors(self, library: LibrarySnapshot, account: "_Account") -> None:
        fresh = FaissIndex(self._dimension)
        fresh.build(_vectors_of(library), account.told)
        account.end_part(library.vectors())
        with self._turn, self._library.snapshot() as now:
            fresh.update(now.removed_after(library.epoch), now.vectors_after(library.epoch))
            self._vectors_epoch, self.vectors = now.epoch, fresh
            self._behind.discard(MEANING)
            self._save()

    def _build_texts(self, library: LibrarySnapshot, account: "_Account") -> None:
        after = self._texts_epoch
        if after in (0, library.epoch):  # the latter where it is outgrown
            self.texts.rebuild(account.counted(library.texts_after(0)))
        else:
            self.texts.update(library.removed_after(after), account.counted(library.texts_after(after)))
        with self._turn:
            self._texts_epoch = library.epoch
            self._behind.discard(WORDS)
            self._save()

    def _save(self) -> None:
        if self._identity is None:
            return
        vectors_saved, texts_saved = self._saved_epochs
        try:
            if self._vectors_epoch != vectors_saved:
                self.vectors.save(self._vectors_folder, self._identity, self._vectors_epoch)
            if self._texts_epoch != texts_saved:
                self.texts.save(_of_words(self._identity), self._texts_epoch)
            self._saved_epochs = (self._vectors_epoch, self._texts_epoch)
            if self._builder is None:  # what is being built follows from an earlier state
                self._library.forget_removed(min(self._saved_epochs))
        except (OSError, ValueError, RuntimeError, WorkbenchError) as error:
            logger.warning("The search indexes were not saved ({}); the next start builds them again", error)

    def _load(self, library: LibrarySnapshot) -> None:
        self._identity = self._identity_of(library)
        self._vectors_epoch = self.vectors.load(self._vectors_folder, self._identity)
        self._texts_epoch = self.texts.load(_of_words(self._identity))
        self._saved_epochs = (self._vectors_epoch, self._texts_epoch)

    def _identity_of(self, library: LibrarySnapshot) -> dict[str, str]:
        return {
            "library": library.library_id,
            "space": self._library.space,
            "dimension": str(self._dimension),
            **self._versions,
        }

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, RuntimeError) as error:  # tantivy and FAISS raise the latter for a full disk
            raise self._told(error) from error

    def _told(self, error: Exception) -> IndexesError:
        return IndexesError(
            f"The search indexes in {self._folder} cannot be brought up to date ({error}); free some space or "
            "check the folder, then ask again"
        )


class _Account:
    """How far a build is; breaks it off when the program closes."""

    def __init__(self, indexes: LibraryIndexes, total: int, told: Told) -> None:
        self._indexes, self._total, self._told = indexes, max(1, total), told
        self._before = 0

    def told(self, done: int) -> None:
        """So many of a part are in."""
        if self._indexes._closed:
            raise _StoppedError
        self._indexes._progress = min(1.0, (self._before + done) / self._total)
        self._told(min(self._total, self._before + done), self._total)

    def end_part(self, count: int) -> None:
        """All of a part are in; the next counts from here."""
        self._before += count

    def counted(self, batches: Iterator[list[IndexedText]]) -> Iterator[Sequence[IndexedText]]:
        """The batches, told as they are taken."""
        done = 0
        for batch in batches:
            yield batch
            done += len(batch)
            self.told(done)


def _folder_name(space: str) -> str:
    """Each space has a folder of its own, so that going back to a model costs no building."""
    model, _, precision = space.rpartition("/")
    return f"vectors-{model[:12]}-{precision}"


def _of_words(identity: dict[str, str]) -> dict[str, str]:
    """What the text index follows from: not the space of the vectors."""
    return {name: value for name, value in identity.items() if name not in {"space", "dimension"}}


def _vectors_of(library: LibrarySnapshot) -> Batches:
    return Batches(library.vectors(), lambda: library.vectors_after(0))
