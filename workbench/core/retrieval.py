"""Asks every source side by side and makes one answer of what they say, with a status for each."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from loguru import logger

from workbench.core.evidence import Passage, SourceState, SourceStatus
from workbench.core.filters import NO_FILTER, SearchFilter
from workbench.core.knowledge.documents import find_asked_identifiers
from workbench.core.knowledge.records import RECORD_KINDS
from workbench.core.near_duplicates import collapse
from workbench.core.stores.base import PartialAnswerError, Source
from workbench.core.unfound import unfound_names, without_the_name
from workbench.core.values import Value, WorkbenchError

DEADLINE_SECONDS = 10.0
"""How long a source may take before the answer goes on without it."""

CLOSE = 0.5
"""Relevance from which a passage is about the question rather than merely the nearest there is (see relevance.py)."""

RANKED = 24
"""Passages that a ranking model reads: more than are shown at first, few enough for a second or two of a small one."""

LONGEST_RECORD = 40
"""Passages that one record takes at most where it is asked for by its identifier; some 15 on the shelf."""


class SearchAnswer(Value):
    """What the sources found, best first, and how each of them answered."""

    passages: tuple[Passage, ...]
    statuses: tuple[SourceStatus, ...]
    unfound: tuple[str, ...] = ()
    """Exact names in the question, such as an address or a hash, that stand in none of the passages."""

    @property
    def nothing_close(self) -> bool:
        """Whether even the best passage is not about the question."""
        return all(passage.score < CLOSE for passage in self.passages)


class Ranker(Protocol):
    """A model that reads question and text together."""

    name: str

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, higher is better. Blocks."""
        ...


class Retrieval:
    """Searches several sources at once. `deadlines` gives single sources, by name, another time than `seconds`.

    With a `ranker` the first RANKED passages are put into its order; their relevance stays what the sources say.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        seconds: float = DEADLINE_SECONDS,
        deadlines: Mapping[str, float] | None = None,
        ranker: Ranker | None = None,
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._seconds = seconds
        self._deadlines = dict(deadlines or {})
        self._ranker = ranker

    @property
    def names(self) -> tuple[str, ...]:
        """The sources that can be asked."""
        return tuple(self._sources)

    async def search(
        self,
        question: str,
        *,
        names: Sequence[str] | None = None,
        filters: SearchFilter = NO_FILTER,
        limit: int = 10,
    ) -> SearchAnswer:
        """Ask the named sources (all when None) at the same time.

        No failure of a source is raised: its status says what happened, and the others' passages stand.
        """
        wanted = list(dict.fromkeys(self._sources if names is None else names))
        answers = await asyncio.gather(*(self._ask(name, question, filters, limit) for name in wanted))
        passages = named_first(question, fairly(merge([found for found, _ in answers])))
        statuses = [status for _, status in answers]
        if self._ranker is not None and len(passages) > 1:
            passages, status = await self._ranked(self._ranker, question, passages)
            statuses.append(status)
        return SearchAnswer(passages=tuple(passages[:limit]), statuses=tuple(statuses))

    async def _ranked(
        self, ranker: Ranker, question: str, passages: list[Passage]
    ) -> tuple[list[Passage], SourceStatus]:
        """The passages with the first of them in the ranker's order; as they were when it fails, with its status."""
        first, rest = passages[:RANKED], passages[RANKED:]
        texts = [f"{passage.title}\n{passage.text}" for passage in first]
        started = time.perf_counter()
        state, detail = SourceState.OK, ""
        try:
            async with asyncio.timeout(self._seconds):
                scores = await asyncio.to_thread(ranker.scores, question, texts)
            # What the question names by its identifier has the relevance 1 and stays where it is.
            order = sorted(range(len(first)), key=lambda place: (first[place].score < 1, -scores[place]))
            first = [first[place] for place in order]
        except TimeoutError:
            state, detail = (
                SourceState.TIMEOUT,
                f"It did not answer within {self._seconds:g} s; the order is without it",
            )
        except WorkbenchError as error:
            state, detail = SourceState.ERROR, f"{error}; the order is without it"
        seconds = round(time.perf_counter() - started, 4)
        status = SourceStatus(source=f"ranking by {ranker.name}", state=state, seconds=seconds, detail=detail)
        return [*first, *rest], status

    async def _ask(
        self, name: str, question: str, filters: SearchFilter, limit: int
    ) -> tuple[list[Passage], SourceStatus]:
        source = self._sources.get(name)
        if source is None:
            known = ", ".join(self._sources)
            status = SourceStatus(
                source=name, state=SourceState.SKIPPED, detail=f"There is no source of this name; there are: {known}"
            )
            return [], status
        started = time.perf_counter()
        state, detail, passages = await self._answer(source, question, filters, limit)
        return passages, SourceStatus(
            source=name,
            state=state,
            found=len(passages),
            relevance=max((passage.score for passage in passages), default=0.0),
            seconds=round(time.perf_counter() - started, 4),
            detail=detail,
        )

    async def _answer(
        self, source: Source, question: str, filters: SearchFilter, limit: int
    ) -> tuple[SourceState, str, list[Passage]]:
        seconds = self._deadlines.get(source.name, self._seconds)
        try:
            async with asyncio.timeout(seconds):
                return SourceState.OK, "", await source.search(question, filters=filters, limit=limit)
        except PartialAnswerError as answer:
            return SourceState.PARTIAL, str(answer), list(answer.passages)
        except TimeoutError:
            return SourceState.TIMEOUT, f"No answer within {seconds:g} s", []
        except WorkbenchError as error:
            return SourceState.ERROR, str(error), []
        except Exception as error:
            logger.opt(exception=error).error("The source {} failed", source.name)
            return SourceState.ERROR, f"The source failed ({type(error).__name__}: {error})", []


async def search_records(
    retrieval: Retrieval,
    question: str,
    *,
    names: Sequence[str] | None = None,
    filters: SearchFilter = NO_FILTER,
    limit: int = 10,
) -> SearchAnswer:
    """As `Retrieval.search`, for people: a record, such as a weakness, stands once in the answer, as do near-copies.

    Asks for twice as many, since an entry of two sources takes two places, and again for more where one took several,
    as it does when the question is its identifier.
    """
    answer = await retrieval.search(question, names=names, filters=filters, limit=2 * limit)
    shown = collapse(one_per_record(answer.passages))
    if len(shown) < limit and len(answer.passages) >= 2 * limit:
        answer = await retrieval.search(question, names=names, filters=filters, limit=limit + LONGEST_RECORD)
        shown = collapse(one_per_record(answer.passages))
    shown = without_the_name(question, shown[:limit])
    return answer.model_copy(update={"passages": tuple(shown), "unfound": unfound_names(question, shown)})


def one_per_record(passages: Sequence[Passage]) -> list[Passage]:
    """Of each record its first passage with the score of its best; passages of other documents stay as they are.

    What several entries tell of (the starter knowledge and an imported catalogue) is shown by that of which the answer
    has most, and it is told where the others stand.
    """
    told: dict[str, list[Passage]] = {}
    for passage in passages:
        if passage.kind in RECORD_KINDS:
            told.setdefault(_record_of(passage), []).append(passage)
    kept: list[Passage] = []
    for passage in passages:
        if passage.kind not in RECORD_KINDS:
            kept.append(passage)
        elif of_one := told.pop(_record_of(passage), None):
            kept.append(_entry(of_one))
    return kept


def _record_of(passage: Passage) -> str:
    """What a passage of a record tells of, the same in all its entries."""
    return f"{passage.kind} {passage.identifiers[0]}" if passage.identifiers else passage.document_id


def _entry(passages: Sequence[Passage]) -> Passage:
    """The passage that a record is shown by, from those of all its entries."""
    first = {passage.document_id: passage for passage in reversed(passages)}
    counts = Counter(passage.document_id for passage in passages)
    (fullest, _), *others = counts.most_common()
    elsewhere = (f"{first[other].source}: {first[other].location.path or first[other].title}" for other, _ in others)
    return first[fullest].model_copy(
        update={
            "score": max(passage.score for passage in passages),
            "also_in": (*first[fullest].also_in, *elsewhere),
        }
    )


def fairly(passages: Sequence[Passage]) -> list[Passage]:
    """The passages with the close ones of each source among the first, in their order otherwise.

    Of n sources with something close each has at least one place in 2 n: a feed of thousands of entries, all somewhat
    about the question, does not bury the one entry of another source that explains it. What the question names by its
    identifier (relevance 1) comes first whatever its source.
    """
    first = [passage for passage in passages if passage.score >= 1]
    left = [passage for passage in passages if passage.score < 1]
    sources = list(dict.fromkeys(passage.source for passage in left if passage.score >= CLOSE))
    if len(sources) < 2:
        return [*first, *left]
    ordered: list[Passage] = []
    given = Counter[str]()
    while left:
        due = (len(ordered) + 1) // (2 * len(sources))
        place = next((p for p, one in enumerate(left) if one.score >= CLOSE and given[one.source] < due), 0)
        given[left[place].source] += 1
        ordered.append(left.pop(place))
    return [*first, *ordered]


def named_first(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages with those of records that the question names before all others, whichever source has them.

    An entry's own identifier counts more than others it has, such as a former one.
    """
    asked = frozenset(find_asked_identifiers(question))

    def order(passage: Passage) -> int:
        if passage.kind not in RECORD_KINDS or asked.isdisjoint(passage.identifiers):
            return 2
        return passage.identifiers[0] not in asked

    return sorted(passages, key=order) if asked else list(passages)


def merge(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """One list of several sources' lists: each keeps its own order, and the more relevant comes first, else by turns.

    A passage counts as relevant as the best of it and those after it in its source, since a source ranks by more than
    this score. The same text is kept once.
    """
    ranked: list[tuple[float, int, int, Passage]] = []
    for number, passages in enumerate(lists):
        best_from_here = 0.0
        for place, passage in reversed(list(enumerate(passages))):
            best_from_here = max(best_from_here, passage.score)
            ranked.append((-best_from_here, place, number, passage))
    seen: dict[str, Passage] = {}
    for _, _, _, passage in sorted(ranked, key=lambda entry: entry[:3]):
        seen.setdefault(" ".join(passage.text.split()), passage)
    return list(seen.values())
