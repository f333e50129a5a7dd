"""Things taken and not given back, and files looked at by name twice (CWE-667, CWE-772, CWE-367)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.module import Function, argument, constant, keyword
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "handles"

LOCK_RULE = Rule(
    "lock-kept-on-error", "CWE-667", "Lock stays taken when an error comes in between", Severity.LOW,
    "Everybody who wants the lock afterwards waits for ever.",
    "Use `with lock:`, or release it in a finally clause.",
)  # fmt: skip
OPEN_RULE = Rule(
    "handle-not-closed", "CWE-772", "File or socket is opened and not closed", Severity.LOW,
    "Handles that stay open run out under load, and what was written may not be on disk.",
    "Open it with `with`.",
)  # fmt: skip
CHECKED_RULE = Rule(
    "file-checked-then-used", "CWE-367", "File is checked by name and then opened by name again", Severity.MEDIUM,
    "Who can write to the folder puts another file or a link there in between.",
    "Open it once and look at the open file (os.fstat, O_NOFOLLOW), or try and handle the error.",
)  # fmt: skip
CREATED_RULE = Rule(
    "file-created-if-absent", "CWE-367", "File is created after a look whether it is there", Severity.LOW,
    "Another process can put a file or a link there in between, which is then overwritten.",
    "Open it with mode 'x', which fails when the file is there.",
)  # fmt: skip

LOCK_NAME = re.compile(r"(?i)(?:lock|mutex|semaphore|sem)$")
OWNERS = frozenset({"acquire", "release", "__enter__", "__exit__", "__aenter__", "__aexit__", "lock", "unlock"})
"""Functions whose very task is to take a lock or to give it back."""

OPENING = frozenset({
    "open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "socket.socket", "socket.create_connection",
    "os.fdopen", "urllib.request.urlopen",
})  # fmt: skip
ACCESS = frozenset({"os.access", "os.path.islink"})
ACCESS_METHODS = frozenset({"is_symlink"})
PRESENCE = frozenset({"os.path.exists", "os.path.isfile", "os.path.lexists"})
PRESENCE_METHODS = frozenset({"exists", "is_file"})
USING = frozenset({
    "open", "io.open", "os.open", "os.chmod", "os.chown", "os.rename", "os.replace", "os.truncate",
    "shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move", "subprocess.run", "subprocess.call",
     "subprocess.check_call", "subprocess.check_output", "subprocess.Popen", "runpy.run_path",
})  # fmt: skip
"""Calls that do something to what the name then stands for; deleting a link deletes the link alone."""

USING_METHODS = frozenset({
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "chmod", "rename", "replace",
})  # fmt: skip


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Locks taken by hand, handles bound to a name, and conditions about files."""
    for node in ast.walk(scan.module.tree):
        match node:
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                yield from _locked(scan, call)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                yield from _opened(scan, name, call)
            case ast.If():
                yield from _looked(scan, node)


def _locked(scan: Scan, call: ast.Call) -> Iterator[Match]:
    """A lock that the same function releases, though not in a finally clause."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "acquire" or call.args or call.keywords:
        return
    lock, scope = ast.unparse(call.func.value), scan.module.scope_of(call)
    if not LOCK_NAME.search(lock) or not isinstance(scope, Function) or scope.name in OWNERS:
        return
    released = [node for node in ast.walk(scope) if _is_release(node, lock)]
    final = [part for node in ast.walk(scope) if isinstance(node, ast.Try) for part in node.finalbody]
    safe = any(_is_release(inner, lock) for part in final for inner in ast.walk(part))
    if released and not safe and _may_fail(scope, call.lineno, released[0]):
        yield Match(LOCK_RULE, call, 0.6)


def _is_release(node: ast.AST, lock: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "release"
        and ast.unparse(node.func.value) == lock
    )


def _may_fail(scope: Function, start: int, released: ast.AST) -> bool:
    """Whether a call or a look into a collection stands between taking and giving back."""
    end = getattr(released, "lineno", start)
    between = (node for node in ast.walk(scope) if start < getattr(node, "lineno", 0) < end)
    return any(isinstance(node, ast.Call | ast.Subscript | ast.Await | ast.Return | ast.Raise) for node in between)


def _opened(scan: Scan, name: str, call: ast.Call) -> Iterator[Match]:
    """A handle under a local name that is only read or written there, and never closed nor handed on."""
    scope = scan.module.scope_of(call)
    if scan.module.dotted(call) not in OPENING or not isinstance(scope, Function):
        return
    used = [node for node in ast.walk(scope) if isinstance(node, ast.Name) and node.id == name]
    declared = any(isinstance(node, ast.Global | ast.Nonlocal) and name in node.names for node in ast.walk(scope))
    loads = [node for node in used if isinstance(node.ctx, ast.Load)]
    if not declared and all(_only_uses(scan, node) for node in loads):
        yield Match(OPEN_RULE, call, 0.6)


def _only_uses(scan: Scan, name: ast.Name) -> bool:
    """Whether a use of a handle neither closes it nor lets it out of the function."""
    around = scan.module.parents.get(name)
    if isinstance(around, ast.For | ast.comprehension):
        return around.iter is name
    if not isinstance(around, ast.Attribute) or around.attr in {"close", "detach", "makefile", "shutdown"}:
        return False
    return isinstance(scan.module.parents.get(around), ast.Call)


def _looked(scan: Scan, node: ast.If) -> Iterator[Match]:
    """A condition about a file that turns others away, or creates the file, before it is used by its name."""
    for call in (part for part in ast.walk(node.test) if isinstance(part, ast.Call)):
        path, kind = _asked(scan, call)
        if path is None:
            continue
        leaves = isinstance(node.body[-1], ast.Raise | ast.Return | ast.Continue)
        negated = isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)
        if kind == "access":
            after = _following(scan, node) if leaves else node.body
            if (leaves or not _is_link(scan, call)) and any(_uses(scan, inner, path) for inner in _all(after)):
                severity = None if _is_link(scan, call) else Severity.LOW
                yield Match(CHECKED_RULE, node.test, 0.55, severity=severity)
                return
        elif leaves != negated:
            after = _following(scan, node) if leaves else node.body
            if any(_overwrites(scan, inner, path) for inner in _all(after)):
                yield Match(CREATED_RULE, node.test, 0.5)
                return


def _asked(scan: Scan, call: ast.Call) -> tuple[str | None, str]:
    """The path that a call asks about, and whether about rights and links or about being there."""
    dotted = scan.module.dotted(call)
    if call.args and dotted in ACCESS | PRESENCE:
        there = dotted in PRESENCE or scan.module.dotted(call.args[-1]).endswith("F_OK")
        return ast.unparse(call.args[0]), "presence" if there else "access"
    if isinstance(call.func, ast.Attribute) and not call.args:
        if call.func.attr in ACCESS_METHODS:
            return ast.unparse(call.func.value), "access"
        if call.func.attr in PRESENCE_METHODS:
            return ast.unparse(call.func.value), "presence"
    return None, ""


def _is_link(scan: Scan, call: ast.Call) -> bool:
    return scan.module.dotted(call).rsplit(".", 1)[-1] in {"islink", "is_symlink"}


def _following(scan: Scan, node: ast.If) -> list[ast.stmt]:
    """The statements after a condition, in its block."""
    around = scan.module.parents.get(node)
    for block in ("body", "orelse", "finalbody"):
        statements = getattr(around, block, [])
        if isinstance(statements, list) and node in statements:
            return statements[statements.index(node) + 1 :]
    return []


def _all(statements: list[ast.stmt]) -> Iterator[ast.Call]:
    for statement in statements:
        yield from (node for node in ast.walk(statement) if isinstance(node, ast.Call))


def _uses(scan: Scan, call: ast.Call, path: str) -> bool:
    if scan.module.dotted(call) in USING and call.args:
        return path in {ast.unparse(part) for part in ast.walk(call.args[0]) if isinstance(part, ast.expr)}
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in USING_METHODS
        and ast.unparse(call.func.value) == path
    )


def _overwrites(scan: Scan, call: ast.Call, path: str) -> bool:
    """Whether a call opens that very path for writing, without insisting that it is new."""
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == path:
        if call.func.attr in {"write_text", "write_bytes"}:
            return True
        mode = argument(call, 0, "mode") if call.func.attr == "open" else None
    elif scan.module.dotted(call) in {"open", "io.open"} and call.args and ast.unparse(call.args[0]) == path:
        mode = argument(call, 1, "mode")
    else:
        return False
    return str(constant(mode)).startswith("w") and keyword(call, "opener") is None
