"""The one door to the engine. Light to import: what is heavy is imported when the engine starts."""

import asyncio
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from workbench import __version__
from workbench.core.connection_settings import ConnectionKind, ConnectionReport, ConnectionSettings, TlsMode
from workbench.core.connections import Connections
from workbench.core.consensus.record import AgentRecord
from workbench.core.doctor import ComponentStatus
from workbench.core.events import Decision, Proposal
from workbench.core.facets import LibraryFacet, ModelsFacet, RecordFacet
from workbench.core.filters import SearchFilter
from workbench.core.import_facet import ImportsFacet
from workbench.core.journal import RunSummary
from workbench.core.keys import Keyring
from workbench.core.knowledge.embedder_choice import EmbedderKind, EmbedderSettings
from workbench.core.knowledge.embedding_events import EmbedderChanged, ReembedEnded, ReembedProgress
from workbench.core.knowledge.import_events import (
    DownloadInfo,
    ImportChange,
    ImportEnded,
    ImportEvent,
    ImportInfo,
    ImportKind,
)
from workbench.core.knowledge.ingest_events import (
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
    IngestStarted,
)
from workbench.core.knowledge.stored import CollectionInfo, DocumentInfo, DocumentView, Folder
from workbench.core.knowledge.topic_values import Topic, Topics
from workbench.core.retrieval import SearchAnswer
from workbench.core.run_notes import VaultNotes
from workbench.core.run_state import RunState, StepRecord
from workbench.core.runs import RunHandle, Runs
from workbench.core.tasks import Task
from workbench.core.values import WorkbenchError
from workbench.core.vault import Note, NoteInfo, PendingNote, Vault, VaultStanding, VaultState
from workbench.places import Places

if TYPE_CHECKING:
    from workbench.config import ConfigStore
    from workbench.core.agents.base import Agent
    from workbench.core.attempt import Parts, Tell
    from workbench.core.embedding_facet import EmbeddingFacet
    from workbench.core.knowledge.cross_encoder import CrossEncoder
    from workbench.core.knowledge.embedder_change import EmbedderChange
    from workbench.core.knowledge.importers.job import ImportJob
    from workbench.core.knowledge.ingestion import IngestJob

__all__ = [
    "AgentRecord",
    "CollectionInfo",
    "ComponentStatus",
    "ConnectionKind",
    "ConnectionReport",
    "ConnectionSettings",
    "DocumentInfo",
    "DocumentView",
    "DownloadInfo",
    "EmbedderChange",
    "EmbedderChanged",
    "EmbedderKind",
    "EmbedderSettings",
    "Engine",
    "FileEnded",
    "FileState",
    "Folder",
    "ImportChange",
    "ImportEnded",
    "ImportEvent",
    "ImportInfo",
    "ImportJob",
    "ImportKind",
    "ImportsFacet",
    "IngestEnded",
    "IngestEvent",
    "IngestJob",
    "IngestNotice",
    "IngestProgress",
    "IngestStarted",
    "Note",
    "NoteInfo",
    "PendingNote",
    "ReembedEnded",
    "ReembedProgress",
    "RunHandle",
    "RunState",
    "RunSummary",
    "SearchAnswer",
    "SearchFilter",
    "StepRecord",
    "TlsMode",
    "Topic",
    "Topics",
    "VaultStanding",
    "VaultState",
    "WorkbenchError",
]

PACKAGES = ("bandit", "faiss-cpu", "tantivy", "onnxruntime", "libcst", "typst")
"""Packages whose version changes what a run finds or shows."""


SILENT_SECONDS = 2.0
"""How long a run waits for the starter knowledge before it says what it waits for."""


class Engine:
    """Everything the workbench does. `start` it, use its facets, `close` it.

    `attended` says that someone watches who can open the vault after a run; without, notes that wait are dropped.
    """

    runs: Runs
    library: LibraryFacet
    notes: Vault
    connections: Connections
    models: ModelsFacet
    record: RecordFacet
    embedding: "EmbeddingFacet"

    def __init__(self, places: Places, config: "ConfigStore | None" = None, attended: bool = False) -> None:
        self._places, self._config, self._attended = places, config, attended
        self._preparing: asyncio.Task[None] | None = None
        self.interrupted: Sequence[RunSummary] = ()
        """Runs that a killed program left open; found at the start."""
        self.stage = ""
        """What is being prepared, as a sentence without a full stop; empty when all is ready."""

    async def start(self) -> None:
        """Open the library and begin to prepare what searching needs (see `ready`).

        Raises WorkbenchError when the library cannot be opened.
        """
        from workbench.core.database import Database

        self._places.make()
        self._loop = asyncio.get_running_loop()
        self._database = Database(self._places.database)
        await asyncio.to_thread(self._database.open)
        try:
            await asyncio.to_thread(self._build)
            self.interrupted = await self.runs.mark_interrupted()
        except BaseException:
            await asyncio.to_thread(self._database.close)
            raise
        self._preparing = asyncio.create_task(self._prepare(), name="preparing the library")

    @property
    def is_ready(self) -> bool:
        """Whether the starter knowledge can be searched."""
        return self._preparing is not None and self._preparing.done()

    async def ready(self) -> None:
        """Wait until the starter knowledge can be searched; raises what kept it from being so."""
        assert self._preparing is not None
        await asyncio.shield(self._preparing)

    async def close(self) -> None:
        """Cancel what goes on, each with its final event, and close the library. Notes that wait are gone then."""
        if self._preparing is None:
            return
        self._preparing.cancel()
        self._embedder.stop()
        if self._ranker is not None:
            self._ranker.stop()
        await asyncio.gather(self._preparing, return_exceptions=True)
        await self._imports.close()
        await self._keeping.close()
        await self.runs.close()
        for note in self.notes.drop_pending():
            logger.info("A note of {} was dropped, since nobody opened the notes before the end", note.agent)
        await self._worker.close()
        await asyncio.to_thread(self._indexes.close)
        await asyncio.to_thread(self._database.close)
        self._preparing = None

    def source_names(self) -> tuple[str, ...]:
        """Names of the sources that a task can ask."""
        return self._retrieval.names

    def _build(self) -> None:
        """Put the parts together; blocks while the settings and the first modules are read."""
        from workbench.config import ConfigStore
        from workbench.core.agents.code import CodeAgent
        from workbench.core.agents.research import ResearchAgent
        from workbench.core.agents.security import SecurityAgent
        from workbench.core.analysis.worker import AnalysisWorker
        from workbench.core.consensus.store import RecordStore
        from workbench.core.embedding_facet import EmbeddingFacet, endpoint_key, starting_embedder
        from workbench.core.journal import Journal
        from workbench.core.knowledge.chosen_embedder import ChosenEmbedder
        from workbench.core.knowledge.embedder import space_of
        from workbench.core.knowledge.indexes import LibraryIndexes
        from workbench.core.knowledge.keeping import Keeping
        from workbench.core.knowledge.library import Library
        from workbench.core.retrieval import Retrieval
        from workbench.core.stores.library_source import library_sources

        if self._config is None:
            self._config = ConfigStore(self._places.config_file)
            self._config.load()
        keyring = Keyring()
        settings = self._config.current.embedder
        key = endpoint_key(keyring, settings, self._loop)
        self._embedder = ChosenEmbedder(starting_embedder(settings, self._places, key))
        self._library = Library(self._database, space_of(self._embedder))
        self._indexes = LibraryIndexes(self._library, self._places.indexes, self._embedder.dimension)
        self._ranker = self._ranking_model()
        config = self._config
        sources = library_sources(self._library, self._indexes, self._embedder, lambda: config.current.embedder.scale)
        self._retrieval = Retrieval(sources, ranker=self._ranker)
        self._records = RecordStore(self._database)
        self._worker = AnalysisWorker()
        agents: tuple[Agent, ...] = (CodeAgent(self._worker), SecurityAgent(self._worker), ResearchAgent())
        self._agents: Mapping[str, Agent] = {agent.name: agent for agent in agents}
        self.notes = Vault(self._database, keyring)
        self._keeping = Keeping(self._database, self._library, self._embedder, never=self._places.folders)
        self._imports = self._import_facet()
        self.library = LibraryFacet(
            self._library,
            self._keeping,
            self._retrieval,
            imports=self._imports,
            indexes=self._indexes,
            ready=self.ready,
        )
        self.embedding = EmbeddingFacet(
            self._database,
            indexes=self._indexes,
            chosen=self._embedder,
            turn=self._keeping.turn,
            places=self._places,
            config=self._config,
            keyring=keyring,
        )
        self.connections = Connections(self._config, keyring)
        self.models = ModelsFacet(self._places)
        self.record = RecordFacet(self._records)
        self.runs = Runs(Journal(self._database), self._parts, self._versions, self._report_options, self.source_names)

    def _ranking_model(self) -> "CrossEncoder | None":
        from workbench.core.knowledge.cross_encoder import CrossEncoder

        assert self._config is not None
        folder = self._config.current.ranking_model
        return CrossEncoder(Path(folder)) if folder else None

    def _import_facet(self) -> ImportsFacet:
        from workbench.core.knowledge.importers.store import ImportStore

        config = self._config
        assert config is not None
        return ImportsFacet(
            self._library,
            self._embedder,
            ImportStore(self._database),
            settings=lambda: config.current.knowledge,
            cache=self._places.cache,
            turn=self._keeping.turn,
        )

    async def _prepare(self) -> None:
        """Have the embedder ready and the starter knowledge taken in; quick when both were done before."""
        self.stage = "Loading the embedding model, which takes up to a minute the first time"
        await asyncio.to_thread(self._embedder.prepare)
        # Only now, since it needs what the thread has imported: importing it first would hold the event loop up.
        from workbench.core.knowledge.starter import is_shelf_in, take_in_shelf

        if not await is_shelf_in(self._library):
            self.stage = "Taking in the starter knowledge, which is done once and takes a minute or two"
        await take_in_shelf(self._library, self._embedder, self._keeping.turn)
        await asyncio.to_thread(self._indexes.refresh)
        self.stage = ""
        if self._attended:
            await self._keeping.watching.start()

    def _parts(self, run_id: str) -> "Parts":
        from workbench.core.attempt import Parts

        return Parts(
            ready=self._ready_for_a_run,
            ask=self._retrieval.search,
            agents=self._agents,
            decide=self._decide,
            notes=VaultNotes(self.notes, self._attended),
        )

    async def _ready_for_a_run(self, tell: "Tell") -> None:
        """Wait for the starter knowledge, and tell each stage that takes more than a moment."""
        assert self._preparing is not None
        told = ""
        while not self._preparing.done():
            await asyncio.wait([self._preparing], timeout=SILENT_SECONDS)
            if not self._preparing.done() and self.stage != told:
                told = self.stage
                await tell(told, "wait")
        try:
            await self.ready()
        except WorkbenchError as error:
            await tell(f"The run goes on without part of the knowledge: {error}", "warning")

    async def _decide(self, run_id: str, task: Task, proposals: Sequence[Proposal]) -> Decision:
        return await asyncio.to_thread(self._records.decide, run_id, task, proposals)

    def _report_options(self) -> str:
        assert self._config is not None
        return self._config.current.report.model_dump_json()

    def _versions(self) -> dict[str, str]:
        """What works on a run: the program, its model, its shelf, its mechanism and the packages that matter."""
        from workbench.core.consensus.mechanism import ALGORITHM
        from workbench.core.knowledge.shelf import shelf_digest

        return {
            "workbench": __version__,
            "python": platform.python_version(),
            "embedder": f"{self._embedder.name} {self._embedder.precision} {self._embedder.digest[:12]}",
            "shelf": shelf_digest()[:12],
            "consensus": ALGORITHM,
            **{name: version(name) for name in PACKAGES},
        }
