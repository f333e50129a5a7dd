"""`workbench search`: the best passages with their places, narrowed where that is wanted."""

import json
from collections.abc import Sequence

from workbench.commands.console import errors, line
from workbench.commands.exit_codes import NOTHING_FOUND
from workbench.commands.opened import opened, when_ready
from workbench.core.engine import Engine, SearchAnswer, SearchFilter, WorkbenchError
from workbench.core.evidence import Passage, PassageKind, Severity, SourceState
from workbench.core.filters import day_in, weaknesses_in
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.retrieval import CLOSE
from workbench.places import Places

SHOWN_LETTERS = 240


def filters_from(
    *,
    collections: Sequence[str],
    kinds: Sequence[PassageKind],
    since: str,
    until: str,
    weaknesses: Sequence[str],
    severities: Sequence[Severity],
) -> SearchFilter:
    """What the options say. Raises WorkbenchError for a date or a weakness that cannot be read."""
    ids = weaknesses_in(" ".join(weaknesses))
    if ids is None:
        raise WorkbenchError(f"`{' '.join(weaknesses)}` is no CWE id; write it like CWE-79")
    days = day_in(since), day_in(until, last=True)
    for said, day in zip((since, until), days, strict=True):
        if said and day is None:
            raise WorkbenchError(f"`{said}` is no date; write it like 2024-01-31, 2024-01 or 2024")
    if days[0] and days[1] and days[0] > days[1]:
        raise WorkbenchError(f"--since {since} is after --until {until}, so nothing could be found; exchange them")
    return SearchFilter(
        collections=tuple(collections),
        kinds=tuple(kinds),
        since=days[0],
        until=days[1],
        weaknesses=ids,
        severities=tuple(severities),
    )


async def search_library(
    places: Places, question: str, limit: int, as_json: bool, *, filters: SearchFilter, sources: Sequence[str] = ()
) -> int:
    """Print the best passages with their places; the code is NOTHING_FOUND when none is close."""
    if not question.strip():
        raise WorkbenchError("The question is empty; say in a few words what you look for")
    async with opened(places) as engine:
        await when_ready(engine)
        await _check(engine, filters, sources)
        answer = await engine.library.search(question, filters, limit=limit, sources=list(sources) or None)
    if as_json:
        print(json.dumps(answer.model_dump(mode="json"), indent=2))
    else:
        _tell(question, answer, filters)
    return NOTHING_FOUND if answer.nothing_close else 0


async def _check(engine: Engine, filters: SearchFilter, sources: Sequence[str]) -> None:
    """Raises WorkbenchError for a source or a collection that is not there: nothing would be found in silence."""
    _refuse_strangers("source", sources, engine.source_names())
    if filters.collections:
        names = [each.name for each in await engine.library.collections()]
        _refuse_strangers("collection", filters.collections, names)


def _refuse_strangers(noun: str, asked: Sequence[str], known: Sequence[str]) -> None:
    strangers = [name for name in asked if name not in known]
    if strangers:
        raise WorkbenchError(f"There is no {noun} called {strangers[0]}; there are: {', '.join(known)}")


def _tell(question: str, answer: SearchAnswer, filters: SearchFilter) -> None:
    where = "the library" if filters.is_empty else "what was searched"
    for identifier in find_identifiers(question):
        if not any(identifier in passage.identifiers[:1] for passage in answer.passages):
            line(f"{identifier} has no entry in {where}.")
    for name in answer.unfound:
        if not find_identifiers(name):
            line(f"{name} stands nowhere in {where}.")
    if not answer.passages and not filters.is_empty:
        line("Nothing in the library passes these filters; leave one of them out to see more.")
    elif answer.nothing_close:
        line("Nothing close was found" + ("; the nearest are:" if answer.passages else "."))
    for number, passage in enumerate(answer.passages, start=1):
        _tell_passage(number, passage)
    for status in answer.statuses:
        if status.state is not SourceState.OK:
            errors.print(f"{status.source}: {status.detail or status.state}", markup=False)


def _tell_passage(number: int, passage: Passage) -> None:
    far = "" if passage.score >= CLOSE else ", hardly about the question"
    line(f"{number:>2}. {passage.title}  [{passage.source}, relevance {passage.score:.2f}{far}]", style="bold")
    line(f"    {passage.location}")
    line("    " + " ".join(passage.text.split())[:SHOWN_LETTERS])
    if passage.also_in:
        line(f"    also in: {'; '.join(passage.also_in)}")
