"""`workbench knowledge embedder`: which embedding model the library is searched with, and changing it."""

import asyncio
import getpass
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.commands.console import line
from workbench.commands.exit_codes import CANCELLED
from workbench.commands.ingesting import left_in_words, progress_bar
from workbench.commands.opened import opened, when_ready
from workbench.core.engine import (
    EmbedderChanged,
    EmbedderKind,
    EmbedderSettings,
    Engine,
    ReembedEnded,
    ReembedProgress,
    WorkbenchError,
)
from workbench.places import Places
from workbench.wording import counted

if TYPE_CHECKING:
    from workbench.core.engine import EmbedderChange


def wanted(
    folder: Path | None, endpoint: str, model: str, *, inside: bool, built_in: str, key_from_stdin: bool
) -> EmbedderSettings | None:
    """The model that the options mean, None when they name none. Raises WorkbenchError for options that do not fit."""
    if sum(map(bool, (folder, endpoint, built_in))) > 1:
        raise WorkbenchError("Choose one model: --folder, --endpoint or --built-in")
    if (model or inside or key_from_stdin) and not endpoint:
        raise WorkbenchError("--model, --inside and --key-from-stdin belong to a server; name it with --endpoint")
    if endpoint and not model:
        raise WorkbenchError("The server may have several models; name one with --model")
    if built_in not in {"", "int8", "fp32"}:
        raise WorkbenchError(f"There is no built-in model in {built_in}; use int8 or fp32")
    if folder:
        return EmbedderSettings(kind=EmbedderKind.FOLDER, folder=str(folder.absolute()))
    if endpoint:
        return EmbedderSettings(kind=EmbedderKind.ENDPOINT, address=endpoint, model=model, inside=inside)
    return EmbedderSettings(precision=built_in) if built_in else None


def read_key() -> str:
    """A server's key from the standard input, not shown where it is typed. Raises WorkbenchError for an empty one."""
    key = getpass.getpass("Key of the server: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not key:
        raise WorkbenchError("There was no key on the standard input; pipe it in, or leave --key-from-stdin out")
    return key


async def show_or_change(places: Places, settings: EmbedderSettings | None, key: str, *, forget_others: bool) -> int:
    """Change to this model, if one is wanted; forget the vectors of others, if that is; then say which one it is."""
    async with opened(places) as engine:
        if settings is not None:
            with suppress(WorkbenchError):  # the model may be the one that cannot be used, and is changed for that
                await when_ready(engine)
            if not await _change(await engine.embedding.change(settings, key), settings):
                return CANCELLED
        if forget_others:
            forgotten = await engine.embedding.forget_others()
            line(f"{counted(forgotten, 'vector')} of models used before forgotten")
        await _tell(engine)
    return 0


async def _change(change: "EmbedderChange", settings: EmbedderSettings) -> bool:
    """Follow a change, with a bar on a terminal; whether it came to its end. Ctrl+C ends it in order."""
    with suppress(NotImplementedError):  # Windows has no such handler; there the program is interrupted
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, change.cancel)
    changed = False
    with progress_bar() as progress:
        task = progress.add_task(f"Loading {settings.title}", total=None, told="")
        async for event in change:
            match event:
                case ReembedProgress(done=done, total=total):
                    progress.update(task, description="Embedding", completed=done, total=total, told=_told(event))
                case ReembedEnded(cancelled=True):
                    line("Stopped; the library is searched as before. What is embedded is kept: try again to go on")
                case EmbedderChanged():
                    changed = True
                    _tell_change(event)
    return changed


def _told(event: ReembedProgress) -> str:
    """How far it is, in words."""
    told = f"{event.done:,} of {event.total:,} passages"
    return f"{told}, {left_in_words(event.seconds_left)}" if event.seconds_left and event.done < event.total else told


def _tell_change(event: EmbedderChanged) -> None:
    line(f"{counted(event.embedded, 'passage')} embedded; the library is searched with this model from now on:")
    if event.warning:
        line(f"Warning: {event.warning}")


async def _tell(engine: Engine) -> None:
    current, others = engine.embedding.current, await engine.embedding.others()
    line(current.title, style="bold")
    if current.facts:
        line(f"    {current.facts}")
    if current.kind is EmbedderKind.ENDPOINT:
        line("    all text of the library goes to this server")
    if others:
        line(f"    {counted(others, 'vector')} of models used before are kept; --forget-others removes them")
