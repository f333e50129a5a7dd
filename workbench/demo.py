"""Drives the real window through the samples with nobody watching: screenshots in both themes, and the reports.

usage: python -m workbench.demo [--out FOLDER]

Works on a library of its own in a temporary folder, so that nothing of the user's is touched. Prints the absolute path
of every file it made.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.events import RunEvent
from workbench.core.tasks import load_task
from workbench.places import RESOURCES

if TYPE_CHECKING:
    from workbench.core.engine import Engine
    from workbench.ui.main_window import MainWindow

SAMPLES = (
    "review-flask-view.json",
    "draft-avatar-upload.json",
    "research-xz-backdoor.json",
    "assess-tls-change.json",
)
"""The first is shown with every panel and in both themes, the others once each."""

PANELS = ("consensus", "answer", "evidence", "graph", "notes", "connections", "history", "log")
FRONT = ("task", "graph", "consensus")
"""The panels that lie in front on the last pictures."""

QUESTION = "How do I unpack an archive so that nothing is written outside of its folder?"
"""What is asked of the knowledge."""

FORMATS = ("html", "pdf", "md", "json")
RUN_SECONDS = 300.0
"""Deadline of one sample's run."""


def has_display() -> bool:
    """Whether windows can be shown here; elsewhere than on Linux they always can."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def main(argv: Sequence[str] | None = None) -> int:
    """Make the demonstration and return the exit code."""
    parser = argparse.ArgumentParser("workbench.demo", description="Drive the window through the samples.")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for screenshots and reports")
    options = parser.parse_args(argv)
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from workbench.app import main as open_window

    made: list[Path] = []
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="workbench-demo-") as home:
        code = open_window(["--home", home], script=_script(options.out.resolve(), made))
    for path in made:
        print(path)
    return code


def _script(out: Path, made: list[Path]) -> "Callable[[MainWindow, Engine], Awaitable[None]]":
    async def drive(window: "MainWindow", engine: "Engine") -> None:
        await engine.ready()
        for number, name in enumerate(SAMPLES):
            demonstration = _Demonstration(window, out, made, Path(name).stem)
            await demonstration.run(every_panel=number == 0)

    return drive


class _Demonstration:
    """One sample, from the form to the report."""

    def __init__(self, window: "MainWindow", out: Path, made: list[Path], name: str) -> None:
        self._window, self._out, self._made, self._name = window, out, made, name

    async def run(self, every_panel: bool) -> None:
        from workbench.ui.models.answer_model import is_answered

        window = self._window
        window.form.show_task(load_task(RESOURCES / "samples" / f"{self._name}.json"))
        window.docks.show("task")
        if every_panel:
            await self._shoot("form")
        ended = asyncio.Event()
        window.control.ended.connect(ended.set)
        window.form.ask_to_run()
        if every_panel:
            await self._while_running(ended)
        async with asyncio.timeout(RUN_SECONDS):
            await ended.wait()
        await self._shoot("decision")
        if every_panel:
            await self._panels()
        elif is_answered(window.run_model.state):
            await self._answer()
        folder = self._out / self._name
        self._made += await window.files.write_report(window.run_model.state.run_id, FORMATS, folder)

    async def _while_running(self, ended: asyncio.Event) -> None:
        """A picture as soon as the first step has finished."""
        model, finished = self._window.run_model, asyncio.Event()

        def look(_event: RunEvent) -> None:
            if model.state.outcomes or ended.is_set():
                finished.set()

        model.grew.connect(look)
        async with asyncio.timeout(RUN_SECONDS):
            await finished.wait()
        model.grew.disconnect(look)
        await self._shoot("running", settle=0.05)

    async def _panels(self) -> None:
        for panel in PANELS:
            self._window.docks.show(panel)
            await self._shoot(panel)
        await self._knowledge()
        for panel in FRONT:
            self._window.docks.show(panel)
        await self._in_both_themes("decision")

    async def _knowledge(self) -> None:
        """A question to the knowledge and its hits in both themes, a hit at its place, and what is in the library."""
        knowledge, answered = self._window.knowledge, asyncio.Event()

        def look() -> None:
            if not knowledge.search_model.busy:
                answered.set()

        knowledge.show("search")
        knowledge.search_model.changed.connect(look)
        knowledge.search.box.setText(QUESTION)
        knowledge.search.ask()
        async with asyncio.timeout(RUN_SECONDS):
            await answered.wait()
        knowledge.search_model.changed.disconnect(look)
        await self._in_both_themes("knowledge")
        knowledge.search.open.click()
        await self._shoot("knowledge-source")
        knowledge.show("documents")
        await self._shoot("knowledge-documents")

    async def _answer(self) -> None:
        """The answer as it begins in both themes, and a passage that it quotes."""
        from workbench.ui.models.answer_model import answer

        window = self._window
        window.docks.show("answer")
        await self._in_both_themes("answer")
        told = answer(window.run_model.state).told
        if told:
            window.answer.open_passage.emit(told[0].sections[-1].passage_id)
            await self._shoot("answer-source")
            window.docks.show("graph")

    async def _in_both_themes(self, what: str) -> None:
        for scheme in ("dark", "light"):
            self._window.theme.choose(scheme)
            await self._shoot(f"{what}-{scheme}")

    async def _shoot(self, what: str, settle: float = 0.4) -> None:
        """Save a picture of the window after `settle` seconds."""
        await asyncio.sleep(settle)
        path = self._out / f"{self._name}-{what}.png"
        self._window.grab().save(str(path))
        self._made.append(path)


if __name__ == "__main__":
    raise SystemExit(main())
