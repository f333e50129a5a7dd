"""The list of documents filters and sorts itself, and the latest wish is what it shows."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests.ui.doing import finish
from tests.ui.fake_library import a_document
from workbench.core.knowledge.stored import DocumentState
from workbench.ui.models.documents_model import FEW, Column, DocumentsModel


def names(model: DocumentsModel) -> list[str]:
    return [str(model.index(row, Column.TITLE).data()) for row in range(model.rowCount())]


def test_a_failed_document_says_so_in_word_icon_and_reason(qtbot: QtBot) -> None:
    model = DocumentsModel()
    QAbstractItemModelTester(model)
    broken = a_document("/docs/broken.pdf", state=DocumentState.FAILED, reason="The PDF is encrypted", chunks=0)
    finish(qtbot, model.set_documents([broken]))
    state = model.index(0, Column.STATE)
    assert state.data() == "failed"
    assert not state.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(0, Column.REASON).data() == "The PDF is encrypted"
    assert "The PDF is encrypted" in model.index(0, Column.TITLE).data(Qt.ItemDataRole.ToolTipRole)


def test_every_word_of_the_filter_must_be_somewhere_in_the_row(qtbot: QtBot) -> None:
    model = DocumentsModel()
    documents = [a_document("/a/rules.md"), a_document("/b/rules.md", state=DocumentState.FAILED, reason="torn")]
    finish(qtbot, model.set_documents(documents))
    model.filter_by("rules TORN")
    assert [row.info.path for row in (model.row(0),)] == ["/b/rules.md"]
    assert (model.rowCount(), model.held) == (1, 2)
    model.filter_by("")
    assert model.rowCount() == 2


def test_sizes_sort_as_numbers_and_the_filter_keeps_the_order(qtbot: QtBot) -> None:
    model = DocumentsModel()
    documents = [a_document(f"/{name}.md", size=size) for name, size in (("a", 900), ("b", 12_000), ("c", 5_000))]
    finish(qtbot, model.set_documents(documents))
    model.sort(Column.SIZE, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["b.md", "c.md", "a.md"]
    model.filter_by("md")
    model.sort(-1)
    assert names(model) == ["a.md", "b.md", "c.md"]


def test_many_documents_are_arranged_off_the_loop_and_the_last_wish_stands(qtbot: QtBot) -> None:
    model = DocumentsModel()
    finish(qtbot, model.set_documents([a_document(f"/{number}.md") for number in range(FEW + 100)]))
    model.filter_by("1")
    model.filter_by("599.md")
    qtbot.waitUntil(lambda: names(model) == ["599.md"])
    qtbot.wait(30)
    assert names(model) == ["599.md"]


def test_a_row_is_found_again_by_its_document(qtbot: QtBot) -> None:
    model = DocumentsModel()
    finish(qtbot, model.set_documents([a_document("/a.md"), a_document("/b.md")]))
    assert model.place_of("/b.md") == 1
    assert model.place_of("/c.md") is None
