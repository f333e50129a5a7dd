"""The rules of the house that no type checker sees: docs/architecture.md, and the contracts of import-linter."""

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench

PACKAGE = Path(workbench.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
UI = sorted((PACKAGE / "ui").rglob("*.py"))

BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}
"""What runs code when it reads data."""

BANNED_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput"}
BANNED_LOADERS = {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "torch.load", "numpy.load", "np.load"}
"""Loaders that run code, or do unless they are told not to."""
HARMLESS = {"allow_pickle=False", "Loader=SafeLoader"}
"""How they are told not to."""


def code_of(path: Path) -> str:
    """A file without its comments and strings, which may name what is forbidden."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    lines: dict[int, list[str]] = {}
    for token in tokens:
        if token.type not in (tokenize.COMMENT, tokenize.STRING):
            lines.setdefault(token.start[0], []).append(token.string)
    return "\n".join("".join(parts) for parts in lines.values())


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a file with the dotted name of what is called."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("pattern", [r"\.exec_?\(", "processEvents", "asyncClose|asyncSlot", r"sys\.exit|os\._exit"])
def test_nothing_in_the_window_nests_or_ends_the_loop(pattern: str) -> None:
    assert UI
    assert [path.name for path in UI if re.search(pattern, code_of(path))] == []


def test_qasync_is_imported_by_one_file() -> None:
    users = [path.relative_to(PACKAGE).as_posix() for path in FILES if "qasync" in imports(path)]
    assert users == ["ui/aio.py"]


def test_qt_is_imported_by_the_window_alone() -> None:
    users = {path.relative_to(PACKAGE).parts[0] for path in FILES if imports(path) & {"PySide6", "shiboken6"}}
    assert "ui" in users
    assert users <= {"ui", "app.py", "demo.py"}


def test_nothing_is_read_that_can_run_code() -> None:
    assert {path.name: sorted(used) for path in FILES if (used := imports(path) & BANNED_MODULES)} == {}
    loaders = [
        f"{path.name}:{call.lineno} {name}"
        for path in FILES
        for name, call in calls(path)
        if name in BANNED_LOADERS and not HARMLESS & {ast.unparse(keyword) for keyword in call.keywords}
    ]
    assert loaders == []


def test_no_code_is_made_from_text_and_no_shell_is_started() -> None:
    broken = [
        f"{path.relative_to(PACKAGE)}:{call.lineno} {name}"
        for path in FILES
        for name, call in calls(path)
        if name in BANNED_CALLS
        or any(keyword.arg == "shell" and ast.unparse(keyword.value) != "False" for keyword in call.keywords)
        or name.endswith("create_subprocess_shell")
    ]
    assert broken == []


def test_sql_is_never_put_together_from_text_of_others() -> None:
    """An f-string given to `execute` may hold numbers made by the program (`:d`) and lists of question marks only."""
    broken = [
        f"{path.relative_to(PACKAGE)}:{part.lineno} {ast.unparse(part.value)}"
        for path in (PACKAGE / "core").rglob("*.py")
        for name, call in calls(path)
        if name.endswith((".execute", ".executemany")) and call.args
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.FormattedValue) and not _is_harmless(part)
    ]
    assert broken == []


def _is_harmless(part: ast.FormattedValue) -> bool:
    spec, value = ast.unparse(part.format_spec) if part.format_spec else "", ast.unparse(part.value)
    return "d" in spec or re.fullmatch(r"int\(.*\)|_?[A-Z_]+|marks|places|placeholders|questions", value) is not None


WITHOUT_QT = """
import importlib, pkgutil, runpy, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "qasync"}:
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)

sys.meta_path.insert(0, Refuse())
import workbench
count = 0
for part in ("core", "commands", "evaluation"):
    package = importlib.import_module(f"workbench.{part}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            count += 1
for name in ("cli", "config", "places", "logs", "errors", "wording", "visible_text"):
    importlib.import_module(f"workbench.{name}")
assert not {"PySide6", "qasync"} & set(sys.modules)
try:
    import PySide6
except ModuleNotFoundError:
    print(count, "modules without Qt")
sys.argv = ["workbench", "--help"]
runpy.run_module("workbench.cli", run_name="__main__")
"""


def test_the_engine_and_the_command_line_work_where_qt_is_not_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_QT],
        capture_output=True, text=True, timeout=100, check=False, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) > 80
    assert "workbench" in done.stdout
    assert "ingest" in done.stdout
