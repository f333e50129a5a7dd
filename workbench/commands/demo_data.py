"""`workbench demo-data`: the made-up organisation in the library or in outside databases, and out again."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from workbench import logs
from workbench.commands.console import file_progress, line
from workbench.commands.exit_codes import FILES_FAILED
from workbench.commands.opened import opened
from workbench.core.connection_settings import ConnectionKind, ConnectionSettings
from workbench.core.connections import Connections
from workbench.core.deadline import within
from workbench.core.demo import mongodb, postgresql
from workbench.core.demo.documents import COLLECTION, demo_documents
from workbench.core.demo.outside import SECONDS, Written
from workbench.core.demo.reading import read_demo
from workbench.core.engine import Engine, FileEnded, FileState, IngestEnded, IngestProgress
from workbench.core.keys import Keyring
from workbench.core.values import WorkbenchError
from workbench.places import Places
from workbench.wording import counted

T = TypeVar("T")


async def demo_in_library(places: Places, remove: bool) -> int:
    """Take the demo data into the library, in a collection of their own, or all of that collection out of it."""
    if remove:
        async with opened(places) as engine:
            count = await _forget(engine, set())
        line(f"{counted(count, 'demo document')} removed from the library" if count else "There were no demo data")
        return 0
    documents = await asyncio.to_thread(lambda: demo_documents(read_demo()))
    failed = 0
    async with opened(places) as engine:
        with file_progress() as progress:
            bar = progress.add_task("Taking in demo data", total=None)
            async for event in engine.library.take_in(documents, COLLECTION):
                match event:
                    case FileEnded(path=path, state=FileState.FAILED, reason=reason):
                        failed += 1
                        line(f"failed    {path} ({reason})")
                    case IngestProgress(files_done=done, files_total=total):
                        progress.update(bar, completed=done, total=total)
                    case IngestEnded(counts=counts, seconds=seconds):
                        told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
                        line(f"Demo data in the library: {told} in {seconds:.1f} s")
        await _forget(engine, {document.path for document in documents})
    line('To look at it: workbench search "which machines have the xz backdoor"')
    line("To take it out: workbench demo-data --remove")
    return FILES_FAILED if failed else 0


async def _forget(engine: Engine, kept: set[str]) -> int:
    """Remove the documents of the demo collection that are not to be kept; returns how many there were."""
    gone = [each for each in await engine.library.documents() if each.collection == COLLECTION]
    gone = [each for each in gone if each.path not in kept]
    for each in gone:
        await engine.library.remove(each.id)
    return len(gone)


async def demo_outside(places: Places, postgresql_name: str, mongodb_name: str, remove: bool) -> int:
    """Write the demo data into the databases of saved connections, or take them out. The library stays closed."""
    asked = ((ConnectionKind.POSTGRESQL, postgresql_name), (ConnectionKind.MONGODB, mongodb_name))
    places.make()
    logs.start(places.logs)
    try:
        connections = await asyncio.to_thread(_connections, places)
        chosen = [_named(connections, kind, name) for kind, name in asked if name]
        for settings in chosen:
            password = await connections.password(settings.name) if settings.user else None
            await (_remove(settings, password) if remove else _write(settings, password))
    finally:
        logs.stop()
    return 0


def _connections(places: Places) -> Connections:
    from workbench.config import ConfigStore

    store = ConfigStore(places.config_file)
    store.load()
    return Connections(store, Keyring())


def _named(connections: Connections, kind: ConnectionKind, name: str) -> ConnectionSettings:
    """The saved connection of that name; WorkbenchError when there is none, or it is of the other kind."""
    known = [each for each in connections.list() if each.kind is kind]
    found = next((each for each in known if each.name.casefold() == name.casefold()), None)
    if found is None:
        names = ", ".join(each.name for each in known) or "none yet"
        raise WorkbenchError(
            f"There is no {kind} connection named {name} (known: {names}); add it under Connections in the window"
        )
    return found


async def _write(settings: ConnectionSettings, password: str | None) -> None:
    data = await asyncio.to_thread(read_demo)
    put = postgresql.put if settings.kind is ConnectionKind.POSTGRESQL else mongodb.put
    written = await _in_time(settings, lambda: put(settings, password, data))
    _tell(settings, written)


async def _remove(settings: ConnectionSettings, password: str | None) -> None:
    take_out = postgresql.remove if settings.kind is ConnectionKind.POSTGRESQL else mongodb.remove
    there = await _in_time(settings, lambda: take_out(settings, password))
    line(f"{settings.name}: " + ("the demo data are removed" if there else "there were no demo data"))


async def _in_time(settings: ConnectionSettings, work: Callable[[], T]) -> T:
    try:
        return await within(SECONDS, work, f"demo data in {settings.name}")
    except TimeoutError as error:
        raise WorkbenchError(
            f"{settings.name} was not done with the demo data within {SECONDS:.0f} seconds; look whether it is busy, "
            "and run the same command again, which finishes what is half done"
        ) from error


def _tell(settings: ConnectionSettings, written: Written) -> None:
    option = "--postgresql" if settings.kind is ConnectionKind.POSTGRESQL else "--mongodb"
    line(f"Demo data in {written.place}:")
    for name, count in written.counts.items():
        line(f"  {name}: {count}")
    line(f"To look at it: {written.look}")
    line(f'To take it out: workbench demo-data {option} "{settings.name}" --remove')
