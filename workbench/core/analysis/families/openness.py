"""More left open than is needed, by one argument or one call: rights of new files, search paths, listings, limits,
truth values (CWE-276, CWE-426, CWE-427, CWE-548, CWE-674, CWE-704, CWE-749).
"""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "openness"

UMASK_RULE = Rule(
    "umask-cleared", "CWE-276", "New files can be written by everybody", Severity.MEDIUM,
    "With a mask of 0 each file and folder made from now on has the widest rights that its maker allows.",
    "Use os.umask(0o077), and give wider rights to the files that need them.",
)  # fmt: skip
PROGRAM_RULE = Rule(
    "path-has-working-folder", "CWE-426", "Programs are also looked for in the working folder", Severity.MEDIUM,
    "A file there, named like a tool, is run instead of the tool.",
    "Put absolute folders on PATH only.",
)  # fmt: skip
IMPORT_RULE = Rule(
    "modules-from-open-folder", "CWE-427", "Modules are looked for where others may write", Severity.MEDIUM,
    "A file there, named like a module that is imported, is run.",
    "Install what is imported, or add a folder beside the program: Path(__file__).parent.",
)  # fmt: skip
LISTING_RULE = Rule(
    "folder-listed", "CWE-548", "Folder is listed to everybody", Severity.LOW,
    "The list shows files that nobody was meant to know of: copies, exports, other people's uploads.",
    "Switch the listing off and serve files by known names.",
)  # fmt: skip
DEPTH_RULE = Rule(
    "recursion-limit-raised", "CWE-674", "Limit of recursion is raised far beyond the stack", Severity.LOW,
    "Deeply nested input then ends the process by a crash, which no except clause catches.",
    "Leave the limit, bound the depth of what is read, or walk it with a list of your own.",
)  # fmt: skip
TRUTH_RULE = Rule(
    "text-as-truth", "CWE-704", "Text is taken as a truth value", Severity.LOW,
    'bool() of any text that is not empty is True, so of "false" and "0" too.',
    "Compare it: value.strip().lower() in {'1', 'true', 'yes'}.",
)  # fmt: skip
DOTTED_RULE = Rule(
    "remote-attributes-open", "CWE-749", "Remote callers reach every attribute of an object", Severity.HIGH,
    "Through attributes of attributes a caller gets at modules and functions that run code.",
    "Register single functions, without allow_dotted_names and allow_all_attrs.",
)  # fmt: skip

MAX_RECURSION = 20_000
"""Depth at which CPython's stack of 8 MB is near its end, by common experience."""

SHARED_FOLDER = re.compile(r"^(?:\.?/?|\.{1,2}(?:/.*)?|(?:/private)?(?:/var)?/tmp(?:/.*)?|/dev/shm(?:/.*)?)$")
WORKING_IN_PATH = re.compile(r"^(?:\.{0,2}/?:)|:\.{0,2}/?:|:\.{1,2}/?$|^\.{1,2}/?$")
SWITCHES = re.compile(
    r"(?i)verify|tls|ssl|auth|allow|debug|secure|csrf|anonymous|public|admin|check|trust|sign|encrypt"
)
READS_OF_TEXT = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})
SERVERS = frozenset({"HTTPServer", "ThreadingHTTPServer", "TCPServer", "ThreadingTCPServer"})
LISTING_FLAGS = frozenset({"show_index", "show_indexes", "directory_listing", "autoindex"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Calls that widen something, and assignments to PATH."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        last = dotted.rsplit(".", 1)[-1]
        yield from _process(scan, call, dotted)
        yield from _imports(scan, call, dotted)
        yield from _listing(scan, call, last)
        yield from _truth(scan, call, dotted, last)
        if last == "register_instance" and _is_allowed(call):
            yield Match(DOTTED_RULE, call, 0.85)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "os.environ['PATH']":
            yield from _program_path(scan, node)
        elif isinstance(node, ast.Dict):
            yield from _mapping(node)


def _process(scan: Scan, call: ast.Call, dotted: str) -> Iterator[Match]:
    given = constant(call.args[0]) if call.args else ...
    if dotted == "os.umask" and given == 0 and isinstance(scan.module.parents.get(call), ast.Expr):
        yield Match(UMASK_RULE, call, 0.7)
    elif dotted == "sys.setrecursionlimit" and isinstance(given, int) and given > MAX_RECURSION:
        yield Match(DEPTH_RULE, call, 0.65)


def _imports(scan: Scan, call: ast.Call, dotted: str) -> Iterator[Match]:
    if dotted not in {"sys.path.insert", "sys.path.append"} or not call.args:
        return
    for value in values(scan.flow, call.args[-1]):
        folder = constant(value)
        if isinstance(value, ast.Call) and scan.module.dotted(value) in {"os.getcwd", "pathlib.Path.cwd", "Path.cwd"}:
            yield Match(IMPORT_RULE, call, 0.5, "it is the working folder", Severity.LOW)
        elif isinstance(folder, str) and SHARED_FOLDER.match(folder):
            shared = "tmp" in folder or "shm" in folder
            detail = f"it is {folder}" if shared else "it depends on the working folder"
            yield Match(IMPORT_RULE, call, 0.7 if shared else 0.5, detail, None if shared else Severity.LOW)


def _program_path(scan: Scan, node: ast.Assign) -> Iterator[Match]:
    for shape in scan.shapes.of(node.value):
        text = "".join(piece if isinstance(piece, str) else "\0" for piece in shape)
        if WORKING_IN_PATH.search(text):
            yield Match(PROGRAM_RULE, node, 0.75)
            return


def _listing(scan: Scan, call: ast.Call, last: str) -> Iterator[Match]:
    if any(word.arg in LISTING_FLAGS and constant(word.value) is True for word in call.keywords):
        yield Match(LISTING_RULE, call, 0.75)
    elif last in SERVERS and len(call.args) > 1:
        handler = scan.module.dotted(call.args[1]).rsplit(".", 1)[-1]
        if handler == "SimpleHTTPRequestHandler" and not _is_own_machine(scan, call.args[0]):
            yield Match(LISTING_RULE, call, 0.6)


def _is_own_machine(scan: Scan, address: ast.expr) -> bool:
    pairs = [value for value in values(scan.flow, address) if isinstance(value, ast.Tuple) and value.elts]
    hosts = [str(constant(host)) for pair in pairs for host in values(scan.flow, pair.elts[0])]
    return bool(hosts) and all(host.startswith(("127.", "localhost", "::1")) for host in hosts)


def _truth(scan: Scan, call: ast.Call, dotted: str, last: str) -> Iterator[Match]:
    if last == "add_argument" and isinstance(kind := keyword(call, "type"), ast.Name) and kind.id == "bool":
        yield Match(TRUTH_RULE, call, 0.85)
    elif dotted == "bool" and len(call.args) == 1 and _is_text(scan, call.args[0]):
        around = scan.module.statement_of(call)
        serious = SWITCHES.search(ast.unparse(around)) if isinstance(around, ast.Assign | ast.AnnAssign) else None
        yield Match(TRUTH_RULE, call, 0.8, severity=Severity.MEDIUM if serious else None)


def _is_text(scan: Scan, node: ast.expr) -> bool:
    """Whether a value is a text from the environment or a request that has a text for its default.

    Without one, bool() may ask whether it is there at all, as for the box of a form.
    """
    return any(
        isinstance(value, ast.Call)
        and isinstance(constant(argument(value, 1, "default")), str)
        and constant(argument(value, 1, "default")) != ""
        and (scan.module.dotted(value) in READS_OF_TEXT or _asks_request(scan, value))
        for value in values(scan.flow, node)
    )


def _asks_request(scan: Scan, call: ast.Call) -> bool:
    dotted = scan.module.dotted(call)
    return "request" in dotted.split(".") and dotted.endswith(
        (".args.get", ".GET.get", ".form.get", ".query_params.get")
    )


def _is_allowed(call: ast.Call) -> bool:
    return constant(argument(call, 1, "allow_dotted_names")) is True


def _mapping(node: ast.Dict) -> Iterator[Match]:
    """Options of RPyC and of Django's view for static files, which are given as a mapping."""
    for key, value in zip(node.keys, node.values, strict=True):
        if constant(key) in {"allow_all_attrs", "allow_setattr"} and constant(value) is True:
            yield Match(DOTTED_RULE, node, 0.7, severity=Severity.MEDIUM)
        elif constant(key) == "show_indexes" and constant(value) is True:
            yield Match(LISTING_RULE, node, 0.75)
