"""Changes the embedding model for the window: one change at a time, in the background, with its progress."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.core.engine import (
    EmbedderChanged,
    EmbedderSettings,
    ReembedEnded,
    ReembedProgress,
    WorkbenchError,
)
from workbench.ui import aio
from workbench.ui.widgets.message_bar import Choice, Level
from workbench.ui.wording import plural, sentence
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.core.engine import EmbedderChange, Engine
    from workbench.ui.main_window import MainWindow


class EmbedderControl(QObject):
    """The embedding model of one window's engine, there once `attach` was called."""

    changed = Signal()
    """Another state: begun, farther, ended."""

    ended = Signal(str, str)
    """What came of a change in one sentence, and what to beware of."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._engine: Engine | None = None
        self._change: EmbedderChange | None = None
        self._task: asyncio.Task[None] | None = None
        self.title = ""
        """The model that is changed to."""
        self.done, self.total = 0, 0
        self.seconds_left: float | None = None

    def attach(self, engine: "Engine") -> None:
        """Change the model of this engine from now on."""
        self._engine = engine

    @property
    def ready(self) -> bool:
        """Whether a model can be chosen now."""
        return self._engine is not None and not self.busy

    @property
    def busy(self) -> bool:
        """Whether the library is being embedded anew."""
        return self._change is not None

    @property
    def text(self) -> str:
        """What goes on, in words."""
        return f"Embedding the library with {self.title}" if self.total else f"Loading {self.title}"

    @property
    def host(self) -> str:
        """The other machine that all text of the library goes to, if there is one."""
        return self._engine.embedding.current.host if self._engine is not None else ""

    def choose(self) -> None:
        """Show the model, and let the analyst choose another."""
        aio.spawn(self._choose(), "choosing the embedding model")

    async def _choose(self) -> None:
        from workbench.ui.dialogs.embedder import EmbedderDialog

        engine = self._window.engine
        passages = sum(each.chunks for each in await engine.library.collections())
        dialog = EmbedderDialog(self, engine.embedding.current, passages, self._window)
        await aio.show_dialog(dialog)

    async def begin(self, settings: EmbedderSettings, key: str) -> None:
        """Begin to change to this model; searches go on with the present one until it is done.

        Raises WorkbenchError when there is no such model, or no text may go to that server.
        """
        if self._engine is None or self.busy:
            raise WorkbenchError("The embedding model is being changed already; wait for that or stop it first")
        change = await self._engine.embedding.change(settings, key)
        self._change, self.title, self.done, self.total, self.seconds_left = change, settings.title, 0, 0, None
        self.changed.emit()
        self._task = aio.spawn(self._follow(change), "changing the embedding model")

    def stop(self) -> None:
        """End the change after the batch in hand; nothing has changed then, and what is embedded is kept."""
        if self._change is not None:
            self._change.cancel()

    def leave(self) -> None:
        """Let go of a change, as the window closes."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def others(self) -> int:
        """How many vectors of models used before there are."""
        return await self._window.engine.embedding.others()

    async def forget_others(self) -> int:
        """Remove those."""
        return await self._window.engine.embedding.forget_others()

    async def _follow(self, change: "EmbedderChange") -> None:
        told, warning = "", ""
        try:
            async for event in change:
                match event:
                    case ReembedProgress(done=done, total=total):
                        self.done, self.total, self.seconds_left = done, total, event.seconds_left
                        self.changed.emit()
                    case ReembedEnded(cancelled=True):
                        told = "Stopped; the library is searched with the model as before. What is embedded is kept"
                    case EmbedderChanged():
                        told, warning = (
                            f"The library is searched with {self.title} from now on",
                            sentence(event.warning),
                        )
        except WorkbenchError as error:
            told, warning = "The model was not changed, and the library is searched as before", f"{error}."
        finally:
            self._change = self._task = None
            self.changed.emit()
        self.ended.emit(told, warning)
        await self._tell(told, warning)

    async def _tell(self, told: str, warning: str) -> None:
        """Say what came of it, and offer to forget what another model left."""
        others = await self.others()
        text = " ".join(part for part in (f"{told}.", warning) if part)
        choices: tuple[Choice, ...] = ()
        if others:
            text += f" {plural(others, 'vector')} of other models are kept."
            choices = (Choice("Forget them", self.forget), Choice("Keep", lambda: None))
        level: Level = "warning" if warning else "good"
        self._window.messages.show_message(visible(text), level, choices=choices, key="embedder")

    def forget(self) -> None:
        """Remove the vectors of other models, and say how many they were."""
        aio.spawn(self._forget(), "forgetting vectors")

    async def _forget(self) -> None:
        forgotten = await self.forget_others()
        self._window.messages.show_message(
            f"{plural(forgotten, 'vector')} of other models forgotten", "good", key="embedder"
        )
