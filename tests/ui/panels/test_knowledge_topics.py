"""The topics section: found when asked, kept and marked once the library has changed, read, opened and searched."""

import asyncio
from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.fake_library import TAKEN_IN, a_passage
from workbench.core.engine import CollectionInfo, Topic, Topics, WorkbenchError
from workbench.core.events import Passage
from workbench.core.knowledge.topic_values import Outlier
from workbench.ui.models.topics_model import TopicsModel
from workbench.ui.panels.knowledge_topics import KnowledgeTopics

WEB = Topic(
    words=("cookie", "session", "browser", "same-site"), chunks=30, documents=4, newest="2026-10-01", examples=("p1",)
)
KEYS = Topic(words=("key", "rotate"), chunks=10, documents=2, examples=("p2", "gone"))
FOUND = Topics(chunks=40, topics=(WEB, KEYS), outliers=(Outlier(passage_id="p3", nearness=0.114),))


class Library:
    """Has the topics that a test gives it."""

    def __init__(self) -> None:
        self.found: Topics | Exception = FOUND
        self.asked: list[Sequence[str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def topics(self, collections: Sequence[str] = ()) -> Topics:
        self.asked.append(collections)
        await self.may_answer.wait()
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def passage(self, passage_id: str) -> Passage | None:
        return a_passage(int(passage_id[1:]), f"Text of {passage_id}") if passage_id[1:].isdigit() else None


def holding(documents: int) -> list[CollectionInfo]:
    return [CollectionInfo(name="library", documents=documents, failed=0, chunks=40, size=9, newest=TAKEN_IN)]


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def section(qtbot: QtBot, library: Library) -> KnowledgeTopics:
    model = TopicsModel(library)
    section = KnowledgeTopics(model)
    model.setParent(section)
    model.follow(holding(3))
    section.set_collections(["library", "cwe"])
    qtbot.addWidget(section)
    section.resize(440, 600)
    section.show()
    return section


def find(qtbot: QtBot, section: KnowledgeTopics) -> None:
    section.look.click()
    qtbot.waitUntil(lambda: not section.model.busy)
    qtbot.waitUntil(lambda: section.examples.rowCount() > 0 or not section.model.rows.rowCount())


def choose(qtbot: QtBot, section: KnowledgeTopics, row: int) -> None:
    section.examples.show_hits([])
    section.topics.setCurrentIndex(section.model.rows.index(row))
    qtbot.waitUntil(lambda: section.examples.rowCount() > 0)


def test_nothing_is_computed_before_the_analyst_asks(section: KnowledgeTopics, library: Library) -> None:
    assert library.asked == []
    assert "Finding topics takes some seconds" in section._empty.text()
    assert not section.told.isVisible()


def test_topics_are_listed_with_size_and_the_outliers_last(qtbot: QtBot, section: KnowledgeTopics) -> None:
    find(qtbot, section)
    rows = [section.model.rows.row(number) for number in range(section.model.rows.rowCount())]
    assert [(row.name, row.count) for row in rows] == [
        ("cookie, session, browser", "30 passages"),
        ("key, rotate", "10 passages"),
        ("Near to no topic", "1 passage"),
    ]
    assert rows[0].note == "same-site · 4 documents · newest 2026-10-01"
    assert [row.share for row in rows[:2]] == [1.0, pytest.approx(1 / 3)]
    assert section.told.text() == "2 topics of 40 passages."


def test_the_busy_state_is_shown_and_a_second_click_asks_nothing(
    qtbot: QtBot, section: KnowledgeTopics, library: Library
) -> None:
    library.may_answer.clear()
    section.look.click()
    qtbot.waitUntil(lambda: bool(library.asked))
    assert section.progress.isVisible()
    assert not section.look.isEnabled()
    section.model.find()
    library.may_answer.set()
    qtbot.waitUntil(lambda: not section.model.busy)
    assert not section.progress.isVisible()
    assert len(library.asked) == 1
    qtbot.waitUntil(lambda: section.examples.rowCount() > 0)


def test_one_collection_can_be_looked_at(qtbot: QtBot, section: KnowledgeTopics, library: Library) -> None:
    section.collection.setCurrentText("cwe")
    find(qtbot, section)
    assert library.asked == [("cwe",)]
    with qtbot.waitSignal(section.search_asked) as asked:
        section.search.click()
    assert asked.args == [WEB, ("cwe",)]


def test_examples_that_are_gone_are_left_out_and_the_others_open(qtbot: QtBot, section: KnowledgeTopics) -> None:
    find(qtbot, section)
    choose(qtbot, section, 1)
    assert [section.examples.row(row).passage.id for row in range(section.examples.rowCount())] == ["p2"]
    with qtbot.waitSignal(section.open_passage) as asked:
        section.open.click()
    assert asked.args[0].id == "p2"


def test_outliers_are_listed_with_their_nearness_and_cannot_be_searched_for(
    qtbot: QtBot, section: KnowledgeTopics
) -> None:
    find(qtbot, section)
    choose(qtbot, section, 2)
    assert section.examples.row(0).relevance == "0.11"
    assert "nearness 0.11" in section.examples.index(0, 0).data(Qt.ItemDataRole.DisplayRole)
    assert not section.search.isEnabled()


def test_topics_are_kept_and_marked_once_the_library_has_changed(
    qtbot: QtBot, section: KnowledgeTopics, library: Library
) -> None:
    find(qtbot, section)
    section.model.follow(holding(3))
    assert not section.model.is_outdated
    section.model.follow(holding(4))
    assert section.model.rows.rowCount() == 3
    assert "The library has changed since" in section.told.text()
    find(qtbot, section)
    assert section.told.text() == "2 topics of 40 passages."
    section.model.outdate()
    assert section.model.is_outdated
    assert library.asked == [(), ()]


def test_a_small_library_is_told_to_grow(qtbot: QtBot, section: KnowledgeTopics, library: Library) -> None:
    library.found = Topics(chunks=7)
    find(qtbot, section)
    assert section.told.text() == "7 passages to group: too few for topics."
    assert "Take more in" in section._empty.text()


def test_a_failure_is_a_sentence(qtbot: QtBot, section: KnowledgeTopics, library: Library) -> None:
    library.found = WorkbenchError("The library is locked; close the other program")
    find(qtbot, section)
    assert section.told.text() == "The library is locked; close the other program"
    assert section.look.isEnabled()


def test_words_of_documents_are_never_markup(qtbot: QtBot, section: KnowledgeTopics, library: Library) -> None:
    library.found = Topics(chunks=30, topics=(KEYS.model_copy(update={"words": ("<h1>trap</h1>", "\u202egnp")}),))
    find(qtbot, section)
    index = section.model.rows.index(0)
    assert "<h1>" not in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "\u202e" not in index.data(Qt.ItemDataRole.DisplayRole)
