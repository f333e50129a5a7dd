"""Carries the analyst's judgement of a decision to the record, and shows what the record says."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.ui import aio

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow
    from workbench.ui.panels.consensus import ConsensusPanel


class Judging(QObject):
    """Connects the consensus panel with the engine's record."""

    def __init__(self, window: "MainWindow", panel: "ConsensusPanel") -> None:
        super().__init__(window)
        self._window, self._panel = window, panel
        panel.judged.connect(self._judge)
        window.run_model.replaced.connect(self._look)
        window.control.ended.connect(self._look)
        self._look()

    def _judge(self, right: bool, instead: str) -> None:
        aio.spawn(self._learn(self._window.run_model.state.run_id, right, instead), "learning from your judgement")

    async def _learn(self, run_id: str, right: bool, instead: str) -> None:
        await self._window.engine.record.judge(run_id, right, instead or None)
        await self._show()

    def _look(self) -> None:
        aio.spawn(self._show(), "reading the record")

    async def _show(self) -> None:
        record, run_id = self._window.engine.record, self._window.run_model.state.run_id
        records = await record.table()
        truth = await record.judgement(run_id) if run_id else None
        self._panel.show_records(records)
        if run_id == self._window.run_model.state.run_id:
            self._panel.show_judgement(truth)
