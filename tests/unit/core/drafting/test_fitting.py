import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.unit.core.drafting import phrasings
from workbench.core.agents.base import Search
from workbench.core.agents.code_basis import RECIPES_LOOKED_AT
from workbench.core.database import Database
from workbench.core.drafting.fitting import CODE_FITS_FROM, FITS_FROM, fitting_code, fitting_recipe
from workbench.core.evidence import Location, Passage, PassageKind
from workbench.core.filters import SearchFilter
from workbench.core.knowledge.embedder import OnnxEmbedder, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.ingestion import ingest_documents
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.shelf import load_recipe, load_shelf
from workbench.core.knowledge.stored import STARTER
from workbench.core.stores.library_source import library_sources
from workbench.places import RESOURCES, Places


def passage(recipe: str, score: float, *, heading: str = "", kind: PassageKind = PassageKind.RECIPE) -> Passage:
    return Passage(
        id=f"{recipe}-{heading}-{score}",
        source="starter knowledge",
        document_id=recipe,
        title=recipe,
        text=f"{recipe} does it.",
        kind=kind,
        location=Location(heading=heading),
        identifiers=(recipe,),
        score=score,
    )


def test_a_close_recipe_is_found_with_the_passage_it_was_found_by() -> None:
    found = [passage("load_yaml", 0.5), passage("join_path", 0.7)]
    fit = fitting_recipe(found)
    assert fit is not None
    assert (fit.recipe.id, fit.passage) == ("join_path", found[1])
    assert FITS_FROM <= fit.closeness <= 1


def test_near_twins_do_not_hide_each_other() -> None:
    fit = fitting_recipe([passage("check_jwt", 0.7), passage("issue_jwt", 0.69)])
    assert fit is not None
    assert fit.recipe.id == "check_jwt"


def test_a_recipe_that_only_the_surroundings_are_near_to_is_no_fit() -> None:
    whole = [passage("store_upload", 0.6)]
    title, description = [passage("take_lock", 0.3)], [passage("store_upload", 0.8)]
    assert fitting_recipe(whole, [description]) is not None
    assert fitting_recipe(whole, [title, description]) is None


def test_a_part_that_nothing_is_found_for_says_nothing() -> None:
    fit = fitting_recipe([passage("store_upload", 0.6)], [[], [passage("store_upload", 0.6)]])
    assert fit is not None
    assert fit.closeness == pytest.approx(0.6)


def test_nothing_found_is_no_fit() -> None:
    assert fitting_recipe([]) is None
    assert fitting_recipe([passage("CWE-22", 0.99, kind=PassageKind.WEAKNESS)]) is None


def test_a_recipe_just_below_the_threshold_is_no_fit() -> None:
    assert fitting_recipe([passage("join_path", FITS_FROM - 0.01)]) is None


def test_a_record_called_recipe_that_the_shelf_does_not_hold_is_no_fit() -> None:
    assert fitting_recipe([passage("someone_elses", 0.99)]) is None


def test_own_code_is_taken_only_when_it_is_about_the_question() -> None:
    far = passage("mine", CODE_FITS_FROM - 0.01, kind=PassageKind.CODE)
    near = passage("mine", CODE_FITS_FROM + 0.2, kind=PassageKind.CODE)
    assert fitting_code([far]) is None
    assert fitting_code([far, near, passage("join_path", 0.99)]) == near


def test_the_demo_organisations_code_is_nobodys_own() -> None:
    theirs = passage("settlement", 0.99, kind=PassageKind.CODE)
    place = theirs.location.model_copy(update={"path": "demo/services/payment-client/portal/settlement.py"})
    assert fitting_code([theirs.model_copy(update={"location": place})]) is None


@pytest.fixture
async def search(places_with_model: Places) -> AsyncIterator[Search]:
    database = Database(places_with_model.database)
    database.open()
    embedder = OnnxEmbedder(places_with_model)
    embedder.prepare()
    library = Library(database, space_of(embedder))
    indexes = LibraryIndexes(library, places_with_model.indexes, embedder.dimension)
    async for _ in ingest_documents(load_shelf(), library, embedder, STARTER):
        pass
    indexes.refresh()
    yield library_sources(library, indexes, embedder)[0].search
    database.close()


RECIPES = SearchFilter(kinds=(PassageKind.RECIPE,))


async def test_tasks_in_other_words_find_their_recipe_and_others_find_none(search: Search) -> None:
    """With the real model and the whole shelf. The floors are a little below what was measured, see FITS_FROM."""

    async def fit_of(text: str) -> str:
        title, _, description = text.partition("\n")
        asked = [text, title, description] if description else [text]
        whole, *parts = [await search(one, filters=RECIPES, limit=RECIPES_LOOKED_AT) for one in asked]
        fit = await asyncio.to_thread(fitting_recipe, whole, parts)
        return fit.recipe.id if fit is not None else ""

    answered = phrasings.FITS + phrasings.FITS_HELD_OUT
    fits = [(recipes.split("|"), await fit_of(text)) for recipes, text in answered]
    stretched = [text for text in phrasings.MISFITS + phrasings.MISFITS_HELD_OUT if await fit_of(text)]
    assert sum(found in recipes for recipes, found in fits) >= 125
    assert sum(bool(found) and found not in recipes for recipes, found in fits) <= 11
    assert len(stretched) <= 9, stretched


def test_the_tasks_cover_the_shelf_and_are_no_questions_of_it() -> None:
    recipes = {
        path.parent.name: load_recipe(path.parent.name) for path in (RESOURCES / "recipes").glob("*/recipe.yaml")
    }
    answered = phrasings.FITS + phrasings.FITS_HELD_OUT
    assert {one for names, _ in answered for one in names.split("|")} == set(recipes)
    questions = {question.casefold().rstrip(".?") for recipe in recipes.values() for question in recipe.questions}
    lines = {line.casefold().rstrip(".?") for _, text in answered for line in text.split("\n")}
    assert not questions & lines
