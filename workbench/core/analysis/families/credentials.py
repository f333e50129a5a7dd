"""Credentials where others see them, and such as never end (CWE-522, CWE-598, CWE-613)."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import WEB_CLIENTS
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.analysis.shapes import Hole, Shape
from workbench.core.evidence import Severity

TOPIC = "credentials"

ARGUMENT_RULE = Rule(
    "secret-in-arguments", "CWE-522", "Password stands in the arguments of a process", Severity.LOW,
    "Every user of the machine, and what records processes, reads the arguments while it runs.",
    "Hand it over by standard input, a file for the owner alone, or the environment of that process.",
)  # fmt: skip
SENT_RULE = Rule(
    "secret-in-query", "CWE-598", "Secret is sent in the address of a request", Severity.LOW,
    "Addresses are written to the logs of servers and proxies, to histories, and into Referer headers.",
    "Send it in a header (Authorization) or in the body.",
)  # fmt: skip
TAKEN_RULE = Rule(
    "password-from-query", "CWE-598", "Password is taken from the address of a request", Severity.MEDIUM,
    "The address, with the password, is written to logs of servers and proxies and to the browser's history.",
    "Take it from the body of a POST request.",
)  # fmt: skip
EXPIRY_RULE = Rule(
    "token-without-end", "CWE-613", "Token is issued without a time at which it ends", Severity.MEDIUM,
    "A token that was stolen once is good for ever, since nothing takes it back.",
    "Add `exp`, minutes ahead for an access token, and check it when decoding.",
)  # fmt: skip

STARTING = frozenset({
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "subprocess.getoutput", "os.system", "os.popen", "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
})  # fmt: skip
_WORDS = r"(?:password|passwd|passphrase|secret|(?:auth|access|api)[-_]?token|api[-_]?key|secret[-_]?key)"
OPTION = re.compile(rf"(?i)(?:^|\s)--?[a-z-]*{_WORDS}(?:=|\s+)?['\"]?$|(?:^|\s)-p$")
"""The end of an argument after which a secret stands; `-p` counts only where a name says that one follows."""

NAMED_WORDS = re.compile(rf"(?i){_WORDS}|(?:^|_)(?:pwd|token)$")
IN_QUERY = re.compile(rf"(?i)[?&](?:{_WORDS}|pwd|token|access_?key|client_?secret)=$")
QUERY_FIELD = re.compile(rf"(?i)^(?:{_WORDS}|pwd|token|access_?key|client_?secret)$")
PASSWORD_FIELD = re.compile(r"(?i)^(?:password|passwd|pwd|passphrase|pin|old_password|new_password|api_?key|ssn|cvv)$")
QUERIES = frozenset({"args", "GET", "query_params", "query", "rel_url.query"})
REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "request", "stream", "urlopen"})


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Processes started and requests sent with a secret in view, tokens issued, and query parameters read."""
    for call in scan.module.calls:
        dotted = scan.module.dotted(call)
        last = dotted.rsplit(".", 1)[-1]
        if dotted in STARTING:
            yield from _started(scan, call)
        elif last in REQUESTS and _is_web(scan, call, dotted):
            yield from _requested(scan, call)
        elif dotted.endswith("jwt.encode"):
            yield from _issued(scan, call)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Call | ast.Subscript):
            yield from _taken(scan, node)


def _is_web(scan: Scan, call: ast.Call, dotted: str) -> bool:
    """Whether a call sends a request: a function of a client module, or a method of a session of one."""
    if dotted.rsplit(".", 1)[0] in WEB_CLIENTS or dotted.endswith("urlopen"):
        return True
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    named = ast.unparse(receiver).lower() if receiver is not None else ""
    return bool(WEB_CLIENTS & scan.module.imported) and named.rsplit(".", 1)[-1].endswith(("session", "client", "http"))


def _started(scan: Scan, call: ast.Call) -> Iterator[Match]:
    given = argument(call, 0, "args", "cmd", "command")
    for value in values(scan.flow, given) if given is not None else []:
        listed = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
        texts = [shape for element in listed for shape in scan.shapes.of(element)[:1]]
        texts += [(str(constant(one)), *scan.shapes.of(two)[0]) for one, two in _options(listed)]
        if any(_shows_secret(scan, shape) for shape in texts):
            yield Match(ARGUMENT_RULE, call, 0.6)
            return


def _options(listed: list[ast.expr]) -> list[tuple[ast.expr, ast.expr]]:
    """Neighbours of which the first is an option by itself: `"--password", password`."""
    return [(one, two) for one, two in pairwise(listed) if str(constant(one)).startswith("-")]


def _shows_secret(scan: Scan, shape: Shape) -> bool:
    for before, piece in pairwise(shape):
        if isinstance(before, str) and isinstance(piece, Hole) and (found := OPTION.search(before)):
            named = NAMED_WORDS.search(ast.unparse(piece.place)) or NAMED_WORDS.search(ast.unparse(piece.node))
            if named or found.group().strip() != "-p":
                return True
    return False


def _requested(scan: Scan, call: ast.Call) -> Iterator[Match]:
    for given in call.args[:2]:
        for shape in scan.shapes.of(given):
            pairs = pairwise(shape)
            if any(isinstance(a, str) and isinstance(b, Hole) and IN_QUERY.search(a) for a, b in pairs):
                yield Match(SENT_RULE, call, 0.65)
                return
    params = keyword(call, "params")
    for value in values(scan.flow, params) if params is not None else []:
        keys = [str(constant(key)) for key in value.keys] if isinstance(value, ast.Dict) else []
        if any(QUERY_FIELD.match(key) for key in keys):
            yield Match(SENT_RULE, call, 0.6)
            return


def _taken(scan: Scan, node: ast.Call | ast.Subscript) -> Iterator[Match]:
    """`request.args["password"]` and `request.args.get("password")`, whatever the framework calls its query."""
    if isinstance(node, ast.Subscript):
        source, key = node.value, constant(node.slice)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist"} and node.args:
        source, key = node.func.value, constant(node.args[0])
    else:
        return
    dotted = scan.module.dotted(source)
    asked = "request" in dotted.split(".") and dotted.rsplit(".", 1)[-1] in QUERIES
    if asked and isinstance(key, str) and PASSWORD_FIELD.match(key) and not isinstance(source, ast.Call):
        yield Match(TAKEN_RULE, node, 0.75)


def _issued(scan: Scan, call: ast.Call) -> Iterator[Match]:
    """A token whose claims are all in view, and `exp` is not among them."""
    given = argument(call, 0, "payload", "claims")
    if given is None or _adds_claims(scan, given):
        return
    for value in values(scan.flow, given):
        if not isinstance(value, ast.Dict) or not value.keys or None in value.keys:
            return
        if "exp" in (constant(key) for key in value.keys) or any(constant(key) is ... for key in value.keys):
            return
    yield Match(EXPIRY_RULE, call, 0.6)


def _adds_claims(scan: Scan, given: ast.expr) -> bool:
    """Whether the same function changes the claims after they were written down."""
    if not isinstance(given, ast.Name):
        return False
    changed = re.compile(rf"\b{re.escape(given.id)}(?:\[|\.(?:update|setdefault)\(|\s*\|=)")
    return bool(changed.search(ast.unparse(scan.module.scope_of(given))))
