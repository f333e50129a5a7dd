"""Keeps the knowledge panel true: builds it, lists anew what changed, and follows what the engine does by itself."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from workbench.core.engine import DownloadInfo, FileEnded, IngestEnded, IngestEvent, WorkbenchError
from workbench.ui import aio
from workbench.ui.embedder_control import EmbedderControl
from workbench.ui.knowledge_actions import KnowledgeActions
from workbench.ui.models.collections_model import CollectionsModel
from workbench.ui.models.documents_model import DocumentsModel
from workbench.ui.models.folders_model import FoldersModel
from workbench.ui.models.imports_model import ImportsModel
from workbench.ui.widgets.file_drops import FileDrops
from workbench.ui.widgets.icons import icon
from workbench.ui.widgets.intake_strip import progress_in_words

if TYPE_CHECKING:
    from workbench.core.engine import Engine
    from workbench.ui.main_window import MainWindow
    from workbench.ui.panels.knowledge import KnowledgePanel

LOOK_MS = 3_000
"""How often at most the lists follow what is being read in."""

LISTING_SHARE = 0.05
"""Of the time while something is read in, what listing may take: a large library is listed less often."""


class KnowledgeControl(QObject):
    """The knowledge panel of one window, there once `make_panel` was called."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.collections, self.documents = CollectionsModel(self), DocumentsModel(self)
        self.folders, self.imports = FoldersModel(self), ImportsModel(self)
        self.actions = KnowledgeActions(window, self)
        self.embedder = EmbedderControl(window)
        self.downloads: Sequence[DownloadInfo] = ()
        """What was asked of other machines for knowledge since this window was opened, the latest first."""
        self._since = datetime.now(UTC)
        self.panel: KnowledgePanel | None = None
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._look_soon = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look_soon.timeout.connect(self.refresh)

    @property
    def ready(self) -> bool:
        """Whether the panel is there."""
        return self.panel is not None

    def make_panel(self, engine: "Engine") -> "KnowledgePanel":
        """The panel, connected to this engine, and its lists on their way."""
        from workbench.ui.models.search_model import SearchModel
        from workbench.ui.models.topics_model import TopicsModel
        from workbench.ui.panels.knowledge import KnowledgePanel
        from workbench.ui.panels.knowledge_documents import KnowledgeDocuments
        from workbench.ui.panels.knowledge_folders import KnowledgeFolders
        from workbench.ui.panels.knowledge_imports import KnowledgeImports
        from workbench.ui.panels.knowledge_search import KnowledgeSearch
        from workbench.ui.panels.knowledge_topics import KnowledgeTopics

        self._engine, self._library = engine, engine.library
        self.embedder.attach(engine)
        self.search_model = SearchModel(engine.library, lambda: engine.is_ready, self)
        self.topics_model = TopicsModel(engine.library, self)
        panel = self.panel = KnowledgePanel()
        self.search = KnowledgeSearch(self.search_model)
        self.shelves = KnowledgeDocuments(self.collections, self.documents)
        self.topics = KnowledgeTopics(self.topics_model)
        self.tree = KnowledgeFolders(self.folders)
        self.feeds = KnowledgeImports(self.imports)
        panel.add("search", "Search", self.search)
        panel.add("documents", "Documents", self.shelves)
        panel.add("topics", "Topics", self.topics)
        panel.add("folders", "Folders", self.tree)
        panel.add("imports", "Imports", self.feeds)
        self._connect(panel)
        self.refresh(gone=True)
        aio.spawn(self._begin(), "filling the knowledge panel")
        self._follow("activity", self._watch())
        return panel

    def _connect(self, panel: "KnowledgePanel") -> None:
        window, actions = self._window, self.actions
        actions.connect_search(self.search)
        actions.connect_documents(self.shelves)
        actions.connect_topics(self.topics)
        actions.connect_folders(self.tree)
        actions.connect_imports(self.feeds)
        for drops in (panel.drops, FileDrops(window)):
            drops.dropped.connect(actions.take_in)
        panel.strip.pause_asked.connect(window.ingest.turn_pause)
        panel.strip.go_on_asked.connect(window.ingest.turn_pause)
        panel.strip.stop_asked.connect(window.ingest.cancel)
        panel.model.clicked.connect(self.embedder.choose)
        panel.model_strip.stop_asked.connect(self.embedder.stop)
        self.embedder.changed.connect(self._tell_change)
        self.embedder.ended.connect(self._tell_changed)
        panel.tabs.currentChanged.connect(lambda _index: self._look_at_folders())
        self.shelves.collection_chosen.connect(lambda _name: self.refresh())
        window.ingest.changed.connect(self._tell_progress)
        window.ingest.ended.connect(self._tell_end)
        window.closed.connect(self.stop)

    def show(self, section: str) -> None:
        """Bring a section of the panel to the front and the keyboard to it."""
        assert self.panel is not None
        self.panel.show_section(section)
        self.panel.setFocusProxy(self._first(section))
        self._window.docks.show("knowledge")
        if section == "search":
            self.search.box.selectAll()

    def _first(self, section: str) -> QWidget:
        """What the keyboard is for at first in that section."""
        return {
            "search": self.search.box,
            "documents": self.shelves.documents.filter,
            "topics": self.topics.look,
            "folders": self.tree.folders.filter,
            "imports": self.feeds.file,
        }[section]

    # What there is

    def refresh(self, *, gone: bool = False) -> None:
        """List everything anew; a listing that is still under way is given up for it."""
        self._look_soon.stop()
        self._follow("lists", self._list())
        if gone:
            self._follow("gone", self._look_for_gone())

    def _follow(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` instead of what went on under this name."""
        before = self._tasks.get(name)
        if before is not None:
            before.cancel()
        self._tasks[name] = aio.spawn(work, f"the knowledge panel: {name}")

    async def _list(self) -> None:
        library, started = self._library, time.monotonic()
        held = await library.collections()
        self.collections.set_collections(held)
        self.topics_model.follow(held)
        for section in (self.search.filters, self.topics):
            section.set_collections(self.collections.names)
        await self.documents.set_documents(await library.documents(self.shelves.collection))
        self.folders.set_folders(await library.folders())
        self.imports.set_imports(await library.imports.history())
        self.downloads = [each for each in await library.imports.downloads() if each.at >= self._since]
        self._window.touch()
        self._mark()
        took = 1_000 * (time.monotonic() - started)
        self._look_soon.setInterval(max(LOOK_MS, round(took / LISTING_SHARE)))

    async def _look_for_gone(self) -> None:
        self.tree.set_gone(await self._library.gone())
        self._mark()

    def _look_at_folders(self) -> None:
        if self.panel is not None and self.panel.shows("folders"):
            self._follow("gone", self._look_for_gone())

    def _mark(self) -> None:
        """A sign on the tabs behind which something waits for the analyst."""
        if self.panel is not None:
            waits = bool(self.folders.unfinished or self.tree.gone)
            self.panel.mark("folders", icon("warning") if waits else QIcon())

    async def _begin(self) -> None:
        """What is needed once: the formats, whose modules are imported in a thread, and what was broken off."""
        self.imports.kinds = tuple(await asyncio.to_thread(self._library.imports.kinds))
        if await self._library.go_on():
            self.actions.offer([folder for folder in await self._library.folders() if folder.unfinished])
        with suppress(WorkbenchError):  # whoever prepares tells what went wrong
            await self._engine.ready()
        self.refresh()

    def stop(self) -> None:
        """Give up all that follows the engine; the window closes."""
        self._look_soon.stop()
        if self.panel is not None:
            self.search_model.stop()
            self.topics_model.stop()
        for task in self._tasks.values():
            task.cancel()

    # What goes on

    async def _watch(self) -> None:
        """Follow the passes that the engine makes by itself over watched folders."""
        async for event in self._library.activity():
            self._take(event)

    def _take(self, event: IngestEvent) -> None:
        if isinstance(event, FileEnded) and str(event.state) not in ("unchanged", "skipped", "cancelled"):
            self.tree.tell(f"{event.state}: {event.path}")
            self._look()
        elif isinstance(event, IngestEnded):
            self.refresh(gone=True)

    def _look(self) -> None:
        if not self._look_soon.isActive():
            self._look_soon.start()

    def _tell_progress(self) -> None:
        ingest, panel = self._window.ingest, self.panel
        if panel is None:
            return
        for section in (self.shelves, self.tree, self.feeds):
            section.set_busy(ingest.busy)
        if not ingest.busy:
            panel.strip.end()
            return
        self._look()
        left = None if ingest.paused else ingest.seconds_left
        told = progress_in_words(ingest.done, ingest.total, ingest.noun, ingest.chunks, left)
        if ingest.paused:
            panel.strip.show_pause(told)
        else:
            panel.strip.show_progress(ingest.text, told, ingest.done, ingest.total)

    def _tell_change(self) -> None:
        """How far the change of the embedding model is."""
        embedder, panel = self.embedder, self.panel
        if panel is None:
            return
        panel.model.setEnabled(embedder.ready)
        self._window.touch()
        if embedder.busy:
            told = progress_in_words(embedder.done, embedder.total, "passage", 0, embedder.seconds_left)
            panel.model_strip.show_progress(embedder.text, told, embedder.done, embedder.total)
        else:
            panel.model_strip.end()

    def _tell_changed(self, _told: str, _warning: str) -> None:
        self.topics_model.outdate()
        self.refresh()

    def _tell_end(self, sentence: str, troubles: str) -> None:
        if self.panel is not None:
            self.panel.strip.show_result(sentence, troubles)
            self.refresh(gone=True)
