"""`workbench knowledge` and `workbench reindex`: what the library holds, what it no longer should, what is watched."""

import json
from pathlib import Path

from rich.filesize import decimal

from workbench.commands.console import file_progress, line
from workbench.commands.exit_codes import NOTHING_FOUND
from workbench.commands.opened import opened
from workbench.core.engine import CollectionInfo, Engine, Folder
from workbench.places import Places
from workbench.wording import counted


async def list_knowledge(places: Places, collection: str, as_json: bool) -> int:
    """Print the collections and folders, or the documents of one collection."""
    async with opened(places) as engine:
        if collection:
            return await _list_documents(engine, collection, as_json)
        collections, folders = await engine.library.collections(), await engine.library.folders()
    if as_json:
        shown = {
            "collections": [each.model_dump(mode="json") for each in collections],
            "folders": [each.model_dump(mode="json") for each in folders],
        }
        print(json.dumps(shown, indent=2))
        return 0
    for each in collections:
        _tell_collection(each)
    if not collections:
        line("The library is empty; take files in with workbench ingest PATH")
    for folder in folders:
        _tell_folder(folder)
    return 0


async def prune(places: Places, dry_run: bool) -> int:
    """Forget the documents whose file is gone, or only say which they are."""
    async with opened(places) as engine:
        gone = await (engine.library.gone() if dry_run else engine.library.prune())
        missing = [folder for folder in await engine.library.folders() if folder.missing]
    for document in gone:
        line(f"{'gone' if dry_run else 'removed':<9} {document.path}")
    for folder in missing:
        line(
            f"{folder.path} is not there or empty, as a drive that is not mounted, so its documents were left; "
            f"to forget them: workbench knowledge remove {folder.path}"
        )
    what = "would be removed" if dry_run else "removed"
    line(f"{counted(len(gone), 'document')} {what}")
    return 0


async def remove(places: Places, what: str) -> int:
    """Forget a collection, a document, or all documents at and under a path."""
    async with opened(places) as engine:
        if what in {each.name for each in await engine.library.collections()}:
            count = await engine.library.remove_collection(what)
        else:
            count = await engine.library.remove_path(Path(what)) or await engine.library.remove(what)
    if not count:
        line(f"The library has no collection and no document called {what}; workbench knowledge list says what it has")
        return NOTHING_FOUND
    line(f"{counted(count, 'document')} removed from the library; no file was touched")
    return 0


async def watch(places: Places, folder: Path, collection: str) -> int:
    """Watch a folder whenever the window is open."""
    async with opened(places) as engine:
        await engine.library.watch(folder, collection)
    line(f"{folder} is watched from now on: the window takes its changes in while it is open")
    line(f"To follow it here: workbench ingest --watch {folder}")
    return 0


async def unwatch(places: Places, folder: Path) -> int:
    """Watch a folder no longer."""
    async with opened(places) as engine:
        watched = await engine.library.unwatch(folder)
    line(f"{folder} is watched no longer; what came in stays" if watched else f"{folder} was not watched")
    return 0


async def reindex(places: Places) -> int:
    """Build the search indexes again from the database."""
    async with opened(places) as engine:
        with file_progress() as progress:
            task = progress.add_task("Building the search indexes", total=None)
            await engine.library.reindex(lambda done, total: progress.update(task, completed=done, total=total))
        collections = await engine.library.collections()
    line(f"The search indexes are built again from {counted(sum(each.chunks for each in collections), 'chunk')}")
    return 0


async def _list_documents(engine: Engine, collection: str, as_json: bool) -> int:
    documents = await engine.library.documents(collection)
    if as_json:
        print(json.dumps([document.model_dump(mode="json") for document in documents], indent=2))
    else:
        for document in documents:
            detail = f" ({document.reason})" if document.reason else ""
            line(f"{document.state:<9} {document.chunks:>6,}  {document.path}{detail}")
        line(f"{counted(len(documents), 'document')} in {collection}")
    return 0 if documents else NOTHING_FOUND


def _tell_collection(each: CollectionInfo) -> None:
    failed = f", {each.failed:,} failed" if each.failed else ""
    newest = f", newest {each.newest:%Y-%m-%d}" if each.newest else ""
    line(
        f"{each.name:<20} {counted(each.documents, 'document')}{failed}, {counted(each.chunks, 'chunk')}, "
        f"{decimal(each.size)}{newest}  [{each.source}]"
    )


def _tell_folder(folder: Folder) -> None:
    notes = ["watched"] if folder.watched else []
    notes += ["not finished: workbench ingest --go-on"] if folder.unfinished else []
    notes += ["not there now, or empty"] if folder.missing else []
    notes += [f"last gone through {folder.last_pass.astimezone():%Y-%m-%d %H:%M}"] if folder.last_pass else []
    line(f"folder {folder.path} in {folder.collection}: {', '.join(notes) or 'never gone through'}")
