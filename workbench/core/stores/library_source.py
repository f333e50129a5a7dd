"""The library as a source: found by words and by meaning, narrowed to its collections and the kinds asked for.

What is ranked are units: a record (a weakness, a recipe ...) as a whole, of other documents each chunk by itself. A
record is shown by the passage of it that says most about the question.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.evidence import Passage
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.fusion import DEPTH, Hit, fuse, weight_of_meaning
from workbench.core.knowledge.cosine_scale import SAME_SCALE, CosineScale
from workbench.core.knowledge.documents import find_asked_identifiers
from workbench.core.knowledge.embedder import Embedder, QuestionVectors
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.narrowing import collection_of, in_scope, kind_of
from workbench.core.knowledge.records import RECORD_KINDS
from workbench.core.knowledge.stored import OWN_SOURCE, STARTER, STARTER_SOURCE
from workbench.core.relevance import record_relevance, relevance
from workbench.core.stores.base import PartialAnswerError
from workbench.core.stores.exact_names import is_certain, names_asked
from workbench.core.stores.record_names import RecordNames
from workbench.core.stores.record_parts import Parts, RecordParts
from workbench.core.stores.record_score import NAMED, nearness, parts_of, usual, usual_first
from workbench.core.stores.words import Coverage
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    import numpy as np

CANDIDATES = DEPTH
"""Chunks taken from each index before they are fused; more when more passages are asked for."""

PREPARE_SECONDS = 5.0
"""How long a search waits for the embedder to be ready; past that it answers by words alone and says so."""


@dataclass
class _Asked:
    """A question with all that was looked up for it so far."""

    coverage: Coverage
    """How much of its words a text has."""
    vectors: "np.ndarray | None"
    """Its own and those of its parts; None where the words alone decide."""
    scale: CosineScale
    has_records: bool
    """Whether records may be among what is found; else every chunk stands for itself."""
    cosines: dict[int, float] = field(default_factory=dict)
    """Of chunks that were compared, on that scale."""
    parts: dict[int, Parts] = field(default_factory=dict)
    """The chunks of units that were looked at."""

    def add(self, cosines: Iterable[Hit]) -> None:
        """Chunks with their cosines as the model has them."""
        if self.scale == SAME_SCALE:
            self.cosines.update(cosines)
        else:
            self.cosines.update((chunk, self.scale.of(cosine)) for chunk, cosine in cosines)

    def nearest(self, unit: int) -> tuple[float | None, float | None]:
        """The cosines of the nearest passage and of the nearest question; None where there is none."""
        texts, asks = self.parts.get(unit, Parts((unit,), ()))
        cosines = self.cosines
        return (
            max((cosines[chunk] for chunk in texts if chunk in cosines), default=None),
            max((cosines[chunk] for chunk in asks if chunk in cosines), default=None),
        )


class _Narrowed(NamedTuple):
    """Where is searched."""

    scopes: Sequence[str]
    among: Collection[int] | None
    """The only chunks that count; None where the scopes alone decide."""
    has_records: bool


class _ByWords(NamedTuple):
    """What a question finds without its vectors."""

    narrowed: _Narrowed
    hits: Sequence[Hit]
    code: float
    """Share of program code among the first hits."""
    coverage: Coverage
    named: dict[str, list[int]]
    """For each identifier in the question the units of its record."""
    exact: Mapping[int, int]
    """How many of the exact names in the question a unit holds."""


_Words = Future[_ByWords]
"""What is looked for beside the embedding; cancelled where nobody has begun when it is needed."""


class LibrarySource:
    """One part of the library, such as the starter knowledge. `owns` says which collections belong to it."""

    def __init__(
        self,
        name: str,
        library: Library,
        indexes: LibraryIndexes,
        questions: QuestionVectors,
        owns: Callable[[str], bool],
        *,
        prepare_seconds: float = PREPARE_SECONDS,
        scale: Callable[[], CosineScale] = lambda: SAME_SCALE,
    ) -> None:
        self.name = name
        self._library, self._indexes, self._questions = library, indexes, questions
        self._owns = owns
        self._prepare_seconds = prepare_seconds
        self._scale = scale
        self._preparing: asyncio.Future[None] | None = None
        self._is_prepared = False
        self._names, self._records = RecordNames(library), RecordParts(library)

    async def search(self, question: str, *, filters: SearchFilter = NO_FILTER, limit: int = 10) -> list[Passage]:
        """The best passages first, one of each record; a record that the question names stands before all others.

        Of a question that is an identifier and nothing else the answer begins with all of that record. Raises
        PartialAnswerError with what the words alone found when the embedder is not ready or broken, and with what
        there is while an index is being built.
        """
        missing = None if self._is_prepared else await self._prepare()
        loop, words = asyncio.get_running_loop(), _Words()
        answer = loop.run_in_executor(None, self._answer, question, filters, limit, words, missing)
        if missing is None:
            loop.run_in_executor(None, self._look_for_words, question, filters, limit, words)
        return await answer

    def _look_for_words(self, question: str, filters: SearchFilter, limit: int, words: "_Words") -> None:
        """What needs no vectors, beside the embedding, which began first: tantivy keeps the interpreter to itself."""
        if words.set_running_or_notify_cancel():
            try:
                words.set_result(self._by_words(question, filters, limit))
            except BaseException as error:  # who waits for them raises it
                words.set_exception(error)

    def _answer(
        self, question: str, filters: SearchFilter, limit: int, words: "_Words", missing: str | None
    ) -> list[Passage]:
        """All the rest of a search in one thread, which waits for the other only where that is at work already."""
        space = self._library.space
        vectors = self._questions.of(question) if missing is None else None
        said = self._by_words(question, filters, limit) if words.cancel() else words.result()
        passages = self._find_in_one_space(question, limit, said, vectors, space)
        missing = missing or self._indexes.unready
        if missing is not None:
            raise PartialAnswerError(missing, passages)
        return passages

    def _find_in_one_space(
        self, question: str, limit: int, said: "_ByWords", vectors: "np.ndarray | None", space: str
    ) -> list[Passage]:
        """As `_find`; once more when the embedding model was changed since, since vectors do not fit then."""
        if vectors is None:
            return self._find(question, limit, said, None)
        try:
            passages = self._find(question, limit, said, vectors)
        except Exception:  # whatever FAISS and numpy raise over vectors of another length
            if space == self._library.space:
                raise
        else:
            if space == self._library.space:
                return passages
        return self._find(question, limit, said, self._questions.of(question))

    async def _prepare(self) -> str | None:
        """Wait a while for the embedder, all searches for the same one; what is wrong with it, None when nothing is."""
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.ensure_future(asyncio.to_thread(self._questions.embedder.prepare))
        preparing = self._preparing
        await asyncio.wait([preparing], timeout=self._prepare_seconds)
        if not preparing.done():
            return "The embedder is still being prepared, so this was searched by words only; ask again in a minute"
        error = preparing.exception()
        if error is None:
            self._is_prepared = True
            return None
        if isinstance(error, WorkbenchError):
            return f"{error}; this was searched by words only"
        return f"The embedder failed ({type(error).__name__}: {error}), so this was searched by words only"

    def _find(self, question: str, limit: int, said: "_ByWords", vectors: "np.ndarray | None") -> list[Passage]:
        narrowed = said.narrowed
        near: list[Hit] = []
        if vectors is not None:
            vectors = self._with_parts(question, vectors, narrowed)
            near = self._near(vectors, max(CANDIDATES, 2 * limit), narrowed)
        asked = _Asked(said.coverage, vectors, self._scale(), narrowed.has_records)
        asked.add(near)
        nearest = self._by_meaning(asked, near, said.hits if narrowed.has_records else None)
        fused = fuse(said.hits, nearest, weight_of_meaning(said.hits, nearest, said.code))
        ranked = usual_first(fused, self._gains([unit for unit, _ in fused]) if narrowed.has_records else {})
        most = limit if len(question.split()) == 1 else max(1, limit // 2)
        first = self._first(said.named, said.exact, ranked)[:most]
        others = [unit for unit in ranked if unit not in first]
        if _is_identifier(question) and any(said.named.values()):
            opened: Iterator[_Scored] = (
                (passage, 1.0) for _, passages in self._passages(asked, first, limit) for passage in passages.values()
            )
        else:
            opened = self._told(asked, first, limit)
        if not question.strip().isalpha():  # a plain word is in many texts that are about something else
            opened = ((passage, 1.0) for passage, _ in opened)
        best = islice(_different(chain(opened, self._told(asked, others, limit))), limit)
        return [passage.model_copy(update={"source": self.name, "score": score}) for passage, score in best]

    def _by_words(self, question: str, filters: SearchFilter, limit: int) -> "_ByWords":
        self._indexes.catch_up()
        self._records.follow(self._indexes.epoch)
        scopes = [s for s in self._indexes.scopes if self._owns(collection_of(s)) and in_scope(s, filters)]
        among = self._library.chunks_passing(filters, scopes)
        narrowed = _Narrowed(scopes, among, any(kind_of(scope) in RECORD_KINDS for scope in scopes))
        texts = self._indexes.texts
        hits, code = texts.find(question, max(CANDIDATES, 2 * limit), scopes, among)
        named = self._named(question, narrowed)
        exact = self._exact(question, named, limit, narrowed)
        return _ByWords(narrowed, hits, code, texts.coverage(question), named, exact)

    def _with_parts(self, question: str, vectors: "np.ndarray", narrowed: "_Narrowed") -> "np.ndarray":
        """The vectors of a question, and of its parts where records are looked for."""
        import numpy as np

        told = parts_of(question, self._indexes.texts.known_in) if narrowed.has_records else []
        return np.concatenate([vectors, *map(self._questions.of, told)]) if told else vectors

    def _near(self, vectors: "np.ndarray", limit: int, narrowed: "_Narrowed") -> list[Hit]:
        """The nearest chunks of the scopes; of `among`, where a filter leaves so few, the nearest by exact cosine."""
        if narrowed.among is None:
            return self._indexes.vectors.search(vectors, limit, narrowed.scopes)
        cosines = self._indexes.vectors.cosines(vectors, narrowed.among)
        return sorted(cosines.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _named(self, question: str, narrowed: "_Narrowed") -> dict[str, list[int]]:
        """For each identifier in the question the units that its record is kept in, in the order they are mentioned."""
        identifiers = find_asked_identifiers(question)
        if not identifiers:
            return {}
        chunks: dict[str, list[int]] = {identifier: [] for identifier in identifiers}
        for identifier, chunk, scope in self._library.chunks_of_records(identifiers):
            if scope in narrowed.scopes and (narrowed.among is None or chunk in narrowed.among):
                chunks[identifier].append(chunk)
        units = self._records.units(list(chain.from_iterable(chunks.values())))
        return {
            identifier: list(dict.fromkeys(units[chunk] for chunk in of_one if chunk in units))
            for identifier, of_one in chunks.items()
        }

    def _exact(
        self, question: str, named: dict[str, list[int]], limit: int, narrowed: "_Narrowed"
    ) -> Mapping[int, int]:
        """How many of the names that the question asks for, and that are no records of their own, units hold.

        A record that mentions a function or a file, in an example perhaps, is not about it.
        """
        plain = [scope for scope in narrowed.scopes if kind_of(scope) not in RECORD_KINDS]
        is_name = len(question.split()) == 1
        records = {identifier.casefold() for identifier, units in named.items() if units}
        names = [name for name in names_asked(question) if name not in records]
        find = self._indexes.texts.find
        having = (
            find(question, limit, narrowed.scopes if is_name or is_certain(name) else plain, narrowed.among, name).hits
            for name in names
        )
        return Counter(unit for hits in having for unit, _ in hits)

    def _first(self, named: dict[str, list[int]], exact: Mapping[int, int], ranked: Sequence[int]) -> list[int]:
        """What stands before all else: the best of each record that is named, then those with most exact names."""
        places = {unit: place for place, unit in enumerate(ranked)}

        def place(unit: int) -> int:
            return places.get(unit, len(places))

        best = [min(units, key=place) for units in named.values() if units]
        return list(dict.fromkeys([*best, *sorted(exact, key=lambda unit: (-exact[unit], place(unit)))]))

    def _look_at(self, asked: _Asked, units: Collection[int]) -> None:
        """Look up what those units are made of, and how near it is to the question."""
        new = [unit for unit in units if unit not in asked.parts]
        asked.parts.update(
            self._records.parts(new) if asked.has_records else ((unit, Parts((unit,), ())) for unit in new)
        )
        chunks = chain.from_iterable(chain(*asked.parts[unit]) for unit in units)
        unknown = [chunk for chunk in chunks if chunk not in asked.cosines]
        if unknown and asked.vectors is not None:
            asked.add(self._indexes.vectors.cosines(asked.vectors, unknown).items())

    def _by_meaning(self, asked: _Asked, near: Sequence[Hit], found: Sequence[Hit] | None) -> list[Hit]:
        """The units found by meaning, the nearest first; a record gains by a name that stands in the question.

        Where there are records, those `found` by words count too: many of them lie behind the lines of a few others.
        """
        if found is None or not near:
            return [(chunk, asked.cosines[chunk]) for chunk, _ in near]
        of_chunk = self._records.units([chunk for chunk, _ in near])
        records = [unit for unit, parts in self._records.parts([unit for unit, _ in found]).items() if parts.asks]
        units = list(dict.fromkeys([*of_chunk.values(), *records]))
        self._look_at(asked, units)
        named = self._names.of([unit for unit in units if asked.parts[unit] != ((unit,), ())], asked.coverage.words)
        near_to = {unit: nearness(*asked.nearest(unit), named=unit in named) for unit in units}
        cosines = {unit: cosine for unit, cosine in near_to.items() if cosine is not None}
        for unit in cosines.keys() & named.keys():
            cosines[unit] += NAMED * max(asked.coverage.of_name(name) for name in named[unit])
        return sorted(cosines.items(), key=lambda hit: (-hit[1], hit[0]))

    def _gains(self, units: Sequence[int]) -> dict[int, float]:
        """What those of the units gain that are weaknesses, by how usual each is."""
        weaknesses = self._records.weaknesses(units)
        return {unit: usual(mapped=mapped, kinds=kinds) for unit, (mapped, kinds) in weaknesses.items()}

    def _told(self, asked: _Asked, units: Sequence[int], batch: int) -> Iterator["_Scored"]:
        """The passages that units are shown by, each with the relevance of its whole unit."""
        for unit, passages in self._passages(asked, units, batch):
            if passages:
                yield _best(asked, unit, passages)

    def _passages(self, asked: _Asked, units: Sequence[int], batch: int) -> Iterator[tuple[int, dict[int, Passage]]]:
        """The units with their passages by chunk, in reading order; questions are none, and what was just removed.

        The library is read once for `batch` units.
        """
        for some in (units[start : start + batch] for start in range(0, len(units), max(1, batch))):
            self._look_at(asked, some)
            chunks = {unit: asked.parts[unit].texts for unit in some}
            passages = self._library.passages(list(chain.from_iterable(chunks.values())))
            for unit, own in chunks.items():
                yield unit, {chunk: passages[chunk] for chunk in own if chunk in passages}


_Scored = tuple[Passage, float]
"""A passage with its relevance."""


def _best(asked: _Asked, unit: int, passages: dict[int, Passage]) -> _Scored:
    """Of a unit's passages the one that says most about the question, with the relevance of the unit."""
    covered = {chunk: asked.coverage.words_in(f"{own.title}\n{own.text}") for chunk, own in passages.items()}
    share = asked.coverage.share
    scores = {chunk: relevance(asked.cosines.get(chunk), share(words)) for chunk, words in covered.items()}
    best = max(passages, key=lambda chunk: scores[chunk])
    text, question = asked.nearest(unit)
    if text is None or question is None:
        return passages[best], scores[best]
    return passages[best], record_relevance(text, question, share(frozenset().union(*covered.values())))


def _is_identifier(question: str) -> bool:
    """Whether a question is an identifier and nothing else."""
    identifiers = find_asked_identifiers(question)
    return len(identifiers) == 1 and identifiers[0].casefold() == question.strip().casefold()


def _different(passages: Iterable[_Scored]) -> Iterator[_Scored]:
    """The passages, the same text once; entries of one form may share a text and are told apart."""
    seen: set[tuple[str, str]] = set()
    for passage, score in passages:
        text = " ".join(passage.text.split())
        said = (passage.document_id if passage.kind in RECORD_KINDS else "", text)
        if text and said not in seen:
            seen.add(said)
            yield passage, score


def library_sources(
    library: Library,
    indexes: LibraryIndexes,
    embedder: Embedder,
    scale: Callable[[], CosineScale] = lambda: SAME_SCALE,
) -> list[LibrarySource]:
    """The library's two sources: the starter knowledge, and all that the user took in."""
    questions = QuestionVectors(embedder)
    owns = {
        STARTER_SOURCE: lambda collection: collection == STARTER,
        OWN_SOURCE: lambda collection: collection != STARTER,
    }
    return [LibrarySource(name, library, indexes, questions, own, scale=scale) for name, own in owns.items()]
