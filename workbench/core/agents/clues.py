"""What a task gives to search by: the identifiers it names, and what its code imports, calls and shows.

Code is read by patterns, not parsed and never run: it may be a fragment, a diff, or any language.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.core.agents.signs import signs_in
from workbench.core.knowledge.documents import find_identifiers
from workbench.core.knowledge.shelf import nicknamed
from workbench.core.tasks import NOT_CODE, CodeUnit, Task

MAX_CALLS = 16
"""Calls that are looked up: each is one question to the library."""

MAX_IMPORTS = 24

_IMPORTS = (
    re.compile(r"^\s*import\s+([\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*)\s*;?\s*$", re.MULTILINE),
    re.compile(r"^\s*from\s+([\w.]+)\s+import\s+\(?([\w, *]+)", re.MULTILINE),
    re.compile(r"\brequire\(\s*['\"]([\w@/.-]+)['\"]\s*\)"),
    re.compile(r"^\s*import\s[^'\"\n]*['\"]([\w@/.-]+)['\"]", re.MULTILINE),
    re.compile(r"^\s*#\s*include\s*[<\"]([\w/.]+)[>\"]", re.MULTILINE),
    re.compile(r"^\s*use\s+([\w:\\]+)", re.MULTILINE),
)
"""Imports of Python and Java, Python's from, CommonJS, ES modules, C, Rust and PHP."""

_CALL = re.compile(r"\b([A-Za-z_][\w]*(?:(?:\.|::|->)[A-Za-z_]\w*)*)\s*\(")
_SWITCH = re.compile(r"\b(\w+)\s*=\s*(True|False|None)\b")
_DIFF_FRAME = re.compile(r"^(?:diff --git|index |--- |\+\+\+ |@@ )")


@dataclass(frozen=True)
class Clues:
    """What to search by. `calls` are such as `subprocess.run shell=True`, each once, in order of appearance."""

    identifiers: tuple[str, ...]
    imports: tuple[str, ...]
    calls: tuple[str, ...]
    signs: Mapping[str, str]
    """By weakness the code that shows it, worst first."""


def clues_of(task: Task) -> Clues:
    """The clues in a task's words and code."""
    units = [_present(unit) for unit in task.code_units]
    said = "\n".join([task.title, task.description, *units])
    named = tuple(dict.fromkeys([*find_identifiers(said), *nicknamed(task.question)]))
    imports = _unique(name for text in units for name in _imports(text))
    calls = _unique(call for text in units for call in _calls(text))
    code = (text for unit, text in zip(task.code_units, units, strict=True) if unit.language not in NOT_CODE)
    return Clues(named, imports[:MAX_IMPORTS], calls[:MAX_CALLS], signs_in(code))


def _present(unit: CodeUnit) -> str:
    """The text that will be there: of a diff the added and kept lines, without their marks."""
    lines = unit.text.splitlines()
    if unit.language != "diff" and not (lines and _DIFF_FRAME.match(lines[0])):
        return unit.text
    return "\n".join(line[1:] for line in lines if line[:1] in {"+", " "} and not _DIFF_FRAME.match(line))


def _imports(text: str) -> Iterator[str]:
    for pattern in _IMPORTS:
        for found in pattern.findall(text):
            module = found if isinstance(found, str) else found[0]
            yield from (part.split()[0] for part in module.split(",") if part.strip())


def _imported_names(text: str) -> set[str]:
    """Names that imports bring into the text: modules, their aliases and what is imported from them."""
    names = {re.split(r"[./:\\]", module)[0] for module in _imports(text)}
    names |= {part.split()[-1] for found in _IMPORTS[0].findall(text) for part in found.split(",") if part.strip()}
    names |= {part.split()[-1] for _, taken in _IMPORTS[1].findall(text) for part in taken.split(",") if part.strip()}
    return names


def _calls(text: str) -> Iterator[str]:
    """Calls of what was imported, with the switches set in them. Bare methods such as `join` say too little."""
    imported = _imported_names(text)
    for found in _CALL.finditer(text):
        if re.split(r"\.|::|->", found[1])[0] in imported:
            yield _with_switches(found[1], text, found.end())


def _with_switches(name: str, text: str, start: int) -> str:
    switches = " ".join(f"{key}={value}" for key, value in _SWITCH.findall(_arguments(text, start)))
    return f"{name} {switches}".strip()


def _arguments(text: str, start: int, limit: int = 400) -> str:
    """The text between a call's parentheses, from `start` on, at most `limit` characters of it."""
    depth = 1
    for index in range(start, min(len(text), start + limit)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return text[start : start + limit]


def _unique(items: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
