"""Finds the recipe that answers a drafting task, or says that none does.

A draft from a recipe that does something else is worse than no draft, so a recipe must be close to what is asked. It is
compared with title and description together, and with each by itself: a description is often about the surroundings of
a task (what users upload, where files lie) and a title often names no job at all, but of a task that a recipe answers
both are rarely far from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.demo.documents import ROOT
from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.shelf import ShelfError, load_recipe
from workbench.core.knowledge.shelf_entries import Recipe

FITS_FROM = 0.47
"""Closeness from which a recipe answers a task. Chosen with MiniLM and the shelf of 77 recipes on 103 tasks that one of
them answers and 55 that none does (FITS and MISFITS in tests/unit/core/drafting/phrasings.py): 74 % find theirs, 4 % a
wrong one and 22 % none, and 11 % of the others are given one. On the 106 and 45 that were held out 56 % find theirs,
6 % a wrong one and 39 % none, and 4 % of the others are given one (such as loading YAML for "Merge two YAML files").
The draft names its recipe, so a stretch is seen. What else was tried is in docs/decisions/0006-drafting.md."""

WHOLE_WEIGHT = 2 / 3
"""Weight of title and description together in the closeness; the weaker of the two by themselves has the rest."""

RIGHT = 0.85
"""How sure it is that a recipe that fits is the right one, however close: of those taken for the tasks above 135 of 153
were right, evenly over their closeness, and it would be 84 % were as many tasks answered by none as by one."""

CODE_FITS_FROM = 0.6
"""Relevance from which the user's own code answers a task: more than being about it, since it is offered as it is."""


@dataclass(frozen=True)
class Fit:
    """A recipe that answers the task, with the passage that it was found by. `closeness` is FITS_FROM to 1."""

    recipe: Recipe
    passage: Passage
    closeness: float


def fitting_recipe(whole: Sequence[Passage], parts: Sequence[Sequence[Passage]] = ()) -> Fit | None:
    """The recipe that answers a task best, None when none does closely.

    `whole` is what was found for title and description together, `parts` for each by itself where a task has both; a
    part for which nothing was found says nothing. A recipe's closeness is WHOLE_WEIGHT of its score for the whole and
    the rest of its score for the part that it is farther from.
    """
    found = _best(whole)
    each = [{id_: passage.score for id_, passage in _best(part).items()} for part in parts if part]
    closeness = {
        id_: _closeness(passage.score, [scores.get(id_, 0.0) for scores in each]) for id_, passage in found.items()
    }
    best = min(closeness, key=lambda id_: (-closeness[id_], id_), default=None)
    if best is None or closeness[best] < FITS_FROM:
        return None
    try:
        recipe = load_recipe(best)
    except ShelfError:  # The user's own library may hold records that are called recipes.
        return None
    return Fit(recipe, found[best], closeness[best])


def _closeness(whole: float, parts: Sequence[float]) -> float:
    return WHOLE_WEIGHT * whole + (1 - WHOLE_WEIGHT) * min(parts) if parts else whole


def fitting_code(passages: Sequence[Passage]) -> Passage | None:
    """The piece of the user's own code that is most relevant to the task, None when none is relevant.

    That of the demo organisation is nobody's own, and partly wrong on purpose.
    """
    found = [passage for passage in passages if passage.kind is PassageKind.CODE and not _is_demo(passage)]
    best = max(found, key=lambda passage: passage.score, default=None)
    return best if best is not None and best.score >= CODE_FITS_FROM else None


def _is_demo(passage: Passage) -> bool:
    return passage.location.path.startswith(f"{ROOT}/")


def recipe_of(passage: Passage) -> str | None:
    """The id of the recipe that a passage is from, None for anything else."""
    return passage.identifiers[0] if passage.kind is PassageKind.RECIPE and passage.identifiers else None


def _best(passages: Sequence[Passage]) -> dict[str, Passage]:
    """The most relevant passage of each recipe, by its id."""
    best: dict[str, Passage] = {}
    for passage in passages:
        recipe_id = recipe_of(passage)
        if recipe_id is not None and (recipe_id not in best or passage.score > best[recipe_id].score):
            best[recipe_id] = passage
    return best
