"""`workbench ingest`: files and folders into the library, from where it was broken off, or whenever they change."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from workbench.commands.console import errors, line
from workbench.commands.exit_codes import FILES_FAILED
from workbench.commands.opened import opened
from workbench.core.engine import (
    Engine,
    FileEnded,
    FileState,
    IngestEnded,
    IngestEvent,
    IngestNotice,
    IngestProgress,
    WorkbenchError,
)
from workbench.places import Places
from workbench.wording import counted


async def ingest_paths(places: Places, paths: list[Path], collection: str, watch: bool = False) -> int:
    """Take files and folders in; a line for each file but the unchanged, the reason when it could not be taken."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise WorkbenchError(f"There is no {', '.join(missing)}; check the path")
    if watch and (files := [str(path) for path in paths if not path.is_dir()]):
        raise WorkbenchError(f"{', '.join(files)} is no folder, and only folders are watched; leave --watch out")
    async with opened(places) as engine:
        failed = await follow(engine.library.ingest(paths, collection))
        if watch:
            await _watch(engine, paths, collection)
    return FILES_FAILED if failed else 0


async def go_on(places: Places) -> int:
    """Go on with what the end of the program broke off; what is in already is not read in again."""
    failed = 0
    async with opened(places) as engine:
        jobs = await engine.library.go_on()
        if not jobs:
            line("No ingestion was broken off; there is nothing to go on with")
        for job in jobs:
            failed += await follow(job)
    return FILES_FAILED if failed else 0


async def follow(job: AsyncIterable[IngestEvent]) -> int:
    """Print what a job says, with a bar on a terminal; returns how many files failed."""
    failed = 0
    with progress_bar() as progress:
        task = progress.add_task("Looking for files", total=None, told="")
        async for event in job:
            match event:
                case FileEnded(state=state):
                    failed += state is FileState.FAILED
                    tell_file(event)
                case IngestNotice(text=text):
                    line(text)
                case IngestProgress(chunks_done=done, chunks_total=total):
                    progress.update(task, description="Taking in", completed=done, total=total, told=told(event))
                case IngestEnded():
                    line(summary(event))
    return failed


def tell_file(event: FileEnded) -> None:
    """A line for a file, none for an unchanged one: of thousands, those few that changed are to be seen."""
    if event.state is not FileState.UNCHANGED:
        detail = event.reason or (counted(event.chunks, "chunk") if event.chunks else "")
        line(f"{event.state:<9} {event.path}" + (f" ({detail})" if detail else ""))


def summary(event: IngestEnded) -> str:
    """How a job ended, in one line."""
    counts = ", ".join(f"{count:,} {state}" for state, count in event.counts.items() if count)
    return f"{counts or 'nothing to take in'} in {event.seconds:.1f} s"


def told(event: IngestProgress) -> str:
    """How far a job is, in words."""
    parts = [f"{event.files_done:,} of {event.files_total:,} files"]
    if event.chunks_total:
        parts.append(f"{event.chunks_done:,} of about {event.chunks_total:,} chunks")
    if event.seconds_left:
        parts.append(left_in_words(event.seconds_left))
    return ", ".join(parts)


async def _watch(engine: Engine, folders: Sequence[Path], collection: str) -> None:
    """Follow folders until the analyst interrupts; they stay watched, by the window and by the next such command."""
    activity = engine.library.activity()
    for folder in folders:
        await engine.library.watch(folder, collection)
    line("Watching; press Ctrl+C to end. The window goes on watching whenever it is open (see workbench knowledge)")
    try:
        async for event in activity:
            match event:
                case FileEnded():
                    tell_file(event)
                case IngestNotice(text=text):
                    line(text)
    except asyncio.CancelledError:  # Ctrl+C is how this is meant to end
        line("Watching ended")


def left_in_words(seconds: float) -> str:
    """About how much longer it takes."""
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left" if seconds < 5400 else f"about {seconds / 3600:.1f} h left"


def progress_bar() -> Progress:
    """A bar over chunks that shows nothing where output is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
