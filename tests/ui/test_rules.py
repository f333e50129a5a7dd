"""The rules that keep the loop alive (docs/architecture.md): broken once, the window freezes or loses work."""

import re
import tokenize
from pathlib import Path

import pytest

import workbench
from workbench.ui.widgets import icons

PACKAGE = Path(workbench.__file__).parent
FILES = [*sorted((PACKAGE / "ui").rglob("*.py")), PACKAGE / "app.py"]
FORBIDDEN = {
    r"\.exec\(|\.exec_\(": "a nested loop wedges every task that wakes meanwhile; await aio.show_dialog(dialog)",
    r"processEvents": "runs the loop inside itself",
    r"asyncClose|asyncSlot": "keeps only weak references to its tasks, and spins; use aio.spawn",
    r"sys\.exit|os\._exit": "ends the process without any `finally`; close the window",
    r"QFileDialog\.get|QMessageBox\.(question|information|warning|critical|about)\(|QInputDialog\.get": "is modal",
    r"\bsetHtml\(|setMarkdown\(|insertHtml\(": "untrusted text is never markup",
}


def code_of(path: Path) -> dict[int, str]:
    """The lines of a file without comments and docstrings."""
    lines: dict[int, str] = {}
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in (tokenize.COMMENT, tokenize.STRING):
                lines[token.start[0]] = lines.get(token.start[0], "") + token.string
    return lines


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_nothing_in_the_window_nests_or_ends_the_loop(pattern: str) -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in FILES
        for number, code in code_of(path).items()
        if re.search(pattern, code)
    ]
    assert found == [], FORBIDDEN[pattern]


def test_only_aio_knows_qasync() -> None:
    users = [path.name for path in FILES if re.search(r"^\s*(import|from) qasync", path.read_text("utf-8"), re.M)]
    assert users == ["aio.py"]


def test_no_file_of_the_window_grows_beyond_its_idea() -> None:
    long = {path.name: lines for path in FILES if (lines := len(path.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_every_icon_that_is_asked_for_is_there() -> None:
    named = {
        name
        for path in FILES
        for name in re.findall(r"(?:\bicon\(|icon=|draw_icon\(painter, )\"([a-z-]+)\"", path.read_text("utf-8"))
    }
    assert named
    assert [name for name in sorted(named) if not (icons.FOLDER / f"{name}.svg").is_file()] == []
