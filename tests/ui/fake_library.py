"""A library without an engine: what is in it, what a search finds, and jobs that the test lets go on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests import sample_run
from workbench.core import events as ev
from workbench.core.engine import (
    CollectionInfo,
    DocumentInfo,
    DocumentView,
    DownloadInfo,
    Folder,
    ImportChange,
    ImportEnded,
    ImportInfo,
    ImportKind,
    SearchAnswer,
    SearchFilter,
    Topics,
    WorkbenchError,
)
from workbench.core.knowledge.documents import Block
from workbench.core.knowledge.ingest_events import FileEnded, FileState, IngestEnded, IngestProgress, IngestStarted
from workbench.core.knowledge.stored import DocumentState

TAKEN_IN = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def a_folder(path: str, **fields: object) -> Folder:
    """A folder that was read once."""
    given = {"path": path, "collection": "library", "watched": False, "last_pass": TAKEN_IN, "unfinished": False}
    return Folder.model_validate({**given, "missing": False, **fields})


def an_import(number: int, **fields: object) -> ImportInfo:
    """An import of ATT&CK that added three documents."""
    given = {
        "id": number, "kind": "attack", "name": "enterprise-attack", "version": "17.1", "at": TAKEN_IN, "added": 3,
        "changed": 0, "removed": 0, "unchanged": 0, "file": "enterprise-attack.json", "sha256": "0" * 64,
        "collection": "attack", "finished": True,
    }  # fmt: skip
    return ImportInfo.model_validate(given | fields)


def a_document(path: str, **fields: object) -> DocumentInfo:
    """A document that was read from `path` and is in."""
    given = {
        "id": path,
        "collection": "library",
        "path": path,
        "title": Path(path).name,
        "kind": ev.PassageKind.DOCUMENT,
        "media_type": "text/markdown",
        "content_hash": "0" * 64,
        "size": 4_200,
        "state": DocumentState.INGESTED,
        "reason": "",
        "chunks": 3,
        "ingested_at": TAKEN_IN,
        "dated": "",
    }
    return DocumentInfo.model_validate(given | fields)


def a_passage(number: int, text: str = "Escape what is shown", **fields: object) -> ev.Passage:
    """A passage of the document of that number."""
    given = {
        "id": f"p{number}",
        "source": "my library",
        "document_id": f"/docs/{number}.md",
        "title": f"Rule {number}",
        "text": text,
        "location": ev.Location(path=f"/docs/{number}.md", line_start=number, line_end=number),
        "score": 0.8,
    }
    return ev.Passage.model_validate(given | fields)


class FakeJob:
    """Reads two files, of which one is broken, and waits between them."""

    def __init__(self, asked: object = None, outcome: ImportEnded | None = None) -> None:
        self.asked, self._outcome = asked, outcome
        self.cancelled = self.paused = False
        self.error: Exception | None = None
        self.go = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[object]:
        if self.error is not None:
            raise self.error
        yield IngestStarted(total_files=2)
        yield IngestProgress(files_done=1, files_total=2, chunks_done=9, current="/tmp/rules.md", seconds_left=90.0)
        yield FileEnded(path="/tmp/rules.md", state=FileState.ADDED, chunks=9)
        await self.go.wait()
        if not self.cancelled:
            yield FileEnded(path="/tmp/broken.pdf", state=FileState.FAILED, reason="the PDF is broken")
        yield IngestEnded(counts={FileState.ADDED: 1, FileState.FAILED: 1}, seconds=0.2, cancelled=self.cancelled)
        if self._outcome is not None:
            yield self._outcome

    def cancel(self) -> None:
        self.cancelled = True
        self.go.set()

    def pause(self) -> None:
        self.paused = True

    def go_on(self) -> None:
        self.paused = False


class FakeImports:
    """Three kinds, of which two can be downloaded, one of them by year."""

    def __init__(self, jobs: list[FakeJob]) -> None:
        self.jobs = jobs
        self.done: list[ImportInfo] = []
        self.asked_of_others: list[DownloadInfo] = []

    def kinds(self) -> list[ImportKind]:
        licence = "Terms of use of MITRE"
        address = "https://attack.example.org/enterprise-attack.json"
        return [
            ImportKind(name="attack", title="MITRE ATT&CK", files=("*.json",), address=address, licence=licence),
            ImportKind(name="sarif", title="SARIF", files=("*.sarif",)),
            ImportKind(name="nvd", title="NVD", files=("*.json",), address="https://nvd/{part}", parts="year"),
        ]

    def address(self, kind: str, part: str = "") -> str:
        if kind == "nvd" and not part.isdigit():
            raise WorkbenchError("The year is missing; give one such as 2024")
        return next(each.address for each in self.kinds() if each.name == kind).replace("{part}", part)

    async def history(self) -> list[ImportInfo]:
        return list(self.done)

    async def downloads(self) -> list[DownloadInfo]:
        return list(self.asked_of_others)

    async def changes(self, import_id: int) -> list[ImportChange]:
        return [ImportChange(change="added", path="attack/T1059", title="Command and Scripting Interpreter")]

    async def recognise(self, paths: Sequence[Path]) -> dict[Path, ImportKind]:
        kinds = {"attack.json": self.kinds()[0], "scan.sarif": self.kinds()[1]}
        return {path: kinds[path.name] for path in paths if path.name in kinds}

    def from_file(self, path: Path, kind: str | None = None) -> FakeJob:
        return self._job(("file", path, kind))

    def download(self, kind: str, part: str = "") -> FakeJob:
        return self._job(("download", kind, part))

    def _job(self, asked: object) -> FakeJob:
        ended = ImportEnded(
            format="attack", name="enterprise-attack", version="17.1", added=3, changed=0, removed=0, unchanged=0,
            seconds=0.1,
        )  # fmt: skip
        self.jobs.append(FakeJob(asked, ended))
        return self.jobs[-1]


class FakeLibrary:
    """Knows the passages of the recorded run, and whatever a test puts in."""

    def __init__(self) -> None:
        self.jobs: list[FakeJob] = []
        self.imports = FakeImports(self.jobs)
        self.contents: list[DocumentInfo] = []
        self.read: list[Folder] = []
        self.lost: list[DocumentInfo] = []
        self.removed: list[str] = []
        self.asked: list[tuple[str, SearchFilter]] = []
        self.answer = SearchAnswer(passages=(), statuses=())
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.around: list[ev.Passage] = []
        self.background: asyncio.Queue[object] = asyncio.Queue()

    def ingest(self, paths: Sequence[Path], collection: str = "library") -> FakeJob:
        self.jobs.append(FakeJob(("ingest", list(paths), collection)))
        return self.jobs[-1]

    def reingest(self, document_ids: Sequence[str]) -> FakeJob:
        self.jobs.append(FakeJob(("reingest", list(document_ids))))
        return self.jobs[-1]

    async def search(self, question: str, filters: SearchFilter, limit: int = 10) -> SearchAnswer:
        self.asked.append((question, filters))
        await self.may_answer.wait()
        return self.answer

    async def neighbours(self, passage_id: str, before: int = 1, after: int = 1) -> list[ev.Passage]:
        return list(self.around)

    async def passage(self, passage_id: str) -> ev.Passage | None:
        return next((passage for passage in sample_run.passages() if passage.id == passage_id), None)

    async def document(self, document_id: str) -> DocumentView | None:
        info = next((each for each in self.contents if each.id == document_id), None)
        if info is None:
            return None
        text = "\n".join(f"line {number}" for number in range(1, 6))
        blocks = (Block(text=text, line_start=1, line_end=5),)
        named = {name: getattr(info, name) for name in ("id", "collection", "title", "path", "kind", "media_type")}
        return DocumentView(blocks=blocks, **named)

    async def collections(self) -> list[CollectionInfo]:
        names = dict.fromkeys(["starter", "library", *(each.collection for each in self.contents)])
        return [self._counted(name) for name in names]

    def _counted(self, name: str) -> CollectionInfo:
        inside = [each for each in self.contents if each.collection == name]
        failed = sum(each.state is DocumentState.FAILED for each in inside)
        return CollectionInfo(
            name=name, documents=len(inside), failed=failed, chunks=sum(each.chunks for each in inside),
            size=sum(each.size for each in inside), newest=TAKEN_IN if inside else None,
        )  # fmt: skip

    async def documents(self, collection: str | None = None) -> list[DocumentInfo]:
        return [each for each in self.contents if collection in (None, each.collection)]

    async def remove(self, document_id: str) -> bool:
        self.removed.append(document_id)
        self.contents = [each for each in self.contents if each.id != document_id]
        return True

    async def remove_all(self, document_ids: Sequence[str]) -> None:
        for document_id in document_ids:
            await self.remove(document_id)

    async def remove_collection(self, name: str) -> int:
        before = len(self.contents)
        self.contents = [each for each in self.contents if each.collection != name]
        return before - len(self.contents)

    async def go_on(self) -> list[FakeJob]:
        unfinished = [Path(folder.path) for folder in self.read if folder.unfinished]
        return [FakeJob(("go on", unfinished))] if unfinished else []

    async def folders(self) -> list[Folder]:
        return list(self.read)

    async def watch(self, path: Path, collection: str = "library") -> None:
        self.read = [a_folder(str(path), collection=collection, watched=True)]

    async def unwatch(self, path: Path) -> None:
        self.read = [a_folder(str(path))]

    async def topics(self, collections: Sequence[str] = ()) -> Topics:
        return Topics(chunks=0)

    async def gone(self) -> list[DocumentInfo]:
        return list(self.lost)

    async def prune(self) -> list[DocumentInfo]:
        lost, self.lost = self.lost, []
        return lost

    async def activity(self) -> AsyncIterator[object]:
        while True:
            yield await self.background.get()
