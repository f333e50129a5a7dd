"""The list of collections: the analyst's own comes first, and is there before anything is in it."""

from PySide6.QtTest import QAbstractItemModelTester

from tests.ui.fake_library import TAKEN_IN
from workbench.core.engine import CollectionInfo
from workbench.ui.models.collections_model import CollectionsModel, Column


def a_collection(name: str, **fields: object) -> CollectionInfo:
    given = {"name": name, "documents": 1_404, "failed": 0, "chunks": 1_567, "size": 890_000, "newest": TAKEN_IN}
    return CollectionInfo.model_validate(given | fields)


def test_the_own_library_is_listed_first_even_while_it_is_empty() -> None:
    model = CollectionsModel()
    QAbstractItemModelTester(model)
    model.set_collections([a_collection("kev"), a_collection("starter"), a_collection("attack")])
    assert model.names == ["library", "starter", "attack", "kev"]
    assert model.index(0, Column.DOCUMENTS).data() == "0"


def test_sizes_and_counts_are_written_for_people() -> None:
    model = CollectionsModel()
    model.set_collections([a_collection("library", failed=2)])
    shown = [str(model.index(0, column).data()) for column in Column]
    assert shown[:5] == ["My library", "1,404", "2", "1,567", "890 KB"]
