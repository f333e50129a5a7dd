"""Finds the recipe that answers a drafting task, or says that none does.

A draft from a recipe that does something else is worse than no draft, so a recipe must be close to what is asked and
closer than every other one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.core.evidence import Passage, PassageKind
from workbench.core.knowledge.shelf import ShelfError, load_recipe
from workbench.core.knowledge.shelf_entries import Recipe
from workbench.core.tasks import Task

FITS_FROM = 0.7
"""Closeness from which a recipe answers a task. Chosen on the phrasings in tests/unit/core/drafting/phrasings.py with
the starter knowledge and MiniLM, so that no misfit passes: there 25 of 30 fits are found and 0 of 30 misfits taken;
of those held out 13 of 15 are found and 1 of 15 misfits is taken ("Merge two YAML files" for loading YAML)."""

CODE_FITS_FROM = 0.5
"""Relevance from which the user's own code answers a task: that from which a passage is about a question at all."""

MIN_WORDS = 4
MAX_QUESTIONS = 8
"""Sentences of a description that are asked one by one, and the words one must have to be worth it."""


@dataclass(frozen=True)
class Fit:
    """A recipe that answers the task, with the passage that shows it. `closeness` is FITS_FROM to 1."""

    recipe: Recipe
    passage: Passage
    closeness: float


def questions_of(task: Task) -> tuple[str, ...]:
    """What to ask the sources: the title, then the sentences of the description; a long text is close to nothing."""
    sentences = re.split(r"(?<=[.!?;:])\s+|\n+", task.description)
    asked = [task.title, *(sentence for sentence in sentences if len(sentence.split()) >= MIN_WORDS)]
    return tuple(dict.fromkeys(asked))[:MAX_QUESTIONS]


def fitting_recipe(title: str, answers: Mapping[str, Sequence[Passage]]) -> Fit | None:
    """The recipe that answers a task best, None when none does closely.

    `answers` are the passages found for each of `questions_of` the task, the title among them. A recipe's score is
    the mean of its best passage for the title and its best for any question, so that one sentence of a description
    does not outweigh what the task is called; its closeness adds half of its lead over the next recipe.
    """
    ranked = sorted(_scores(title, answers).items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return None
    (recipe_id, score), *others = ranked
    lead = score - (others[0][1] if others else 0.0)
    closeness = min(1.0, score + lead / 2)
    if closeness < FITS_FROM:
        return None
    try:
        recipe = load_recipe(recipe_id)
    except ShelfError:  # The user's own library may hold records that are called recipes.
        return None
    return Fit(recipe, _telling(recipe_id, answers), closeness)


def fitting_code(answers: Mapping[str, Sequence[Passage]]) -> Passage | None:
    """The piece of the user's own code that is most relevant to the task, None when none is relevant."""
    found = [passage for answer in answers.values() for passage in answer if passage.kind is PassageKind.CODE]
    best = max(found, key=lambda passage: passage.score, default=None)
    return best if best is not None and best.score >= CODE_FITS_FROM else None


def _scores(title: str, answers: Mapping[str, Sequence[Passage]]) -> dict[str, float]:
    of_title: dict[str, float] = {}
    of_any: dict[str, float] = {}
    for question, passages in answers.items():
        for passage in passages:
            recipe = _recipe_of(passage)
            if recipe is None:
                continue
            of_any[recipe] = max(of_any.get(recipe, 0.0), passage.score)
            if question == title:
                of_title[recipe] = max(of_title.get(recipe, 0.0), passage.score)
    return {recipe: (of_title.get(recipe, 0.0) + score) / 2 for recipe, score in of_any.items()}


def _recipe_of(passage: Passage) -> str | None:
    return passage.identifiers[0] if passage.kind is PassageKind.RECIPE and passage.identifiers else None


def _telling(recipe_id: str, answers: Mapping[str, Sequence[Passage]]) -> Passage:
    """The passage of the recipe that is most relevant to any question; prose before code."""
    mine = [passage for answer in answers.values() for passage in answer if _recipe_of(passage) == recipe_id]
    return max(mine, key=lambda passage: (passage.location.heading != "Code", passage.score))
