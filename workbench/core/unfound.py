"""Exact names that a question asks for and that stand in nothing that was found: an address, a hash, an identifier."""

from collections.abc import Sequence

from workbench.core.evidence import Passage
from workbench.core.stores.exact_names import is_exact, names_asked

MOST = 0.3
"""Relevance that is left to passages without the one name that was asked for: whoever looks for 10.0.0.5 is not served
by 10.0.5.1, however alike they look."""


def unfound_names(question: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Of the exact names in a question those that no passage holds. Sources put passages that hold them first."""
    asked = [name for name in names_asked(question) if is_exact(name)]
    if not asked:
        return ()
    told = "\n".join(
        "\n".join((passage.title, passage.location.path, passage.text, *passage.identifiers)) for passage in passages
    ).casefold()
    return tuple(_as_asked(name, question) for name in asked if name not in told)


def _as_asked(name: str, question: str) -> str:
    start = question.casefold().find(name)
    return question[start : start + len(name)] if start >= 0 else name


def without_the_name(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages; no more than MOST relevant where the question is a name and nothing else, and none holds it."""
    if len(question.split()) != 1 or not unfound_names(question, passages):
        return list(passages)
    return [passage.model_copy(update={"score": min(MOST, passage.score)}) for passage in passages]
