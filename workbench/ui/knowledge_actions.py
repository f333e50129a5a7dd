"""Carries out what the knowledge panel asks for; each action is one spawned task, so nothing waits for a dialog."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from workbench.core.engine import DocumentInfo, Folder, ImportKind, Topic
from workbench.ui import aio
from workbench.ui.models.knowledge_facade import title_of
from workbench.ui.widgets.message_bar import Choice
from workbench.ui.wording import plural
from workbench.visible_text import visible

if TYPE_CHECKING:
    from workbench.ui.knowledge_control import KnowledgeControl
    from workbench.ui.main_window import MainWindow
    from workbench.ui.panels.knowledge_documents import KnowledgeDocuments
    from workbench.ui.panels.knowledge_folders import KnowledgeFolders
    from workbench.ui.panels.knowledge_imports import KnowledgeImports
    from workbench.ui.panels.knowledge_search import KnowledgeSearch
    from workbench.ui.panels.knowledge_topics import KnowledgeTopics

MOST_LOOKED_AT = 20
"""Files dropped together that are looked at for catalogues and reports; each takes a moment."""


class KnowledgeActions(QObject):
    """The commands behind the buttons of the panel's sections."""

    def __init__(self, window: "MainWindow", control: "KnowledgeControl") -> None:
        super().__init__(control)
        self._window, self._control = window, control

    def connect_search(self, section: "KnowledgeSearch") -> None:
        """Open what was found at its place."""
        from workbench.ui.panels.source_viewer import SourceViewer
        from workbench.ui.source_opening import SourceOpening

        viewer = self._window.docks.panel("source")
        assert isinstance(viewer, SourceViewer)
        self._opening = SourceOpening(self._window, viewer)
        section.open_passage.connect(self._opening.open_found)

    def connect_documents(self, section: "KnowledgeDocuments") -> None:
        """Open, read again, forget, show in the file manager."""
        section.open_asked.connect(self._opening.open_document)
        section.reingest_asked.connect(lambda infos: self._window.ingest.reingest([info.id for info in infos]))
        section.remove_asked.connect(lambda infos: aio.spawn(self._remove(infos), "removing documents"))
        section.remove_collection_asked.connect(
            lambda name: aio.spawn(self._remove_collection(name), "removing a collection")
        )
        section.reveal_asked.connect(self._reveal)

    def connect_topics(self, section: "KnowledgeTopics") -> None:
        """Open a passage of a topic at its place, or search for the topic's words."""
        section.open_passage.connect(self._opening.open_found)
        section.search_asked.connect(self._search_topic)

    def _search_topic(self, topic: Topic, collections: tuple[str, ...]) -> None:
        search = self._control.search
        self._control.show("search")
        search.filters.choose_collection(collections[0] if collections else "")
        search.box.setText(" ".join(topic.words))
        search.ask()

    def connect_folders(self, section: "KnowledgeFolders") -> None:
        """Add, watch and read folders, and remove what is gone."""
        section.add_asked.connect(self._window.files.ingest_folder)
        section.watch_asked.connect(lambda folder: aio.spawn(self._watch(folder), "watching a folder"))
        section.unwatch_asked.connect(lambda folder: aio.spawn(self._unwatch(folder), "watching a folder"))
        section.read_asked.connect(lambda folder: self._window.ingest.start([Path(folder.path)], folder.collection))
        section.gone_asked.connect(lambda: aio.spawn(self._prune(), "removing documents"))

    def connect_imports(self, section: "KnowledgeImports") -> None:
        """Import from a file or from where it is published."""
        section.read_changes = self._window.engine.library.imports.changes
        section.file_asked.connect(self.choose_import)
        section.get_asked.connect(self.choose_download)

    # Taking in

    def take_in(self, paths: list[Path]) -> None:
        """Read what was dropped into the analyst's own library; catalogues and reports are better imported."""
        self._window.docks.raise_quietly("knowledge")
        aio.spawn(self._take_in(paths), "taking in what was dropped")

    async def _take_in(self, paths: list[Path]) -> None:
        known: Mapping[Path, ImportKind] = {}
        if len(paths) <= MOST_LOOKED_AT:
            known = await self._window.engine.library.imports.recognise(paths)
        if not known:
            self._window.ingest.start(paths)
            return
        match await self._how_to_take_in(known):
            case "import":
                self._control.show("imports")
                self._window.ingest.import_files(list(known), [path for path in paths if path not in known])
            case "read":
                self._window.ingest.start(paths)

    async def _how_to_take_in(self, known: "Mapping[Path, ImportKind]") -> str:
        """Ask what is to be done with files that can be imported: `import`, `read`, or nothing of both."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Import or read")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(visible(sentence_of_recognition(known)))
        box.setInformativeText(
            "Imported, each of its entries is a record of its own, found by its identifier, with its relations, and a "
            "newer version shows what changed. Read as a document, it is text like any other."
        )
        take = box.addButton("Import", QMessageBox.ButtonRole.AcceptRole)
        read = box.addButton("Read as a document", QMessageBox.ButtonRole.ActionRole)
        neither = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(take)
        box.setEscapeButton(neither)
        await aio.show_dialog(box)
        if box.clickedButton() is take:
            return "import"
        return "read" if box.clickedButton() is read else ""

    def offer(self, folders: Sequence[Folder]) -> None:
        """Offer to go on with what the end of the program broke off: these folders, or else single files."""
        named = f"“{visible(folders[0].path)}”" if len(folders) == 1 else plural(len(folders), "folder")
        self._window.messages.show_message(
            f"Reading {named if folders else 'files'} into the library was not finished. What is in stays in; going "
            "on reads only what is missing.",
            "warning",
            choices=(
                Choice("Go on", self._window.ingest.go_on_with_unfinished),
                Choice("Show", lambda: self._control.show("folders")),
                Choice("Later", lambda: None),
            ),
            key="unfinished",
        )

    def choose_import(self) -> None:
        """Import a file that the analyst chooses."""
        aio.spawn(self._choose_import(), "choosing a file to import")

    async def _choose_import(self) -> None:
        patterns = sorted({pattern for kind in self._control.imports.kinds for pattern in kind.files})
        packed = [f"{pattern}{ending}" for pattern in patterns for ending in (".gz", ".zip")]
        filters = f"Knowledge ({' '.join([*patterns, *packed])});;All files (*)"
        for path in await self._window.files.choose.files("imports", "Import knowledge", filters, many=False):
            self._control.show("imports")
            self._window.ingest.import_file(path)

    def choose_download(self) -> None:
        """Download an official file that the analyst chooses, who is told before what is asked of whom."""
        aio.spawn(self._choose_download(), "choosing what to download")

    async def _choose_download(self) -> None:
        from workbench.ui.dialogs.get_knowledge import GetKnowledgeDialog

        imports = self._window.engine.library.imports
        dialog = GetKnowledgeDialog(self._control.imports.kinds, imports.address, self._window)
        if await aio.show_dialog(dialog) and dialog.chosen is not None:
            self._control.show("imports")
            self._window.ingest.download(dialog.chosen.name, dialog.chosen_part)

    # Folders

    async def _watch(self, folder: Folder) -> None:
        await self._window.engine.library.watch(Path(folder.path), folder.collection)
        self._control.refresh()

    async def _unwatch(self, folder: Folder) -> None:
        await self._window.engine.library.unwatch(Path(folder.path))
        self._control.refresh()

    async def _prune(self) -> None:
        from workbench.ui.dialogs.gone_documents import GoneDocumentsDialog

        gone = await self._window.engine.library.gone()
        if not gone:
            self._control.refresh(gone=True)
            return
        if await aio.show_dialog(GoneDocumentsDialog(gone, self._window)):
            removed = await self._window.engine.library.prune()
            self._say(f"{plural(len(removed), 'document')} removed whose file is gone")

    # Forgetting

    async def _remove(self, documents: Sequence[DocumentInfo]) -> None:
        from workbench.ui.panels.knowledge_documents import sentence_of_removal

        if not documents or not await self._may(
            "Remove from the library",
            sentence_of_removal(documents),
            "It is not found any more, from now on. Files on the disk stay, and so does what runs have quoted. If the "
            "file lies in a watched folder, it comes in again when it changes.",
        ):
            return
        await self._window.engine.library.remove_all([document.id for document in documents])
        self._say(f"{plural(len(documents), 'document')} removed from the library")

    async def _remove_collection(self, name: str) -> None:
        count = self._control.documents.held
        if await self._may(
            "Remove a collection",
            f"Remove the collection “{title_of(name)}” with {plural(count, 'document')}?",
            "Nothing of it is found any more, from now on. Files on the disk stay, and so does what runs have quoted.",
        ):
            removed = await self._window.engine.library.remove_collection(name)
            self._say(f"{title_of(name)}: {plural(removed, 'document')} removed from the library")

    async def _may(self, title: str, question: str, consequence: str) -> bool:
        """Ask before something goes; keeping it is what Return and Escape do."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(title)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(visible(question))
        box.setInformativeText(consequence)
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        await aio.show_dialog(box)
        return box.clickedButton() is remove

    def _say(self, text: str) -> None:
        self._window.messages.show_message(visible(text), "good", key="library")
        self._control.refresh(gone=True)

    def _reveal(self, path: str) -> None:
        from workbench.ui.file_actions import open_in_desktop

        open_in_desktop(Path(path).parent)


def sentence_of_recognition(known: Mapping[Path, ImportKind]) -> str:
    """What can be imported of what was dropped: by name where it is one file."""
    if len(known) == 1:
        [(path, kind)] = known.items()
        return f"“{path.name}” is {kind.title}. Import it?"
    kinds = ", ".join(dict.fromkeys(kind.title for kind in known.values()))
    return f"{len(known)} of these files can be imported ({kinds}). Import them?"
