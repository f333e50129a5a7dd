"""The search section: words are asked as they are typed, hits are read in their surroundings and opened."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.fake_library import FakeLibrary, a_passage
from workbench.core.engine import SearchAnswer
from workbench.core.events import PassageKind, Severity
from workbench.ui.models.search_model import SearchModel
from workbench.ui.panels.knowledge_search import KnowledgeSearch
from workbench.ui.panels.search_filters import SearchFilters


@pytest.fixture
def library() -> FakeLibrary:
    library = FakeLibrary()
    hits = (a_passage(1, "Escape what is shown"), a_passage(2, "Bind what is asked", score=0.6))
    library.answer = SearchAnswer(passages=hits, statuses=())
    return library


@pytest.fixture
def section(qtbot: QtBot, library: FakeLibrary) -> KnowledgeSearch:
    section = KnowledgeSearch(SearchModel(library, lambda: True))
    section.model.setParent(section)
    qtbot.addWidget(section)
    section.resize(440, 600)
    section.show()
    return section


def ask(qtbot: QtBot, section: KnowledgeSearch, question: str) -> None:
    section.box.setText(question)
    qtbot.keyClick(section.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not section.model.busy)


def test_typing_asks_once_the_analyst_stops(qtbot: QtBot, section: KnowledgeSearch, library: FakeLibrary) -> None:
    qtbot.keyClicks(section.box, "escape")
    qtbot.waitUntil(lambda: bool(library.asked), timeout=2_000)
    qtbot.waitUntil(lambda: not section.model.busy)
    assert [question for question, _ in library.asked] == ["escape"]
    assert section.told.text() == "2 hits, the best first."


def test_the_best_hit_is_read_out_with_the_words_marked(qtbot: QtBot, section: KnowledgeSearch) -> None:
    ask(qtbot, section, "escaping")
    assert "Escape what is shown" in section.details.toPlainText()
    marked = [selection.cursor.selectedText() for selection in section.details.extraSelections()]
    assert marked == ["Escape"]


def test_marks_stand_right_after_letters_that_qt_counts_twice(
    qtbot: QtBot, section: KnowledgeSearch, library: FakeLibrary
) -> None:
    library.answer = SearchAnswer(passages=(a_passage(1, "\U0001f600 \U0001f512 escape it"),), statuses=())
    ask(qtbot, section, "escape")
    assert [each.cursor.selectedText() for each in section.details.extraSelections()] == ["escape"]


def test_return_opens_the_hit_at_its_place(qtbot: QtBot, section: KnowledgeSearch) -> None:
    ask(qtbot, section, "bind")
    section.hits.setCurrentIndex(section.model.hits.index(1))
    with qtbot.waitSignal(section.open_passage) as asked:
        section.open.click()
    assert asked.args[0].id == "p2"


def test_neighbours_are_shown_before_and_after_the_hit(
    qtbot: QtBot, section: KnowledgeSearch, library: FakeLibrary
) -> None:
    library.around = [a_passage(0, "It begins"), a_passage(1, "Escape what is shown"), a_passage(3, "It ends")]
    ask(qtbot, section, "escape")
    section.around.setChecked(True)
    qtbot.waitUntil(lambda: "It ends" in section.details.toPlainText())
    text = section.details.toPlainText()
    assert text.index("It begins") < text.index("Escape what is shown") < text.index("It ends")


def test_a_second_return_leads_to_the_hits(qtbot: QtBot, section: KnowledgeSearch) -> None:
    ask(qtbot, section, "escape")
    qtbot.keyClick(section.box, Qt.Key.Key_Return)
    assert section.focusWidget() is section.hits


def test_filters_narrow_the_next_search_and_are_counted(
    qtbot: QtBot, section: KnowledgeSearch, library: FakeLibrary
) -> None:
    section.filters.set_collections(["library", "cwe"])
    section.filters.choose_collection("cwe")
    section.filters.kind.setCurrentText("weakness")
    section.filters.severity.setCurrentText("high")
    section.filters.weakness.setText("79, cwe-89")
    section.filters.since.setText("2024")
    ask(qtbot, section, "escape")
    filters = library.asked[-1][1]
    assert (filters.collections, filters.kinds) == (("cwe",), (PassageKind.WEAKNESS,))
    assert (filters.severities, filters.weaknesses) == ((Severity.HIGH,), ("CWE-79", "CWE-89"))
    assert (filters.since, filters.until) == (date(2024, 1, 1), None)
    assert section.more.text() == "Filters (5)"


def test_a_filter_that_cannot_be_read_is_told_and_ignored(qtbot: QtBot, section: KnowledgeSearch) -> None:
    section.filters.since.setText("last week")
    ask(qtbot, section, "escape")
    assert section.told.text() == "The date cannot be read; write it like 2024-01-31, 2024-01 or 2024."
    assert section.filters.value.since is None


def test_a_collection_that_is_gone_does_not_narrow_the_search_any_more(qtbot: QtBot) -> None:
    filters = SearchFilters()
    qtbot.addWidget(filters)
    filters.set_collections(["library", "cwe"])
    filters.choose_collection("cwe")
    with qtbot.waitSignal(filters.changed):
        filters.set_collections(["library"])
    assert filters.value.collections == ()
