"""The commands of the main window and where they stand in its menus and toolbar."""

from typing import TYPE_CHECKING

from workbench.ui.commands import Command, Menu
from workbench.ui.docks import SPECS
from workbench.ui.theme import SCHEMES

if TYPE_CHECKING:
    from workbench.ui.main_window import MainWindow

# Most parts of the window come after its first paint, so they are looked up when a command is done.
# ruff: noqa: PLW0108


def window_commands(window: "MainWindow") -> list[Command]:
    """All commands but those of the samples, which are known only once their files were read."""
    return [*_task(window), *_run(window), *_library(window), *_view(window), *_help(window)]


def _task(window: "MainWindow") -> list[Command]:
    def there() -> bool:
        return window.furnished

    return [
        Command(
            "task.new", "New task", window.new_task, ("Ctrl+N",), "Begin with an empty task form", there, icon="new"
        ),
        Command(
            "task.open", "Open task file ...", lambda: window.files.open_task(), ("Ctrl+O",),
            "Fill the form from a task file (JSON)", there, icon="open",
        ),
        Command(
            "task.attach", "Attach files ...", lambda: window.files.attach(), ("Ctrl+Shift+A",),
            "Attach code or other text to the task", there, icon="attach",
        ),
        Command(
            "settings", "Settings ...", window.show_settings, ("Ctrl+,",), "Theme, reports, limits of new tasks", there
        ),
        Command("quit", "Quit", window.close, ("Ctrl+Q",), "Close the workbench; the task form is kept", icon="quit"),
    ]  # fmt: skip


def _run(window: "MainWindow") -> list[Command]:
    return [
        Command(
            "run.start", "Run", lambda: window.form.ask_to_run(), ("Ctrl+Return", "Ctrl+Enter"),
            "Run the task in the form", lambda: window.can_run, icon="run",
        ),
        Command(
            "run.cancel", "Stop", window.stop, ("Esc", "Ctrl+."), "Stop what is going on; what was found is kept",
            lambda: window.can_stop, icon="stop",
        ),
        Command(
            "run.resume", "Go on with this run", window.resume_shown, ("Ctrl+Shift+G",),
            "Finish what is missing in the run on screen; nothing is repeated",
            lambda: window.can_run and window.shows_unfinished, icon="resume",
        ),
        Command(
            "run.again", "Run again", window.run_shown_again, ("Ctrl+Shift+R",),
            "Run the task of the run on screen anew", lambda: window.can_run and window.shows_run, icon="again",
        ),
        Command(
            "run.export", "Export report ...", lambda: window.files.export_shown(), ("Ctrl+E",),
            "Write the report of the run on screen", lambda: window.shows_ended, icon="export",
        ),
        Command(
            "code.copy", "Copy the code", lambda: window.answer.drafts.copy_shown(), ("Ctrl+Shift+C",),
            "Copy the code in the panel “Answer”", lambda: window.shows_code,
        ),
        Command(
            "code.save", "Save the code as ...", lambda: window.answer.drafts.save_shown(), ("Ctrl+Shift+S",),
            "Write the code in the panel “Answer” to a file", lambda: window.shows_code,
        ),
    ]  # fmt: skip


def _library(window: "MainWindow") -> list[Command]:
    def ready() -> bool:
        return window.can_read_in

    def there() -> bool:
        return window.furnished and window.knowledge.ready

    def can_import() -> bool:
        return there() and ready()

    return [
        Command(
            "library.files", "Read files into the library ...", lambda: window.files.ingest_files(), ("Ctrl+I",),
            "Add documents or code that runs can cite", ready, icon="ingest",
        ),
        Command(
            "library.folder", "Read a folder into the library ...", lambda: window.files.ingest_folder(),
            ("Ctrl+Shift+I",), "Add all documents and code of a folder", ready,
        ),
        Command(
            "library.pause", "Pause reading, or go on", lambda: window.ingest.turn_pause(), ("Ctrl+Shift+H",),
            "Let what is being read wait, or go on with it", lambda: window.furnished and window.ingest.can_pause,
            icon="pause", checked=lambda: window.furnished and window.ingest.paused,
        ),
        Command(
            "library.search", "Search the knowledge", lambda: window.knowledge.show("search"), ("Ctrl+Shift+F",),
            "Ask everything in the library by words or by an identifier", there, icon="search",
        ),
        Command(
            "library.documents", "Collections and documents", lambda: window.knowledge.show("documents"),
            ("Ctrl+Shift+L",), "What is in the library, and what did not come in", there,
        ),
        Command(
            "library.topics", "Topics of the library", lambda: window.knowledge.show("topics"),
            tip="What the library is about, in groups of passages near in meaning", enabled=there,
        ),
        Command(
            "library.folders", "Folders", lambda: window.knowledge.show("folders"), tip="Watch folders, and remove "
            "documents whose file is gone", enabled=there, icon="folder",
        ),
        Command(
            "library.model", "Embedding model ...", lambda: window.knowledge.embedder.choose(),
            tip="Which model the library is searched with; choose another",
            enabled=lambda: there() and window.knowledge.embedder.ready,
        ),
        Command(
            "library.import", "Import knowledge from a file ...", lambda: window.knowledge.actions.choose_import(),
            ("Ctrl+Shift+O",), "ATT&CK, CAPEC, CWE, KEV, NVD, OSV, advisories, SARIF, inventories",
            can_import,
        ),
        Command(
            "library.get", "Get knowledge ...", lambda: window.knowledge.actions.choose_download(),
            tip="Download official files; what is asked of whom is shown before",
            enabled=can_import, icon="download",
        ),
    ]  # fmt: skip


def _view(window: "MainWindow") -> list[Command]:
    themes = [
        Command(
            f"theme.{scheme}",
            "Theme: as the system has it" if scheme == "system" else f"Theme: {scheme}",
            lambda scheme=scheme: window.choose_theme(scheme),  # type: ignore[misc]
            checked=lambda scheme=scheme: window.theme.scheme == scheme,  # type: ignore[misc]
        )
        for scheme in SCHEMES
    ]
    panels = [
        Command(
            f"show.{spec.name}",
            f"Show {spec.title}",
            lambda name=spec.name: window.docks.show(name),  # type: ignore[misc]
            (spec.keys or f"Alt+{number % 10}",),
            f"Bring the panel “{spec.title}” to the front",
        )
        for number, spec in enumerate(SPECS, start=1)
    ]
    return [
        *panels,
        Command(
            "layout.reset", "Reset the layout", window.docks.arrange, tip="Put every panel where it stood at first"
        ),
        *themes,
        Command(
            "palette", "All commands ...", window.show_palette, ("Ctrl+Shift+P",), "Find a command by a few letters",
            icon="palette",
        ),
    ]  # fmt: skip


def _help(window: "MainWindow") -> list[Command]:
    return [
        Command("help.keys", "Keyboard shortcuts", window.show_shortcuts, ("F1",), "Every command that has keys"),
        Command(
            "help.log", "Open the log folder", window.open_log_folder, tip="Redacted logs, to pass on with a fault"
        ),
        Command("help.about", "About ...", window.show_about, tip="Version and state of the installation", icon="help"),
    ]


def menus() -> tuple[Menu, ...]:
    """The menu bar. “Open sample” is filled once the samples were read."""
    panels = tuple(f"show.{spec.name}" for spec in SPECS)
    themes = tuple(f"theme.{scheme}" for scheme in SCHEMES)
    tasks = ("task.new", "task.open", ("Open sample", ()), "task.attach")
    return (
        ("&File", (*tasks, None, "run.export", None, "settings", None, "quit")),
        ("&Run", ("run.start", "run.cancel", None, "run.resume", "run.again", None, "code.copy", "code.save")),
        (
            "&Library",
            (
                "library.search",
                "library.documents",
                "library.topics",
                "library.folders",
                None,
                "library.files",
                "library.folder",
                "library.pause",
                None,
                "library.import",
                "library.get",
                None,
                "library.model",
            ),
        ),
        ("&View", (*panels, None, "layout.reset", ("Theme", themes), None, "palette")),
        ("&Help", ("help.keys", "help.log", "help.about")),
    )


TOOL_BAR: tuple[str | None, ...] = (
    "task.new",
    "task.open",
    None,
    "run.start",
    "run.cancel",
    "run.resume",
    None,
    "run.export",
    "library.files",
    None,
    "palette",
)
