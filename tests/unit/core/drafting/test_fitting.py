from collections.abc import AsyncIterator

import pytest

from tests.unit.core.drafting import phrasings
from workbench.core.agents.base import Search
from workbench.core.database import Database
from workbench.core.drafting.fitting import CODE_FITS_FROM, FITS_FROM, Fit, fitting_code, fitting_recipe
from workbench.core.evidence import Location, Passage, PassageKind
from workbench.core.knowledge.embedder import OnnxEmbedder, space_of
from workbench.core.knowledge.indexes import LibraryIndexes
from workbench.core.knowledge.ingestion import ingest_documents
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.shelf import load_shelf
from workbench.core.knowledge.stored import STARTER
from workbench.core.stores.library_source import library_sources
from workbench.places import Places


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


def test_a_close_recipe_that_leads_the_others_is_found_with_its_passage() -> None:
    found = [passage("join_path", 0.7), passage("load_yaml", 0.2)]
    fit = fitting_recipe(found)
    assert fit is not None
    assert (fit.recipe.id, fit.passage) == ("join_path", found[0])
    assert FITS_FROM <= fit.closeness <= 1


def test_a_recipe_that_is_hardly_closer_than_another_is_no_fit() -> None:
    assert fitting_recipe([passage("join_path", 0.7), passage("load_yaml", 0.65)]) is None


def test_nothing_found_is_no_fit() -> None:
    assert fitting_recipe([]) is None
    assert fitting_recipe([passage("CWE-22", 0.99, kind=PassageKind.WEAKNESS)]) is None


def test_a_lone_recipe_gains_nothing_from_having_no_rival() -> None:
    assert fitting_recipe([passage("join_path", FITS_FROM - 0.01)]) is None


def test_a_record_called_recipe_that_the_shelf_does_not_hold_is_no_fit() -> None:
    assert fitting_recipe([passage("someone_elses", 0.99)]) is None


def test_the_passage_shown_is_prose_before_code() -> None:
    found = [passage("join_path", 0.95, heading="Code"), passage("join_path", 0.9, heading="At a glance")]
    fit = fitting_recipe(found)
    assert fit is not None
    assert fit.passage.location.heading == "At a glance"


def test_own_code_is_taken_only_when_it_is_about_the_question() -> None:
    far = passage("mine", CODE_FITS_FROM - 0.01, kind=PassageKind.CODE)
    near = passage("mine", CODE_FITS_FROM + 0.2, kind=PassageKind.CODE)
    assert fitting_code([far]) is None
    assert fitting_code([far, near, passage("join_path", 0.99)]) == near


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


async def test_tasks_in_other_words_find_their_recipe_and_others_find_none(search: Search) -> None:
    """With the real model and the whole shelf. The floors are a little below what was measured, see FITS_FROM."""

    async def fit_of(text: str) -> Fit | None:
        return fitting_recipe(await search(text, kinds=(PassageKind.RECIPE,), limit=10))

    answered = phrasings.FITS + phrasings.FITS_HELD_OUT + phrasings.FITS_WITH_CONTEXT
    unanswered = phrasings.MISFITS + phrasings.MISFITS_HELD_OUT + phrasings.MISFITS_WITH_CONTEXT
    fits = [(recipe, await fit_of(text)) for recipe, text in answered]
    stretched = [text for text in unanswered if await fit_of(text) is not None]
    assert sum(fit is not None and fit.recipe.id == recipe for recipe, fit in fits) >= 44
    assert sum(fit is not None and fit.recipe.id != recipe for recipe, fit in fits) <= 2
    assert len(stretched) <= 5, stretched
