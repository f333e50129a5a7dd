"""Connections that anybody in between can read or take over (CWE-295, CWE-297, CWE-319)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.origins import is_web_client
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "transport"

CHAIN_RULE = Rule(
    "tls-not-verified", "CWE-295", "Certificate of the other side is not checked", Severity.HIGH,
    "Whoever sits between the two can read and change everything.",
    "Leave verification on, or point it at your own CA bundle.",
)  # fmt: skip
NAME_RULE = Rule(
    "hostname-not-checked", "CWE-297", "Certificate is accepted for any name", Severity.MEDIUM,
    "Everybody who has a valid certificate for a name of his own can stand in between.",
    "Leave check_hostname on and give wrap_socket the server_hostname.",
)  # fmt: skip
PLAIN_RULE = Rule(
    "request-in-clear", "CWE-319", "Request goes over plain HTTP", Severity.LOW,
    "Everybody on the way can read the request and change the answer.",
    "Use https:// and leave verification on.",
)  # fmt: skip
LOGIN_RULE = Rule(
    "login-in-clear", "CWE-319", "Password is sent over a connection without encryption", Severity.MEDIUM,
    "Everybody on the way can read the password.",
    "Call starttls(context=ssl.create_default_context()) first, or use the class with SSL in its name.",
)  # fmt: skip
DATABASE_RULE = Rule(
    "database-in-clear", "CWE-319", "Connection to the database is not encrypted", Severity.MEDIUM,
    "Everybody on the way can read the password and the data.",
    "Use sslmode=verify-full with the CA of the database.",
)  # fmt: skip

HOSTNAME_OFF = frozenset({"assert_hostname", "check_hostname"})
MAIL_CLASSES = frozenset({"smtplib.SMTP", "imaplib.IMAP4", "poplib.POP3", "nntplib.NNTP"})
STARTING_TLS = frozenset({"starttls", "stls"})
LOGGING_IN = frozenset({"login", "pass_", "auth"})
CREDENTIALS = re.compile(r"(?i)authorization|password|passwd|token|api[-_]?key|secret")
PLAIN_ADDRESS = re.compile(r"(?i)^http://(?P<host>[^/:?#\0]*)")
INSIDE = re.compile(
    r"(?i)^$|^[^.]*$|^localhost$|^127\.|^0\.0\.0\.0$|^\[?::1|^10\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|"
    r"\.(?:localhost|local|internal|lan|test|invalid|svc|cluster\.local|home\.arpa)$"
)
"""Hosts of this machine or of an own network, where a plain connection may be meant."""

DISABLED = re.compile(r"(?i)(?:[?&\s]|^)sslmode=(?:disable|allow)\b")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Verification switched off by an assignment or an argument, and connections without encryption."""
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Assign):
            yield from _assigned(scan, node)
    for call in scan.module.calls:
        yield from _arguments(scan, call)
        yield from _database(scan, call)
        if is_web_client(scan.module.dotted(call)):
            yield from _requested(scan, call)
        elif scan.module.dotted(call) in MAIL_CLASSES:
            yield from _mail(scan, call)


def _is_no_check(scan: Scan, node: ast.expr | None) -> bool:
    return node is not None and (
        scan.module.dotted(node).rsplit(".", 1)[-1] == "CERT_NONE" or constant(node) == "CERT_NONE"
    )


def _assigned(scan: Scan, node: ast.Assign) -> Iterator[Match]:
    for target in node.targets:
        if not isinstance(target, ast.Attribute) or (isinstance(target.value, ast.Name) and target.value.id == "self"):
            continue
        if target.attr == "verify_mode" and _is_no_check(scan, node.value) and not _checks_itself(scan, node):
            yield _weakened(scan, CHAIN_RULE, node)
        elif target.attr == "check_hostname" and constant(node.value) is False:
            if not _checks_itself(scan, node) and not _gives_up_chain(scan, node):
                yield _weakened(scan, NAME_RULE, node)
        elif target.attr == "verify" and constant(node.value) is False and _is_session(scan, target.value):
            yield _weakened(scan, CHAIN_RULE, node)


def _weakened(scan: Scan, rule: Rule, node: ast.Assign) -> Match:
    """A lesser matter where it is done only when the caller or the operator asks for it."""
    if any(isinstance(around, ast.If) for around in scan.module.enclosing(node)):
        return Match(rule, node, 0.5, "it is done on a condition", Severity.LOW)
    return Match(rule, node, 0.85)


def _is_session(scan: Scan, node: ast.expr) -> bool:
    made = {scan.module.dotted(value) for value in values(scan.flow, node) if isinstance(value, ast.Call)}
    return bool(made & {"requests.Session", "requests.session"})


def _scope_text(scan: Scan, node: ast.AST) -> str:
    return ast.unparse(scan.module.scope_of(node))


def _checks_itself(scan: Scan, node: ast.AST) -> bool:
    """Whether the function looks at the certificate with its own hands, e.g. compares its fingerprint."""
    return "getpeercert" in _scope_text(scan, node) or "match_hostname" in _scope_text(scan, node)


def _gives_up_chain(scan: Scan, node: ast.AST) -> bool:
    """Whether the certificate is not verified at all, which is told there."""
    return "CERT_NONE" in _scope_text(scan, node)


def _arguments(scan: Scan, call: ast.Call) -> Iterator[Match]:
    if _is_no_check(scan, keyword(call, "cert_reqs")):
        yield Match(CHAIN_RULE, call, 0.85)
    elif any(constant(keyword(call, name)) is False for name in HOSTNAME_OFF):
        yield Match(NAME_RULE, call, 0.75)


def _requested(scan: Scan, call: ast.Call) -> Iterator[Match]:
    """A request to an address that is written down with http:// and a host outside."""
    at = 1 if scan.module.dotted(call).endswith(".request") else 0
    given = argument(call, at, "url")
    for shape in scan.shapes.of(given) if given is not None else []:
        start = PLAIN_ADDRESS.match(shape[0] + ("\0" if len(shape) > 1 else "")) if isinstance(shape[0], str) else None
        if start and not INSIDE.search(start["host"]):
            secret = any(word.arg == "auth" or CREDENTIALS.search(ast.unparse(word)) for word in call.keywords)
            yield Match(PLAIN_RULE, call, 0.75 if secret else 0.6, severity=Severity.MEDIUM if secret else None)
            return


def _mail(scan: Scan, call: ast.Call) -> Iterator[Match]:
    """A mail server that is logged in to, in a function that never starts TLS."""
    host = constant(argument(call, 0, "host"))
    if isinstance(host, str) and INSIDE.search(host):
        return
    methods: dict[str, ast.Call] = {}
    for node in ast.walk(scan.module.scope_of(call)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            methods.setdefault(node.func.attr, node)
    login = next((methods[name] for name in LOGGING_IN if name in methods), None)
    if login is not None and not STARTING_TLS & methods.keys():
        yield Match(LOGIN_RULE, login, 0.75)


def _database(scan: Scan, call: ast.Call) -> Iterator[Match]:
    last = scan.module.dotted(call).rsplit(".", 1)[-1]
    if last not in {"connect", "create_engine", "create_async_engine", "ConnectionPool", "create_pool"}:
        return
    if _is_inside(call):
        return
    texts = [str(constant(value)) for given in call.args[:1] for value in values(scan.flow, given)]
    mode = constant(keyword(call, "sslmode"))
    if mode in {"disable", "allow"} or any(DISABLED.search(text) and "localhost" not in text for text in texts):
        yield Match(DATABASE_RULE, call, 0.7)


def _is_inside(call: ast.Call) -> bool:
    host = constant(keyword(call, "host"))
    return isinstance(host, str) and bool(re.match(r"^(?:localhost$|127\.|/)", host))
