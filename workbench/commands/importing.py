"""`workbench import`: catalogues and feeds from files, or downloaded after the address was shown and agreed to."""

import asyncio
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.commands.console import errors, line
from workbench.commands.exit_codes import CANCELLED, FILES_FAILED
from workbench.commands.ingesting import progress_bar, told
from workbench.commands.opened import opened
from workbench.core.engine import (
    DownloadInfo,
    FileEnded,
    FileState,
    ImportEnded,
    ImportInfo,
    IngestNotice,
    IngestProgress,
    WorkbenchError,
)
from workbench.places import Places
from workbench.wording import counted

if TYPE_CHECKING:
    from workbench.core.engine import ImportJob

SHORT = 12
"""Digits of a SHA-256 that a person compares."""


async def import_files(places: Places, paths: list[Path], kind: str, *, older: bool) -> int:
    """Import files and folders one after the other; one that cannot be imported does not keep the others out."""
    async with opened(places) as engine:
        code = 0
        for path in paths:
            try:
                code = await _follow(engine.library.imports.from_file(path, kind or None, older=older)) or code
            except WorkbenchError as error:
                if len(paths) == 1:
                    raise
                errors.print(f"workbench: {error}", markup=False)
                code = FILES_FAILED
            if code == CANCELLED:
                return code
    return code


async def download(places: Places, kind: str, part: str, *, agreed: bool, older: bool) -> int:
    """Show where an official file is, and download and import it when that is agreed to."""
    async with opened(places) as engine:
        imports = engine.library.imports
        address = imports.address(kind, part)
        known = next(each for each in imports.kinds() if each.name == kind)
        line(f"{known.title} is at {address}")
        line("Downloading it tells that host this machine's network address and the program's name, nothing else.")
        if known.licence:
            line(known.licence)
        if not agreed and not _agrees():
            line("Nothing was downloaded")
            return CANCELLED
        return await _follow(imports.download(kind, part, older=older))


async def show_history(places: Places, as_json: bool) -> int:
    """Print what was imported, and what left the machine for it."""
    async with opened(places) as engine:
        history, sent = await engine.library.imports.history(), await engine.library.imports.downloads()
    if as_json:
        imports = [each.model_dump(mode="json") for each in history]
        print(json.dumps({"imports": imports, "downloads": [each.model_dump(mode="json") for each in sent]}, indent=2))
        return 0
    for each in history:
        line(_history_line(each))
    if not history:
        line("Nothing was imported yet")
    if sent:
        line("Requests that left this machine for knowledge, the latest first:", style="bold")
    for request in sent:
        line(_request_line(request))
    return 0


async def list_kinds(places: Places) -> int:
    """Print what can be imported, and from where it can be downloaded."""
    async with opened(places) as engine:
        for each in engine.library.imports.kinds():
            line(f"{each.name:<10} {each.title:<18} {each.address or 'from files only'}")
    return 0


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise WorkbenchError("Nothing was downloaded, because nobody can be asked here; agree to the address by --yes")
    answer = input("Download it? [y/N] ")
    return answer.strip().lower() in {"y", "yes"}


async def _follow(job: "ImportJob") -> int:
    """Print what an import says, with a bar on a terminal. Ctrl+C ends it in order."""
    with suppress(NotImplementedError):  # Windows has no such handler; there the program is interrupted
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, job.cancel)
    code = 0
    with progress_bar() as progress:
        task = progress.add_task("Importing", total=None, told="")
        async for event in job:
            match event:
                case FileEnded(state=FileState.FAILED, path=path, reason=reason):
                    line(f"failed    {path} ({reason})")
                case IngestNotice(text=text):
                    line(text)
                case IngestProgress(files_total=0, current=current):
                    progress.update(task, description="Importing", told=current)
                case IngestProgress(chunks_done=done, chunks_total=total):
                    progress.update(task, description="Taking in", completed=done, total=total, told=told(event))
                case ImportEnded():
                    code = _tell_end(event)
    return code


def _tell_end(ended: ImportEnded) -> int:
    """What an import changed; the exit code that says how it ended."""
    for example in ended.examples:
        line(f"  {example}")
    more = ended.added + ended.changed + ended.removed - len(ended.examples)
    if ended.examples and more:
        line(f"  and {more:,} more")
    counts = (
        f"{ended.added:,} added, {ended.changed:,} changed, {ended.removed:,} removed, {ended.unchanged:,} unchanged"
    )
    what = " ".join(part for part in (ended.name, ended.version) if part)
    line(f"{what}: {counts} in {ended.seconds:.1f} s")
    if ended.cancelled:
        line("Cancelled; what is in stays, and importing the same file again goes on with it")
        return CANCELLED
    if ended.failed:
        line(f"{counted(ended.failed, 'entry', 'entries')} could not be taken in; import the file again to try them")
        return FILES_FAILED
    return 0


def _history_line(each: ImportInfo) -> str:
    what = " ".join(dict.fromkeys(part for part in (each.kind, each.name, each.version) if part))
    if not each.finished:
        return f"{each.at:%Y-%m-%d %H:%M}  {what}: broken off; import {each.file} again to go on"
    counts = f"{each.added:,} added, {each.changed:,} changed, {each.removed:,} removed, {each.unchanged:,} unchanged"
    return f"{each.at:%Y-%m-%d %H:%M}  {what}: {counts} (from {each.file}, SHA-256 {each.sha256[:SHORT]})"


def _request_line(each: DownloadInfo) -> str:
    size = f"{each.bytes_sent:,} bytes sent, {each.bytes_received:,} received"
    return f"{each.at:%Y-%m-%d %H:%M}  {each.kind}: {each.address} ({size}): {each.outcome}"
