"""What other sites and strangers may reach: frames, WebSockets from any page, folders and buckets handed out."""

import ast
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.module import Function, argument, constant, keyword
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "websites"

FRAME_RULE = Rule(
    "frame-allowed", "CWE-1021", "Page may be shown in another site's frame", Severity.LOW,
    "The other site lays it invisibly under its own buttons, and users click what they do not see.",
    "Leave the protection on (X-Frame-Options: DENY, Content-Security-Policy: frame-ancestors 'none').",
)  # fmt: skip
SOCKET_RULE = Rule(
    "websocket-any-origin", "CWE-1385", "WebSocket is open to pages of any site", Severity.MEDIUM,
    "Browsers send cookies with the handshake and do not stop it: another site talks in the name of its visitor.",
    "Name the origins that may connect.",
)  # fmt: skip
FOLDER_RULE = Rule(
    "folder-handed-out", "CWE-552", "Program's own folder is served to everybody", Severity.MEDIUM,
    "Besides the pages it holds the code, the settings and their secrets.",
    "Serve a folder that holds nothing but what is public.",
)  # fmt: skip
BUCKET_RULE = Rule(
    "bucket-public", "CWE-552", "Object or bucket is made readable by everybody", Severity.LOW,
    "Who knows or guesses the name reads it without a login.",
    "Keep it private and hand out signed addresses that expire.",
)  # fmt: skip

SERVERS = frozenset({
    "websockets.serve", "websockets.server.serve", "websockets.asyncio.server.serve", "websockets.sync.server.serve",
    "websockets.legacy.server.serve",
})  # fmt: skip
OWN_FOLDERS = frozenset({".", "./", "..", "../", "/"})
FOLDER_ARGUMENTS: dict[str, tuple[str, int]] = {
    "Flask": ("static_folder", 2), "StaticFiles": ("directory", 0), "SimpleHTTPRequestHandler": ("directory", 9),
    "send_from_directory": ("directory", 0), "add_static": ("path", 1), "SharedDataMiddleware": ("exports", 9),
}  # fmt: skip
"""Calls that serve a folder, with the argument that names it."""

PUBLIC = frozenset({"public-read", "public-read-write"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Settings, by an argument, a decorator or an assignment, that open something to everybody."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        yield from _socket(call, dotted)
        yield from _folder(call, dotted.rsplit(".", 1)[-1])
        acl = constant(keyword(call, "ACL"))
        if acl in PUBLIC:
            severity = Severity.MEDIUM if acl == "public-read-write" else Severity.LOW
            yield Match(BUCKET_RULE, call, 0.6, f"the access is {acl!r}", severity)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, Function):
            yield from _of_function(scan, node)
        elif isinstance(node, ast.Assign):
            yield from _assigned(node)


def _socket(call: ast.Call, dotted: str) -> Iterator[Match]:
    allowed = keyword(call, "cors_allowed_origins")
    values = allowed.elts if isinstance(allowed, ast.List) else [allowed]
    if any(constant(value) == "*" for value in values):
        yield Match(SOCKET_RULE, call, 0.7)
    elif dotted in SERVERS and not any(word.arg in {"origins", "process_request", None} for word in call.keywords):
        yield Match(SOCKET_RULE, call, 0.5, "no origins are given", Severity.LOW)


def _folder(call: ast.Call, last: str) -> Iterator[Match]:
    name, position = FOLDER_ARGUMENTS.get(last, ("", 0))
    given = argument(call, position, name) if name else None
    if constant(given) in OWN_FOLDERS:
        yield Match(FOLDER_RULE, call, 0.7, f"the folder is {constant(given)!r}")


def _of_function(scan: Scan, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Match]:
    for decorator in node.decorator_list:
        if scan.module.dotted(decorator).endswith("xframe_options_exempt"):
            yield Match(FRAME_RULE, decorator, 0.5)
    if node.name == "check_origin" and _only_true(node):
        yield Match(SOCKET_RULE, node.body[-1], 0.8, "every origin is accepted")


def _only_true(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    answers = [part for part in ast.walk(node) if isinstance(part, ast.Return)]
    return bool(answers) and all(constant(answer.value) is True for answer in answers)


def _assigned(node: ast.Assign) -> Iterator[Match]:
    value = str(constant(node.value)).upper()
    for target in node.targets:
        name = constant(target.slice) if isinstance(target, ast.Subscript) else ast.unparse(target)
        if str(name).upper().replace("-", "_") == "X_FRAME_OPTIONS" and value.startswith(("ALLOWALL", "ALLOW-FROM")):
            yield Match(FRAME_RULE, node, 0.8, f"browsers ignore the value {constant(node.value)!r}")
