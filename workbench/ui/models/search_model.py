"""The search of the knowledge panel: one question at a time, and the newest wins."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger
from PySide6.QtCore import QObject, Signal

from workbench.core.engine import SearchAnswer, SearchFilter, WorkbenchError
from workbench.core.events import Passage, SourceState
from workbench.ui import aio
from workbench.ui.models.highlighting import terms
from workbench.ui.models.hits_model import HitsModel
from workbench.ui.models.knowledge_facade import Searching
from workbench.ui.wording import plural
from workbench.visible_text import visible

LIMIT = 30
"""Hits shown at most."""


@dataclass(frozen=True)
class Question:
    """What is asked: the words, and what the answer is narrowed by."""

    text: str = ""
    filters: SearchFilter = field(default_factory=SearchFilter)


class SearchModel(QObject):
    """Asks `library` and holds the hits. A question that is asked while another is answered takes its place."""

    changed = Signal()
    """Another state: asked, answered, failed, cleared."""

    def __init__(self, library: Searching, is_ready: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._is_ready = library, is_ready
        self._task: asyncio.Task[None] | None = None
        self.hits = HitsModel(self)
        self.question = Question()
        self.answer: SearchAnswer | None = None
        self.problem = ""
        """Why there is no answer, as a sentence; empty when there is one or none was asked for."""

    @property
    def busy(self) -> bool:
        """Whether a question waits for its answer."""
        return self._task is not None

    def ask(self, question: Question) -> None:
        """Search for this; an empty question clears the answer."""
        self.stop()
        self.question, self.problem = question, ""
        if not question.text.strip():
            self._show(None)
            return
        self._task = aio.spawn(self._search(question), "searching the library")
        self.changed.emit()

    def stop(self) -> None:
        """Give up the question that is being answered, if there is one."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _search(self, question: Question) -> None:
        answer: SearchAnswer | None = None
        problem = ""
        try:
            answer = await self._library.search(question.text, question.filters, limit=LIMIT)
        except WorkbenchError as error:
            problem = str(error)
        except Exception as error:
            logger.opt(exception=error).error("A search failed")
            problem = f"The search failed ({type(error).__name__}); ask again, or look into the log"
        if self._task is asyncio.current_task():
            self._task, self.problem = None, problem
            self._show(answer)

    def _show(self, answer: SearchAnswer | None) -> None:
        self.answer = answer
        self.hits.show(answer.passages if answer else (), terms(self.question.text))
        self.changed.emit()

    async def around(self, passage: Passage) -> tuple[list[Passage], list[Passage]]:
        """The passages that stand before and after this one in its document."""
        found = list(await self._library.neighbours(passage.id))
        ids = [each.id for each in found]
        place = ids.index(passage.id) if passage.id in ids else None
        if place is None:
            return [], found
        return found[:place], found[place + 1 :]

    @property
    def told(self) -> str:
        """What came of the question, in a sentence or two."""
        if self.busy:
            return (
                "Searching ..."
                if self._is_ready()
                else "Waiting for the starter knowledge, which is being taken in ..."
            )
        if self.problem or self.answer is None:
            return visible(self.problem)
        return visible(" ".join(part for part in (_found(self.answer), _silent(self.answer)) if part))

    @property
    def is_poor(self) -> bool:
        """Whether the answer is to be read with care: nothing close, or a source that did not answer in full."""
        answer = self.answer
        if self.busy or answer is None:
            return bool(self.problem)
        return bool(_silent(answer)) or (bool(answer.passages) and answer.nothing_close)


def _found(answer: SearchAnswer) -> str:
    if not answer.passages:
        return "Nothing was found."
    if answer.nothing_close:
        return f"Nothing close was found; the nearest {'is' if len(answer.passages) == 1 else 'are'} shown."
    far = sum(answer.model_copy(update={"passages": (passage,)}).nothing_close for passage in answer.passages)
    close = f"{plural(len(answer.passages) - far, 'hit')}, the best first"
    if not far:
        return f"{close}."
    return f"{close}, and the {f'{far:,} nearest others' if far > 1 else 'nearest other'}, hardly about the question."


def _silent(answer: SearchAnswer) -> str:
    """Which sources did not answer in full."""
    said = [
        f"{status.source}: {status.detail or status.state}"
        for status in answer.statuses
        if status.state is not SourceState.OK
    ]
    return "; ".join(said)
