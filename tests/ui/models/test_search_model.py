"""The newest question wins, and what the answer is worth is said."""

import asyncio

from pytestqt.qtbot import QtBot

from tests.ui.fake_library import FakeLibrary, a_passage
from workbench.core.engine import SearchAnswer, SearchFilter, WorkbenchError
from workbench.core.events import SourceState, SourceStatus
from workbench.ui.models.search_model import Question, SearchModel


def answer(*passages: object, state: SourceState = SourceState.OK, detail: str = "") -> SearchAnswer:
    return SearchAnswer(passages=passages, statuses=(SourceStatus(source="my library", state=state, detail=detail),))


class Slow(FakeLibrary):
    """Answers each question with itself, when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}
        self.cancelled: list[str] = []

    async def search(self, question: str, filters: SearchFilter, limit: int = 10) -> SearchAnswer:
        self.gates[question] = asyncio.Event()
        try:
            await self.gates[question].wait()
        except asyncio.CancelledError:
            self.cancelled.append(question)
            raise
        return answer(a_passage(1, question))


def test_a_newer_question_cancels_the_one_before(qtbot: QtBot) -> None:
    library = Slow()
    model = SearchModel(library, lambda: True)
    model.ask(Question("first"))
    qtbot.waitUntil(lambda: "first" in library.gates)
    model.ask(Question("second"))
    qtbot.waitUntil(lambda: "second" in library.gates and library.cancelled == ["first"])
    assert model.busy
    library.gates["second"].set()
    qtbot.waitUntil(lambda: not model.busy)
    assert model.hits.row(0).text == "second"
    assert model.told == "1 hit, the best first."


def test_an_answer_that_is_not_close_is_said_to_be_so(qtbot: QtBot) -> None:
    library = FakeLibrary()
    library.answer = answer(a_passage(1, score=0.2), a_passage(2, "Other", score=0.1))
    model = SearchModel(library, lambda: True)
    model.ask(Question("weather in Bern"))
    qtbot.waitUntil(lambda: not model.busy)
    assert model.told == "Nothing close was found; the nearest are shown."
    assert model.is_poor


def test_a_source_that_did_not_answer_is_named_with_its_reason(qtbot: QtBot) -> None:
    library = FakeLibrary()
    library.answer = answer(a_passage(1), state=SourceState.TIMEOUT, detail="No answer within 10 s")
    model = SearchModel(library, lambda: True)
    model.ask(Question("escape"))
    qtbot.waitUntil(lambda: not model.busy)
    assert "my library: No answer within 10 s" in model.told
    assert model.is_poor


def test_a_search_that_fails_says_why_and_leaves_the_model_free(qtbot: QtBot) -> None:
    class Broken(FakeLibrary):
        async def search(self, question: str, filters: SearchFilter, limit: int = 10) -> SearchAnswer:
            raise WorkbenchError("The library is closed")

    model = SearchModel(Broken(), lambda: True)
    model.ask(Question("escape"))
    qtbot.waitUntil(lambda: not model.busy)
    assert (model.told, model.is_poor) == ("The library is closed", True)


def test_while_the_starter_knowledge_is_taken_in_the_wait_is_explained(qtbot: QtBot) -> None:
    library = FakeLibrary()
    library.may_answer.clear()
    model = SearchModel(library, lambda: False)
    model.ask(Question("escape"))
    assert "starter knowledge" in model.told
    library.may_answer.set()
    qtbot.waitUntil(lambda: not model.busy)


def test_an_empty_question_clears_the_answer(qtbot: QtBot) -> None:
    library = FakeLibrary()
    library.answer = answer(a_passage(1))
    model = SearchModel(library, lambda: True)
    model.ask(Question("escape"))
    qtbot.waitUntil(lambda: not model.busy)
    model.ask(Question(" "))
    assert (model.hits.rowCount(), model.told, len(library.asked)) == (0, "", 1)


def test_hits_that_are_hardly_about_the_question_are_counted_apart(qtbot: QtBot) -> None:
    library = FakeLibrary()
    library.answer = answer(a_passage(1), a_passage(2, "Other", score=0.1), a_passage(3, "More", score=0.2))
    model = SearchModel(library, lambda: True)
    model.ask(Question("escape"))
    qtbot.waitUntil(lambda: not model.busy)
    assert model.told == "1 hit, the best first, and the 2 nearest others, hardly about the question."
    assert not model.is_poor
