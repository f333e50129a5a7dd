"""Brings the analyst's judgements to the engine's record, and the record back to the consensus panel."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from workbench.core.engine import AgentRecord, WorkbenchError
from workbench.core.events import DecisionMade, RunEvent
from workbench.ui import aio
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.consensus import ConsensusPanel


class RemembersJudgements(Protocol):
    """The engine's facet `record`, as far as it is used here."""

    async def table(self) -> Sequence[AgentRecord]:
        """One line for each agent and domain with judged decisions."""
        ...

    async def judge(self, run_id: str, right: bool, instead: str | None = None) -> None:
        """Learn what was right for a run."""
        ...

    async def judgement(self, run_id: str) -> str | None:
        """What the analyst said was right for a run, None when it was not judged."""
        ...


class RecordControl(QObject):
    """Connects one consensus panel with the engine's record, once that is there."""

    failed = Signal(str)
    """One sentence for the analyst."""

    def __init__(
        self, panel: ConsensusPanel, run: RunModel, record: RemembersJudgements, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._panel, self._run, self._record = panel, run, record
        panel.judged.connect(self._judge)
        run.replaced.connect(self.refresh)
        run.grew.connect(self._grow)
        self.refresh()

    def refresh(self) -> None:
        """Show the record as it is now, and what was said of the run on screen."""
        aio.spawn(self._refresh(), "reading the record")

    def _grow(self, event: RunEvent) -> None:
        if isinstance(event.body, DecisionMade):
            self.refresh()

    def _judge(self, right: bool, instead: str) -> None:
        aio.spawn(self._learn(self._run.state.run_id, right, instead or None), "learning a judgement")

    async def _learn(self, run_id: str, right: bool, instead: str | None) -> None:
        try:
            await self._record.judge(run_id, right, instead)
        except WorkbenchError as error:
            self.failed.emit(str(error))
        await self._refresh()

    async def _refresh(self) -> None:
        run_id = self._run.state.run_id
        records = await self._record.table()
        judgement = await self._record.judgement(run_id) if run_id else None
        self._panel.show_records(records)
        if run_id == self._run.state.run_id:
            self._panel.show_judgement(judgement)
