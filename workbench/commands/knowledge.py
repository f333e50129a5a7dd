"""`workbench search` and `doctor`."""

import json

from workbench.commands.console import line
from workbench.commands.exit_codes import NOTHING_FOUND
from workbench.commands.opened import opened, when_ready
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.values import WorkbenchError
from workbench.places import Places


async def search_library(places: Places, question: str, limit: int, as_json: bool) -> int:
    """Print the best passages with their places; the code is NOTHING_FOUND when none is close."""
    if not question.strip():
        raise WorkbenchError("The question is empty; say in a few words what you look for")
    async with opened(places) as engine:
        await when_ready(engine)
        answer = await engine.library.search(question, limit=limit)
    code = NOTHING_FOUND if answer.nothing_close else 0
    if as_json:
        print(json.dumps(answer.model_dump(mode="json"), indent=2))
        return code
    for identifier in find_identifiers(question):
        if not any(identifier in passage.identifiers[:1] for passage in answer.passages):
            line(f"{identifier} has no entry in the library.")
    if answer.nothing_close:
        line("Nothing close was found" + ("; the nearest are:" if answer.passages else "."))
    for number, passage in enumerate(answer.passages, start=1):
        line(f"{number:>2}. {passage.title}  [{passage.source}, relevance {passage.score:.2f}]", style="bold")
        line(f"    {passage.location}")
        line("    " + " ".join(passage.text.split())[:240])
    return code


async def examine(places: Places, as_json: bool) -> int:
    """Print the state of every part, and how to mend what is missing."""
    from workbench.core.doctor import examine as look

    components = await look(places)
    if as_json:
        print(json.dumps([component.model_dump(mode="json") for component in components], indent=2))
        return 0
    for component in components:
        line(f"{component.state:<8} {component.name}: {component.detail}")
        if component.mend:
            line(f"         {component.mend}")
    return 0
