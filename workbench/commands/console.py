"""Lines for people and pipes: colour and a progress bar on a terminal, plain lines elsewhere."""

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def line(text: str, style: str = "") -> None:
    """Print one line as it is; what looks like markup in it stays text."""
    console.print(escape(visible(text)), style=style or None)


def visible(text: str) -> str:
    """Text whose control characters cannot reach the terminal; newlines and tabs stay."""
    return "".join(char if char.isprintable() or char in "\n\t" else f"\\x{ord(char):02x}" for char in text)


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
