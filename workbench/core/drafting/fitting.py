"""Finds the recipe that answers a drafting task, or says that none does.

A draft from a recipe that does something else is worse than no draft, so a recipe must be close to what is asked and
closer than every other one. It is compared with title and description together: a sentence by itself is often about
the surroundings of a task (what users upload, where files lie), and a title by itself often names no job at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.shelf import ShelfError, load_recipe
from workbench.core.knowledge.shelf_entries import Recipe

FITS_FROM = 0.75
"""Closeness from which a recipe answers a task. Chosen on 60 phrasings and checked on 46 others
(tests/unit/core/drafting/phrasings.py) with the starter knowledge and MiniLM: of the 53 tasks that a recipe answers 46
find theirs and 1 a wrong one; of the 53 that none answers 3 are given one (such as loading YAML for "Merge two YAML
files"). The draft names its recipe, so such a stretch is seen."""

CODE_FITS_FROM = 0.5
"""Relevance from which the user's own code answers a task: that from which a passage is about a question at all."""


@dataclass(frozen=True)
class Fit:
    """A recipe that answers the task, with the passage that shows it. `closeness` is FITS_FROM to 1."""

    recipe: Recipe
    passage: Passage
    closeness: float


def fitting_recipe(passages: Sequence[Passage]) -> Fit | None:
    """The recipe that answers a task best, None when none does closely.

    `passages` are what was found for title and description. A recipe's score is that of its best passage; its
    closeness adds half of its lead over the next recipe.
    """
    scores: dict[str, float] = {}
    for passage in passages:
        recipe_id = recipe_of(passage)
        if recipe_id is not None:
            scores[recipe_id] = max(scores.get(recipe_id, 0.0), passage.score)
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return None
    (best, score), *others = ranked
    closeness = min(1.0, score + (score - others[0][1]) / 2 if others else score)
    if closeness < FITS_FROM:
        return None
    try:
        recipe = load_recipe(best)
    except ShelfError:  # The user's own library may hold records that are called recipes.
        return None
    return Fit(recipe, _telling(best, passages), closeness)


def fitting_code(passages: Sequence[Passage]) -> Passage | None:
    """The piece of the user's own code that is most relevant to the task, None when none is relevant."""
    found = [passage for passage in passages if passage.kind is PassageKind.CODE]
    best = max(found, key=lambda passage: passage.score, default=None)
    return best if best is not None and best.score >= CODE_FITS_FROM else None


def recipe_of(passage: Passage) -> str | None:
    """The id of the recipe that a passage is from, None for anything else."""
    return passage.identifiers[0] if passage.kind is PassageKind.RECIPE and passage.identifiers else None


def _telling(recipe_id: str, passages: Sequence[Passage]) -> Passage:
    """The most relevant passage of a recipe; prose before code."""
    mine = [passage for passage in passages if recipe_of(passage) == recipe_id]
    return max(mine, key=lambda passage: (passage.location.heading != "Code", passage.score))
