"""The knowledge panel in its window: what is in, what comes in, what goes, and what is never lost without a word."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.doing import answer_box, dialog_of
from tests.ui.fake_engine import FakeEngine
from tests.ui.fake_library import a_document, a_folder, a_passage, an_import
from workbench.core.engine import DownloadInfo, SearchAnswer, WorkbenchError
from workbench.core.knowledge.ingest_events import FileEnded, FileState, IngestEnded
from workbench.core.knowledge.stored import DocumentState
from workbench.ui.dialogs.get_knowledge import GetKnowledgeDialog
from workbench.ui.dialogs.gone_documents import GoneDocumentsDialog
from workbench.ui.main_window import MainWindow
from workbench.ui.panels.source_viewer import SourceViewer

BROKEN = a_document("/docs/broken.pdf", state=DocumentState.FAILED, reason="The PDF is encrypted", chunks=0)


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.library.contents = [a_document("/docs/a.md"), BROKEN, a_document("attack/T1059", collection="attack")]
    return engine


@pytest.fixture
def filled(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """The window once its lists are there."""
    window.knowledge.show("documents")
    qtbot.waitUntil(lambda: window.knowledge.documents.rowCount() == 2)
    return window


def choose(window: MainWindow, *paths: str) -> None:
    table = window.knowledge.shelves.documents
    table.table.clearSelection()
    for path in paths:
        place = window.knowledge.documents.place_of(path)
        assert place is not None
        table.table.selectionModel().select(
            table.table.model().index(place, 0),
            table.table.selectionModel().SelectionFlag.Select | table.table.selectionModel().SelectionFlag.Rows,
        )


def test_collections_are_counted_with_what_failed(filled: MainWindow) -> None:
    model = filled.knowledge.collections
    rows = {str(model.index(row, 0).data()): row for row in range(model.rowCount())}
    assert list(rows) == ["My library", "Starter knowledge", "attack"]
    assert model.index(rows["My library"], 2).data() == "1"
    assert "could not be taken in" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_choosing_a_collection_lists_its_documents(qtbot: QtBot, filled: MainWindow) -> None:
    filled.knowledge.shelves.choose_collection("attack")
    qtbot.waitUntil(lambda: filled.knowledge.documents.place_of("attack/T1059") == 0)
    assert filled.knowledge.documents.rowCount() == 1
    choose(filled, "attack/T1059")
    assert not filled.knowledge.shelves.again.isEnabled(), "it was read from no file of its own"


def test_the_reason_of_a_failure_can_be_read_in_full(filled: MainWindow) -> None:
    place = filled.knowledge.documents.place_of("/docs/broken.pdf")
    assert place is not None
    filled.knowledge.shelves.documents.choose(place)
    assert "The PDF is encrypted" in filled.knowledge.shelves.details.toPlainText()


def test_a_document_is_removed_only_after_it_was_said_what_that_does(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    choose(filled, "/docs/a.md")
    filled.knowledge.shelves.remove.click()
    assert answer_box(qtbot, "Keep") == "Remove “a.md” from the library?"
    assert engine.library.removed == []
    choose(filled, "/docs/a.md", "/docs/broken.pdf")
    filled.knowledge.shelves.remove.click()
    assert answer_box(qtbot, "Remove") == "Remove 2 documents from the library?"
    assert engine.library.removed == ["/docs/a.md", "/docs/broken.pdf"]
    qtbot.waitUntil(lambda: filled.knowledge.documents.held == 0)


def test_a_whole_collection_can_be_removed(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    filled.knowledge.shelves.choose_collection("attack")
    qtbot.waitUntil(lambda: filled.knowledge.documents.held == 1)
    filled.knowledge.shelves.drop.trigger()
    assert answer_box(qtbot, "Remove") == "Remove the collection “attack” with 1 document?"
    qtbot.waitUntil(lambda: "attack" not in filled.knowledge.collections.names)
    assert filled.knowledge.shelves.collection == "library"


def test_the_starter_knowledge_cannot_be_removed(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    engine.library.contents.append(a_document("cwe/CWE-79", collection="starter"))
    filled.knowledge.shelves.choose_collection("starter")
    qtbot.waitUntil(lambda: filled.knowledge.documents.place_of("cwe/CWE-79") == 0)
    choose(filled, "cwe/CWE-79")
    assert not filled.knowledge.shelves.remove.isEnabled()
    assert not filled.knowledge.shelves.drop.isEnabled()


def test_documents_are_read_again_and_shown_in_the_viewer(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    choose(filled, "/docs/a.md")
    filled.knowledge.shelves.open.click()
    viewer = filled.docks.panel("source")
    assert isinstance(viewer, SourceViewer)
    qtbot.waitUntil(lambda: "line 5" in viewer.text.toPlainText())
    filled.knowledge.shelves.again.click()
    qtbot.waitUntil(lambda: bool(engine.library.jobs))
    assert engine.library.jobs[0].asked == ("reingest", ["/docs/a.md"])
    assert not filled.knowledge.shelves.again.isEnabled()
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: not filled.ingest.busy)


def test_a_hit_opens_at_its_cited_lines(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    hit = a_passage(3, document_id="/docs/a.md")
    engine.library.answer = SearchAnswer(passages=(hit,), statuses=())
    filled.commands.invoke("library.search")
    filled.knowledge.search.box.setText("escape")
    filled.knowledge.search.ask()
    qtbot.waitUntil(lambda: filled.knowledge.search.chosen is not None)
    filled.knowledge.search.open.click()
    viewer = filled.docks.panel("source")
    assert isinstance(viewer, SourceViewer)
    qtbot.waitUntil(lambda: viewer.marked_lines == (3, 3))


def drop(widget: QWidget, data: QMimeData, kind: type = QDropEvent) -> bool:
    """Hold something over a widget, or let it go there after that; whether it is taken."""
    place = QPointF(5, 5)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = kind(place.toPoint() if kind is QDragEnterEvent else place, Qt.DropAction.CopyAction, data, buttons, keys)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return bool(event.isAccepted())


def files(*paths: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return data


def test_dropped_files_are_read_with_progress_pause_and_a_list_of_troubles(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    panel = filled.knowledge.panel
    assert panel is not None
    dragged = files("/tmp/rules.md", "/tmp/papers")
    assert drop(panel, dragged, QDragEnterEvent)
    assert panel.hint.isVisible()
    assert drop(panel, dragged)
    assert not panel.hint.isVisible()
    qtbot.waitUntil(lambda: "rules.md" in panel.strip.what.text())
    assert engine.library.jobs[0].asked == ("ingest", [Path("/tmp/rules.md"), Path("/tmp/papers")], "library")
    assert panel.strip.far.text() == "1 of 2 files, 9 passages, about 1 min 30 s left"
    panel.strip.pause.click()
    assert engine.library.jobs[0].paused
    assert panel.strip.pause.text() == "Go on"
    panel.strip.pause.click()
    assert not engine.library.jobs[0].paused
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: bool(panel.strip.result))
    assert panel.strip.result == "Read into the library: 2 files, 1 added, 1 failed"
    panel.strip.unfold.click()
    assert panel.strip.troubles.toPlainText() == "/tmp/broken.pdf: failed, the PDF is broken"
    panel.strip.cross.click()
    assert not panel.strip.isVisible()


def drop_catalogue(qtbot: QtBot, window: MainWindow, caption: str) -> str:
    """Drop a catalogue and a document on the panel, and press that button of the question that comes."""
    panel, dragged = window.docks.panel("knowledge"), files("/tmp/attack.json", "/tmp/notes.md")
    assert drop(panel, dragged, QDragEnterEvent)
    assert drop(panel, dragged)
    box = dialog_of(qtbot, QMessageBox)
    text = box.text()
    next(button for button in box.buttons() if button.text().replace("&", "") == caption).click()
    qtbot.waitUntil(lambda: not box.isVisible())
    return text


def test_a_catalogue_that_is_dropped_is_offered_for_import_and_the_rest_is_read_after_it(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    assert drop_catalogue(qtbot, filled, "Import") == "“attack.json” is MITRE ATT&CK. Import it?"
    jobs = engine.library.jobs
    qtbot.waitUntil(lambda: len(jobs) == 1)
    assert jobs[0].asked == ("file", Path("/tmp/attack.json"), None)
    jobs[0].go.set()
    qtbot.waitUntil(lambda: len(jobs) == 2)
    assert jobs[1].asked == ("ingest", [Path("/tmp/notes.md")], "library")
    jobs[1].go.set()
    qtbot.waitUntil(lambda: not filled.ingest.busy)


def test_a_catalogue_that_is_dropped_can_be_read_as_a_document_or_left(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    drop_catalogue(qtbot, filled, "Cancel")
    assert engine.library.jobs == []
    drop_catalogue(qtbot, filled, "Read as a document")
    qtbot.waitUntil(lambda: bool(engine.library.jobs))
    assert engine.library.jobs[0].asked == ("ingest", [Path("/tmp/attack.json"), Path("/tmp/notes.md")], "library")
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: not filled.ingest.busy)


def test_downloads_count_among_what_left_the_machine(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    badge = filled.status.badge
    assert badge.text() == "Nothing left this machine"
    given = {"kind": "kev", "host": "www.cisa.gov", "address": "https://www.cisa.gov/kev.json", "bytes_sent": 312}
    after, before = datetime.now(UTC), datetime.now(UTC) - timedelta(days=1)
    engine.library.imports.asked_of_others = [
        DownloadInfo(at=at, bytes_received=9, sha256="", outcome="downloaded", **given) for at in (after, before)
    ]
    filled.knowledge.refresh()
    qtbot.waitUntil(lambda: badge.text() == "1 request left this machine")
    assert "www.cisa.gov: download of kev, 312 bytes" in badge.toolTip()


def test_what_is_dropped_beside_the_panel_comes_in_too(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    dragged = files("/tmp/rules.md")
    assert drop(filled, dragged, QDragEnterEvent)
    assert drop(filled, dragged)
    qtbot.waitUntil(lambda: bool(engine.library.jobs))
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: not filled.ingest.busy)


def test_text_that_is_dragged_is_no_file(filled: MainWindow) -> None:
    data = QMimeData()
    data.setText("rules.md")
    assert not drop(filled.docks.panel("knowledge"), data, QDragEnterEvent)


def test_stop_keeps_what_is_in(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    panel = filled.knowledge.panel
    assert panel is not None
    filled.ingest.start([Path("/tmp/rules.md")])
    qtbot.waitUntil(lambda: bool(engine.library.jobs) and panel.strip.stop.isVisible())
    panel.strip.stop.click()
    qtbot.waitUntil(lambda: bool(panel.strip.result))
    assert panel.strip.result.startswith("Stopped reading; what is in stays in")


def test_a_reading_that_was_broken_off_is_offered_at_the_start(
    qtbot: QtBot, bare_window: MainWindow, engine: FakeEngine
) -> None:
    from workbench.ui import aio

    engine.library.read = [a_folder("/srv/papers", unfinished=True)]
    attaching = aio.spawn(bare_window.attach(engine), "attaching")
    qtbot.waitUntil(attaching.done)
    qtbot.waitUntil(lambda: bare_window.messages.message("unfinished") is not None)
    message = bare_window.messages.message("unfinished")
    assert message is not None
    assert "“/srv/papers” into the library was not finished" in message.text
    next(button for button in message.buttons if button.text() == "Go on").click()
    qtbot.waitUntil(lambda: bare_window.ingest.busy)
    job = bare_window.ingest._job
    assert job.asked == ("go on", [Path("/srv/papers")])
    job.go.set()
    qtbot.waitUntil(lambda: not bare_window.ingest.busy)


def test_a_folder_is_watched_and_left_alone_again(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    engine.library.read = [a_folder("/srv/papers")]
    filled.knowledge.refresh()
    qtbot.waitUntil(lambda: filled.knowledge.folders.rowCount() == 1)
    tree = filled.knowledge.tree
    tree.folders.choose(0)
    tree.watch.click()
    qtbot.waitUntil(lambda: filled.knowledge.folders.index(0, 1).data() == "watched")
    qtbot.waitUntil(lambda: tree.watch.text() == "Stop watching")
    tree.watch.click()
    qtbot.waitUntil(lambda: filled.knowledge.folders.index(0, 1).data() == "read once")


def test_what_a_watched_folder_brings_in_is_told_and_listed(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    engine.library.contents.append(a_document("/docs/new.md"))
    engine.library.background.put_nowait(FileEnded(path="/docs/new.md", state=FileState.ADDED, chunks=2))
    engine.library.background.put_nowait(IngestEnded(counts={FileState.ADDED: 1}, seconds=0.1))
    qtbot.waitUntil(lambda: filled.knowledge.documents.place_of("/docs/new.md") is not None)
    assert "added: /docs/new.md" in filled.knowledge.tree.activity.text()


def test_documents_whose_file_is_gone_are_shown_before_they_are_removed(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    engine.library.lost = [a_document("/docs/a.md"), BROKEN]
    filled.commands.invoke("library.folders")
    tree = filled.knowledge.tree
    qtbot.waitUntil(lambda: tree.told.text() == "2 documents in the library whose file is gone.")
    tree.show_gone.click()
    dialog = dialog_of(qtbot, GoneDocumentsDialog)
    assert dialog.list.toPlainText() == "/docs/a.md\n/docs/broken.pdf"
    dialog.remove.click()
    qtbot.waitUntil(lambda: engine.library.lost == [] and not tree.show_gone.isVisible())


def test_a_download_says_before_whom_it_asks_and_happens_only_then(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    filled.commands.invoke("library.get")
    dialog = dialog_of(qtbot, GetKnowledgeDialog)
    assert dialog.kinds.count() == 2, "a kind without an address cannot be downloaded"
    told = dialog.details.toPlainText()
    assert "This leaves your machine" in told
    assert "attack.example.org is asked" in told
    assert "Terms of use of MITRE" in told
    dialog.kinds.setCurrentRow(1)
    assert not dialog.get.isEnabled()
    assert "The year is missing" in dialog.details.toPlainText()
    dialog.part.setText("2024")
    assert "https://nvd/2024" in dialog.details.toPlainText()
    assert engine.library.jobs == []
    dialog.get.click()
    qtbot.waitUntil(lambda: bool(engine.library.jobs))
    assert engine.library.jobs[0].asked == ("download", "nvd", "2024")
    engine.library.jobs[0].go.set()
    qtbot.waitUntil(lambda: not filled.ingest.busy)


def test_an_import_says_what_it_changed_with_examples(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    engine.library.imports.done = [an_import(1)]
    filled.ingest.import_file(Path("/tmp/enterprise-attack.json"))
    qtbot.waitUntil(lambda: bool(engine.library.jobs))
    engine.library.jobs[0].go.set()
    panel, feeds = filled.knowledge.panel, filled.knowledge.feeds
    assert panel is not None
    qtbot.waitUntil(lambda: panel.strip.result == "Imported enterprise-attack 17.1: 3 added")
    qtbot.waitUntil(lambda: filled.knowledge.imports.rowCount() == 1)
    feeds.imports.choose(0)
    qtbot.waitUntil(lambda: "added: Command and Scripting Interpreter" in feeds.details.toPlainText())


def test_every_section_says_what_to_do_first_when_it_is_empty(qtbot: QtBot, bare_window: MainWindow) -> None:
    from workbench.ui import aio

    attaching = aio.spawn(bare_window.attach(FakeEngine()), "attaching")
    qtbot.waitUntil(attaching.done)
    control = bare_window.knowledge
    qtbot.waitUntil(lambda: control.collections.rowCount() == 2)
    assert "Drop files or folders here" in control.shelves.documents.message
    assert "Drop a folder on this panel" in control.tree.folders.message
    assert "Import a file" in control.feeds.imports.message


def test_nothing_follows_the_engine_once_the_window_is_closed(qtbot: QtBot, filled: MainWindow) -> None:
    from workbench.ui import aio

    assert "the knowledge panel: activity" in aio.running()
    with qtbot.waitSignal(filled.closed):
        filled.close()
    qtbot.waitUntil(lambda: not any("knowledge" in name for name in aio.running()))
    assert not [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]


def test_every_button_of_the_panel_explains_itself(filled: MainWindow) -> None:
    control = filled.knowledge
    for section in (control.search, control.shelves, control.tree, control.feeds):
        silent = [button.text() for button in section.findChildren(QPushButton) if not button.toolTip()]
        assert silent == []


def test_an_import_that_is_refused_leaves_nothing_that_looks_busy(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine, clean: list[str]
) -> None:
    def refuse(path: Path, kind: str | None = None) -> object:
        job = engine.library.imports._job(("file", path, kind))
        job.error = WorkbenchError("notes.txt: this is no file that can be imported")
        return job

    engine.library.imports.from_file = refuse  # type: ignore[method-assign, assignment]
    filled.ingest.import_file(Path("/tmp/notes.txt"))
    qtbot.waitUntil(lambda: bool(clean))
    assert "this is no file that can be imported" in clean.pop()
    panel = filled.knowledge.panel
    assert panel is not None
    assert not panel.strip.isVisible()
    assert filled.knowledge.feeds.file.isEnabled()


def test_what_documents_say_of_themselves_is_never_markup(qtbot: QtBot, filled: MainWindow, engine: FakeEngine) -> None:
    trap = "<h1>TRAP</h1>\u202egnp"
    evil = a_document(f"/docs/{trap}.md", title=trap, state=DocumentState.FAILED, reason=trap)
    engine.library.contents, engine.library.lost = [evil], [evil]
    hit = a_passage(1, trap, title=trap)
    engine.library.answer = SearchAnswer(passages=(hit,), statuses=())
    filled.knowledge.refresh(gone=True)
    filled.knowledge.search.box.setText("trap")
    filled.knowledge.search.ask()
    qtbot.waitUntil(lambda: filled.knowledge.documents.place_of(evil.id) == 0)
    qtbot.waitUntil(lambda: filled.knowledge.search.chosen is not None)
    choose(filled, evil.id)
    for model in (filled.knowledge.documents, filled.knowledge.search_model.hits):
        tip = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert "<h1>" not in tip
        assert "\u202e" not in model.index(0, 0).data()
    filled.knowledge.shelves.documents.choose(0)
    assert "<h1>TRAP</h1>" in filled.knowledge.shelves.details.toPlainText()
    filled.knowledge.shelves.remove.click()
    box = dialog_of(qtbot, QMessageBox)
    assert box.textFormat() is Qt.TextFormat.PlainText
    answer_box(qtbot, "Keep")


def test_closing_lets_go_of_a_reading_without_stopping_it_for_good(
    qtbot: QtBot, filled: MainWindow, engine: FakeEngine
) -> None:
    filled.ingest.start([Path("/tmp/rules.md")])
    qtbot.waitUntil(lambda: filled.ingest.busy and bool(engine.library.jobs))
    with qtbot.waitSignal(filled.closed):
        filled.close()
        assert "go on after the next start" in answer_box_text(qtbot, "Stop and close")
    qtbot.waitUntil(lambda: not filled.ingest.busy)
    assert not engine.library.jobs[0].cancelled, "a cancelled pass would not be offered again"


def answer_box_text(qtbot: QtBot, caption: str) -> str:
    """As `answer_box`, for a question after which the window closes."""
    box = dialog_of(qtbot, QMessageBox)
    text = box.text()
    next(button for button in box.buttons() if button.text() == caption).click()
    return text
