"""`workbench knowledge topics`: what the library is about."""

import json
from collections.abc import Sequence
from contextlib import suppress

from workbench.commands.console import line
from workbench.commands.exit_codes import NOTHING_FOUND
from workbench.commands.opened import opened, when_ready
from workbench.core.engine import Engine, Topic, Topics, WorkbenchError
from workbench.core.evidence import Passage
from workbench.places import Places
from workbench.wording import counted


async def show_topics(places: Places, collections: Sequence[str], as_json: bool) -> int:
    """Print the topics of those collections (of all when there are none named), largest first, and the outliers."""
    async with opened(places) as engine:
        with suppress(WorkbenchError):  # without the embedding model, what is embedded already has topics all the same
            await when_ready(engine)
        known = [each.name for each in await engine.library.collections()]
        strangers = [name for name in collections if name not in known]
        if strangers:
            raise WorkbenchError(f"There is no collection called {strangers[0]}; there are: {', '.join(known)}")
        topics = await engine.library.topics(collections)
        if as_json:
            listed = [{"name": topic.name, **topic.model_dump(mode="json")} for topic in topics.topics]
            print(json.dumps({**topics.model_dump(mode="json"), "topics": listed}, indent=2))
        else:
            await _tell(engine, topics)
    return 0 if topics.topics else NOTHING_FOUND


async def _tell(engine: Engine, topics: Topics) -> None:
    if not topics.topics:
        line(f"There are {counted(topics.chunks, 'passage')}, too few to have topics; workbench knowledge list has all")
        return
    for number, topic in enumerate(topics.topics, start=1):
        await _tell_topic(engine, number, topic)
    if topics.outliers:
        line("Near to no topic:", style="bold")
    for outlier in topics.outliers:
        passage = await engine.library.passage(outlier.passage_id)
        if passage is not None:
            line(f"    {outlier.nearness:.2f}  {_place(passage)}")


async def _tell_topic(engine: Engine, number: int, topic: Topic) -> None:
    newest = f", newest {topic.newest[:10]}" if topic.newest else ""
    line(f"{number:>2}. {', '.join(topic.words) or topic.name}", style="bold")
    line(f"    {counted(topic.chunks, 'passage')} in {counted(topic.documents, 'document')}{newest}")
    for passage_id in topic.examples[:2]:
        passage = await engine.library.passage(passage_id)
        if passage is not None:
            line(f"    such as {_place(passage)}")


def _place(passage: Passage) -> str:
    place = str(passage.location)
    return f"{passage.title} ({place})" if place else passage.title
