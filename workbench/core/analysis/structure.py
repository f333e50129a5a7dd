"""What a piece of code consists of: functions, entry points, imports, what it reads from outside and what it starts."""

import ast
import sys

from pydantic import Field

from workbench.core.analysis.flow import is_request
from workbench.core.analysis.languages import spoken
from workbench.core.analysis.module import Function, Module, parameters
from workbench.core.analysis.origins import REQUEST_CALLS, REQUEST_NAMES
from workbench.core.analysis.source import UnreadableError, code_lines, read_source
from workbench.core.tasks import CodeUnit
from workbench.core.values import Value

TOUCHES: dict[str, tuple[str, ...]] = {
    "files": ("open", "os.remove", "os.rename", "shutil.", "pathlib.", "send_file", "flask.send_file"),
    "databases": (".execute", ".executemany", "sqlite3.", "psycopg", "pymongo", "sqlalchemy."),
    "processes": ("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn"),
    "network": ("requests.", "httpx.", "urllib.request.", "socket.", "aiohttp.", "urllib3.", "smtplib.", "paramiko."),
    "cryptography": ("hashlib.", "hmac.", "secrets.", "ssl.", "cryptography.", "jwt."),
    "serialised data": ("pickle.", "yaml.", "marshal.", "json.load", "xml.", "lxml."),
}
"""What code touches outside itself, by beginnings (or, with a dot first, endings) of the names it calls."""


class FunctionInfo(Value):
    """One function: where it stands and whether the outside can call it."""

    name: str
    line_start: int
    line_end: int
    parameters: tuple[str, ...] = ()
    entry_point: bool = False


class Structure(Value):
    """What one unit consists of; `notices` say what was not understood."""

    unit: str
    language: str
    lines: int
    functions: tuple[FunctionInfo, ...] = ()
    classes: tuple[str, ...] = ()
    third_party: tuple[str, ...] = ()
    """Imported packages that are neither part of Python nor relative."""
    standard: tuple[str, ...] = ()
    reads_outside: tuple[str, ...] = ()
    """Expressions by which it takes in what others send, each once."""
    touches: dict[str, int] = Field(default_factory=dict)
    """Calls by what they touch, see TOUCHES."""
    notices: tuple[str, ...] = ()


def read_structure(unit: CodeUnit) -> Structure:
    """The structure of one unit; for code that is not Python, or does not parse, only its size and a notice."""
    lines = len(code_lines(unit.text))
    if unit.language != "python":
        notice = f"{unit.name} is {spoken(unit.language)}; its structure was not read, only its text"
        return Structure(unit=unit.name, language=unit.language, lines=lines, notices=(notice,))
    try:
        source = read_source(unit.name, unit.text)
    except UnreadableError as error:
        notice = f"{unit.name} was not understood: {error}"
        return Structure(unit=unit.name, language=unit.language, lines=lines, notices=(notice,))
    module = Module(source)
    packages = sorted(name for name in module.imported if name)
    return Structure(
        unit=unit.name,
        language=unit.language,
        lines=lines,
        functions=tuple(_functions(module)),
        classes=tuple(node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)),
        third_party=tuple(name for name in packages if name not in sys.stdlib_module_names),
        standard=tuple(name for name in packages if name in sys.stdlib_module_names),
        reads_outside=_outside(module),
        touches=_touches(module),
        notices=(*(f"{unit.name}: {notice}" for notice in source.notices), *_dynamic(module, unit.name)),
    )


def _functions(module: Module) -> list[FunctionInfo]:
    found = [node for node in ast.walk(module.tree) if isinstance(node, Function)]
    return [
        FunctionInfo(
            name=node.name,
            line_start=node.lineno,
            line_end=node.end_lineno or node.lineno,
            parameters=tuple(parameters(node)),
            entry_point=module.is_web_handler(node) or node.name in {"main", "handler", "lambda_handler"},
        )
        for node in sorted(found, key=lambda node: node.lineno)
    ]


def _outside(module: Module) -> tuple[str, ...]:
    """Reads of a request, the command line or standard input, as written."""
    found: dict[str, None] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Call):
            dotted = module.dotted(node)
            outer = module.parents.get(node)
            inside = isinstance(outer, ast.Attribute | ast.Call) and is_request(module.dotted(outer))
            if not inside and (is_request(dotted) or dotted in REQUEST_CALLS or dotted in REQUEST_NAMES):
                found[ast.unparse(node)[:80]] = None
    return tuple(found)[:40]


def _touches(module: Module) -> dict[str, int]:
    names = [module.dotted(call) for call in module.calls]
    counts = {kind: sum(_is_one(name, marks) for name in names) for kind, marks in TOUCHES.items()}
    return {kind: count for kind, count in counts.items() if count}


def _is_one(name: str, marks: tuple[str, ...]) -> bool:
    return any(
        name.endswith(mark) if mark.startswith(".") else name == mark or (mark[-1:] in "._" and name.startswith(mark))
        for mark in marks
    )


def _dynamic(module: Module, unit: str) -> list[str]:
    """What a static look cannot follow."""
    names = {module.dotted(call) for call in module.calls}
    found = sorted(names & {"eval", "exec", "getattr", "setattr", "__import__", "importlib.import_module"})
    if not found:
        return []
    choose = "chooses" if len(found) == 1 else "choose"
    return [f"{unit}: {', '.join(found)} {choose} at run time what is called, which no static look can follow"]
