"""The knowledge panel with the real engine: what is dropped is found, opened at its place, and let go of again."""

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from workbench.core.engine import Engine
from workbench.places import Places
from workbench.ui import aio
from workbench.ui.main_window import MainWindow
from workbench.ui.panels.source_viewer import SourceViewer

PATIENCE_MS = 60_000

RULES = "# House rules\n\nTea is at four.\n\n## Turbines\n\nA turbine is greased every forty days.\n"


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def do(qtbot: QtBot, work: Coroutine[Any, Any, Any]) -> None:
    task = aio.spawn(work, "a test")
    wait(qtbot, task.done)
    task.result()


@pytest.fixture
def window(
    qtbot: QtBot, bare_window: MainWindow, places_with_model: Places, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """A window with an engine whose library is empty."""

    async def no_shelf(*_parts: object) -> None:
        return None

    monkeypatch.setattr("workbench.core.knowledge.starter.take_in_shelf", no_shelf)
    engine = Engine(places_with_model, attended=True)
    do(qtbot, engine.start())
    do(qtbot, bare_window.attach(engine))
    do(qtbot, engine.ready())
    yield bare_window
    do(qtbot, engine.close())


def test_a_folder_goes_in_is_searched_changes_and_is_searched_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "rules.md").write_text(RULES, encoding="utf-8")
    (papers / "empty.md").write_text("", encoding="utf-8")
    knowledge = window.knowledge
    panel = knowledge.panel
    assert panel is not None
    knowledge.actions.take_in([papers])
    wait(qtbot, lambda: "1 added, 1 failed" in panel.strip.result)
    knowledge.show("documents")
    wait(qtbot, lambda: knowledge.documents.rowCount() == 2)
    failed = next(row for row in map(knowledge.documents.row, range(2)) if row.texts[1] == "failed")
    assert "empty" in failed.info.reason

    knowledge.show("search")
    knowledge.search.box.setText("How often is a turbine greased?")
    knowledge.search.ask()
    wait(qtbot, lambda: knowledge.search.chosen is not None)
    assert "forty days" in knowledge.search.details.toPlainText()
    knowledge.search.open.click()
    viewer = window.docks.panel("source")
    assert isinstance(viewer, SourceViewer)
    wait(qtbot, lambda: viewer.marked_lines is not None)
    first, last = viewer.marked_lines or (0, 0)
    assert "A turbine is greased every forty days." in viewer.text.toPlainText().split("\n")[first - 1 : last]

    (papers / "rules.md").write_text(RULES.replace("forty", "ninety"), encoding="utf-8")
    knowledge.show("folders")
    wait(qtbot, lambda: knowledge.folders.rowCount() == 1)
    knowledge.tree.folders.choose(0)
    knowledge.tree.read.click()
    wait(qtbot, lambda: "1 updated" in panel.strip.result)
    knowledge.search.box.setText("turbine greased days")
    knowledge.search.ask()
    wait(qtbot, lambda: "ninety days" in knowledge.search.details.toPlainText())

    (papers / "rules.md").unlink()
    knowledge.show("documents")
    knowledge.show("folders")
    wait(qtbot, lambda: "1 document" in knowledge.tree.told.text())


def test_topics_of_what_was_taken_in_are_found_opened_and_searched(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(10):
        (papers / f"cat{number}.md").write_text(f"The kitten number {number} sleeps on the sofa and purrs.", "utf-8")
        (papers / f"pump{number}.md").write_text(f"The pump presses oil through pipeline valve {number}.", "utf-8")
    knowledge = window.knowledge
    knowledge.actions.take_in([papers])
    panel = knowledge.panel
    assert panel is not None
    wait(qtbot, lambda: "20 added" in panel.strip.result)
    knowledge.show("topics")
    wait(qtbot, lambda: "My library" in [knowledge.topics.collection.itemText(row) for row in range(2)])
    knowledge.topics.look.click()
    wait(qtbot, lambda: knowledge.topics.examples.rowCount() > 0)
    named = " ".join(knowledge.topics_model.rows.row(row).name for row in range(knowledge.topics_model.rows.rowCount()))
    assert {"kitten", "number", "purrs", "sofa", "sleeps", "on"} & set(named.replace(",", "").split())
    knowledge.topics.open.click()
    viewer = window.docks.panel("source")
    assert isinstance(viewer, SourceViewer)
    wait(qtbot, lambda: viewer.marked_lines == (1, 1))
    knowledge.topics.search.click()
    wait(qtbot, lambda: knowledge.search.chosen is not None)
    assert panel.shows("search")
