"""Lines for people and pipes: colour and a progress bar on a terminal, plain lines elsewhere."""

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from workbench.visible_text import visible

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def line(text: str, style: str = "") -> None:
    """Print one line as it is; what looks like markup in it stays text."""
    console.print(escape(visible(text)), style=style or None)


def file_progress() -> Progress:
    """A progress bar over files that shows nothing where output is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )
