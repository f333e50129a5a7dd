"""What becomes of the research notes of a run: stored, waiting for the vault, or dropped - each said in the journal."""

from typing import TYPE_CHECKING

from workbench.core import events as ev
from workbench.core.agents.base import KeepNote
from workbench.core.scheduler import Emit

if TYPE_CHECKING:
    from workbench.core.vault import Vault

DROPPED = (
    "The vault is locked or has no key and nobody can open it here; open the notes once in the window to keep them"
)


class VaultNotes:
    """Keeps notes in the vault. `attended` says whether someone can still open it after the run."""

    def __init__(self, vault: "Vault", attended: bool) -> None:
        self._vault, self._attended = vault, attended
        self._waiting: dict[str, str] = {}

    def keeper(self, agent: str, emit: Emit) -> KeepNote:
        """What `agent` keeps its notes with; the text itself never reaches the journal."""
        from workbench.core.vault import PendingNote

        async def keep(title: str, text: str) -> None:
            kept = await self._vault.keep(title, text, agent)
            if not isinstance(kept, PendingNote):
                await emit(ev.NoteWritten(note_id=kept.id, agent=agent))
            elif self._attended:
                await emit(ev.NoteWaiting(agent=agent, reason="It waits in memory until you open the notes"))
            else:
                self._waiting[kept.id] = agent

        return keep

    async def settle(self, emit: Emit) -> None:
        """Drop, with a visible line, what waits where nobody can open the vault."""
        if not self._waiting:
            return
        self._vault.drop_pending(self._waiting)
        for agent in self._waiting.values():
            await emit(ev.NoteDropped(agent=agent, reason=DROPPED))
        self._waiting.clear()
