"""Opens what is cited at the cited place: a passage in its document, a finding in its code."""

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.core.events import CodeDraft, Passage
from workbench.core.tasks import LANGUAGES, CodeUnit
from workbench.ui import aio
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.core.engine import DocumentView
    from workbench.ui.main_window import MainWindow
    from workbench.ui.panels.source_viewer import SourceViewer

_MORE_LANGUAGES = {".md": "markdown", ".csv": "text", ".xml": "xml"}


class SourceOpening(QObject):
    """Brings text into the source viewer and the viewer to the front."""

    def __init__(self, window: "MainWindow", viewer: "SourceViewer") -> None:
        super().__init__(window)
        self._window, self._viewer = window, viewer

    def open_passage(self, passage_id: str) -> None:
        """Open the passage of that id in its document, or alone where its source keeps no document."""
        aio.spawn(self._open_passage(passage_id), "opening a source")

    async def _open_passage(self, passage_id: str) -> None:
        library = self._window.engine.library
        passage = self._window.run_model.state.passages.get(passage_id) or await library.passage(passage_id)
        if passage is None:
            self._window.messages.show_message(
                "This passage is no longer in the library, so only what the run quoted of it can be read", "warning"
            )
            return
        await self._show_passage(passage)

    def open_found(self, passage: Passage) -> None:
        """Open a passage that a search found in its document, or alone where its source keeps no document."""
        aio.spawn(self._show_passage(passage), "opening a source")

    async def _show_passage(self, passage: Passage) -> None:
        document = await self._window.engine.library.document(passage.document_id)
        lines = document.lines_at(passage.location) if document else None
        if document is not None and lines is not None:
            self._show_document(passage, document, lines)
        else:
            self._viewer.show_text(passage.title, passage.text, "text", subtitle=_origin(passage))
        self._window.docks.show("source")

    def _show_document(self, passage: Passage, document: "DocumentView", lines: tuple[int, int]) -> None:
        self._viewer.show_text(
            document.title,
            document.text,
            language_of(document.path),
            line_start=lines[0],
            line_end=lines[1],
            subtitle=_origin(passage),
        )

    def open_document(self, document_id: str) -> None:
        """Open a document of the library at its beginning."""
        aio.spawn(self._open_document(document_id), "opening a document")

    async def _open_document(self, document_id: str) -> None:
        document = await self._window.engine.library.document(document_id)
        if document is None:
            self._window.messages.show_message("This document is no longer in the library", "warning")
            return
        self._viewer.show_text(document.title, document.text, language_of(document.path), subtitle=document.path)
        self._window.docks.show("source")

    def open_unit(self, unit: CodeUnit) -> None:
        """Open a file attached to the task in the form."""
        self._viewer.show_text(unit.name, unit.text, unit.language, subtitle="Attached to the task")
        self._window.docks.show("source")

    def open_code(self, name: str, line_start: int, line_end: int, repaired: bool = False) -> None:
        """Open a code unit of the task, or a draft, at these lines; of a repaired unit that version if `repaired`."""
        state = self._window.run_model.state
        units: list[CodeUnit | CodeDraft] = [*(state.task.code_units if state.task else ()), *state.drafts]
        if repaired:
            units.reverse()
        for unit in units:
            if unit.name == name:
                self._viewer.show_text(
                    unit.name,
                    unit.text,
                    unit.language,
                    line_start=line_start,
                    line_end=line_end,
                    subtitle="Repaired by this run" if repaired else "Task",
                )
                self._window.docks.show("source")
                return
        self._window.messages.show_message(f"{visible(name)} is not part of this run, so it cannot be shown", "warning")


def _origin(passage: Passage) -> str:
    place = str(passage.location)
    return f"{passage.source}, {place}" if place else passage.source


def language_of(path: str) -> str:
    """The language to colour a file in, by its ending."""
    ending = PurePath(path).suffix.lower()
    return LANGUAGES.get(ending) or _MORE_LANGUAGES.get(ending, "text")
