"""Decisions about rights that rest on what the client says of himself (CWE-290, CWE-346, CWE-565, CWE-807, CWE-472,
CWE-640).
"""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import Atom
from workbench.core.analysis.follow import inside
from workbench.core.analysis.module import Function, constant
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "trust"

ADDRESS_RULE = Rule(
    "address-header-trusted", "CWE-290", "Header that every client can write decides who is let in", Severity.MEDIUM,
    "X-Forwarded-For and its like come from the client unless a proxy of yours replaces them.",
    "Use the address of the connection (behind ProxyFix with the right number of proxies), better a login.",
)  # fmt: skip
ORIGIN_RULE = Rule(
    "origin-compared-in-part", "CWE-346", "Only a part of the caller's origin is compared", Severity.MEDIUM,
    "Another site registers a name that has the same part: evil-example.com, example.com.evil.net.",
    "Compare the whole origin, with scheme and port, with a fixed set.",
)  # fmt: skip
COOKIE_RULE = Rule(
    "cookie-decides-rights", "CWE-565", "Unsigned cookie decides about rights", Severity.HIGH,
    "Users change their cookies as they like.",
    "Keep the role on the server, by a session id, or use the framework's signed session.",
)  # fmt: skip
INPUT_RULE = Rule(
    "request-decides-rights", "CWE-807", "Field of the request decides about rights", Severity.MEDIUM,
    "The client fills in this field or header himself.",
    "Take roles from the account that is logged in.",
)  # fmt: skip
PRICE_RULE = Rule(
    "price-from-request", "CWE-472", "Price that is charged comes from the request", Severity.MEDIUM,
    "Hidden fields are fields: the client sends the price he likes.",
    "Take only the article and the quantity from the request, and the price from your own data.",
)  # fmt: skip
RESET_RULE = Rule(
    "reset-link-host", "CWE-640", "Link to a new password is built with the host of the request", Severity.MEDIUM,
    "Who asks with a Host header of his own gets the link, with the token, sent to his server by the click.",
    "Build the link with a fixed address from the configuration.",
)  # fmt: skip

ADDRESS_HEADER = re.compile(
    r"(?i)headers(?:\.get\(|\[)'(?:x-forwarded-for|x-real-ip|x-client-ip|client-ip|true-client-ip|x-originating-ip|"
    r"x-remote-user|x-forwarded-user|x-authenticated-user|x-remote-addr|x-cluster-client-ip)'|"
    r"(?:META|environ)(?:\.get\(|\[)'HTTP_(?:X_FORWARDED_FOR|X_REAL_IP|CLIENT_IP|X_REMOTE_USER|X_FORWARDED_USER)'"
)
ORIGIN_HEADER = re.compile(
    r"(?i)headers(?:\.get\(|\[)'(?:origin|referer|referrer)'|META(?:\.get\(|\[)'HTTP_(?:ORIGIN|REFERER)'|^request\.referrer$"
)
COOKIE_RIGHT = re.compile(
    r"(?i)(?:cookies|COOKIES)(?:\.get\(|\[)'(?:is_?)?(?:role|admin|staff|superuser|user_?type|authenticated|logged_?in|"
    r"privileges?|permissions?|access_?level|auth_?level|verified|premium)'"
)
FIELD_RIGHT = re.compile(
    r"(?i)(?:args|form|values|json|get_json\(\)|GET|POST|query_params|params|data)(?:\.get\(|\[)'(?:(?:is_?)?"
    r"(?:admin|staff|superuser|authenticated|logged_?in)|bypass_?auth|skip_?auth)'|"
    r"headers(?:\.get\(|\[)'x-(?:user-)?(?:role|admin|is-admin|staff|authenticated|permissions?|user-role)'"
)
PRICE_FIELD = re.compile(
    r"(?i)(?:form|json|get_json\(\)|POST|values|data|args|GET)(?:\.get\(|\[)'(?:unit_?|total_?|item_?)?(?:price|total|cost|"
    r"discount)(?:_in_cents|_cents)?'"
)
CHARGING = re.compile(r"(?i)(?:^|_)(?:charge|pay|checkout|capture_payment|create_payment|bill|create_invoice)(?:$|_)")
HOST = re.compile(
    r"(?i)(?:^|\.)request\.(?:host|host_url|url_root|base_url)$|headers(?:\.get\(|\[)'(?:x-forwarded-)?host'|"
    r"META(?:\.get\(|\[)'HTTP_(?:X_FORWARDED_)?HOST'"
)
MAILING = re.compile(r"(?i)mail|^send_message$|^Message$|^send_sms$")
OPENING = frozenset({"loads", "unsign", "decode", "decrypt", "parse"})
"""Calls that take a value out of a signed or sealed form."""

RESETTING = re.compile(r"(?i)reset|recover|forgot|password")


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Conditions that compare what a request says, and calls that charge or mail with it."""
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Compare | ast.Call) and _decides(scan, node):
            yield from _tested(scan, node)
        if isinstance(node, ast.If | ast.IfExp):
            yield from _asked(scan, node.test)
    for call in scan.module.calls:
        last = scan.module.dotted(call).rsplit(".", 1)[-1]
        if CHARGING.search(last):
            yield from _charged(scan, call)
        elif MAILING.search(last):
            yield from _mailed(scan, call)


def _decides(scan: Scan, node: ast.expr) -> bool:
    """Whether a truth value is what a condition asks, or what a function answers."""
    child: ast.AST = node
    for around in scan.module.enclosing(node):
        if isinstance(around, ast.If | ast.While | ast.IfExp | ast.Assert):
            return around.test is child
        if isinstance(around, ast.Return):
            return True
        if not isinstance(around, ast.BoolOp | ast.UnaryOp | ast.NamedExpr):
            return False
        child = around
    return False


def _reads(scan: Scan, node: ast.expr, pattern: re.Pattern[str], *, itself: bool = False) -> bool:
    """Whether an expression rests on such a read of a request; `itself`: is that read, not what a call made of it."""
    return any(
        atom.origin is Origin.REQUEST
        and any(pattern.search(read) for read in _as_read(atom))
        and not (itself and (atom.got_by or atom.calls & OPENING))
        for atom in scan.flow.atoms(node)
    )


def _as_read(atom: Atom) -> list[str]:
    """How a request is read: as written, or by a key of its body that was kept under a name before."""
    keys = (re.search(r"\['[^']*'\]$", part) for part in atom.through)
    return [atom.root, *(atom.root + key.group() for key in keys if key)]


def _tested(scan: Scan, node: ast.Compare | ast.Call) -> Iterator[Match]:
    looked_at, others, in_part = _sides(node)
    if looked_at is None:
        return
    if _reads(scan, looked_at, ADDRESS_HEADER) and not _is_absence(others):
        yield Match(ADDRESS_RULE, node, 0.65)
    elif in_part and others and _reads(scan, looked_at, ORIGIN_HEADER) and _is_open(str(constant(others[0])), in_part):
        yield Match(ORIGIN_RULE, node, 0.75)
    elif _reads(scan, looked_at, COOKIE_RIGHT, itself=True) and not _is_absence(others):
        yield Match(COOKIE_RULE, node, 0.75)
    elif _reads(scan, looked_at, FIELD_RIGHT, itself=True) and not _is_absence(others):
        yield Match(INPUT_RULE, node, 0.65)


def _sides(node: ast.Compare | ast.Call) -> tuple[ast.expr | None, list[ast.expr], str]:
    """What is looked at, what it is compared with, and the way when only a part is compared."""
    match node:
        case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" as way, value=receiver), args=[given, *_]):
            return receiver, [given], way
        case ast.Compare(ops=[ast.In() | ast.NotIn()], left=ast.Constant() as left, comparators=[right]):
            return right, [left], "in"
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn()], left=left, comparators=[right]):
            return (right, [left], "") if isinstance(left, ast.Constant) else (left, [right], "")
        case _:
            return None, [], ""


def _is_absence(others: list[ast.expr]) -> bool:
    """Whether it is only asked if the value is there at all."""
    return all(constant(other) in (None, "", b"") for other in others)


def _is_open(part: str, way: str) -> bool:
    """Whether a text that begins or ends so may be another site's; what ends a host's name closes it."""
    if part == "Ellipsis":
        return False
    return {
        "endswith": not part.startswith((".", "/", "http")) and "." in part,
        "startswith": not part.endswith(("/", ":")) and "." in part,
        "in": "." in part,
    }[way]


def _asked(scan: Scan, test: ast.expr) -> Iterator[Match]:
    """A cookie or field whose mere presence gives rights: `if request.cookies.get("is_admin")`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if not isinstance(test, ast.Name | ast.Call | ast.Subscript):
        return
    if isinstance(test, ast.Call) and not re.search(r"\.get\([^()]*\)$", ast.unparse(test)):
        return
    if _reads(scan, test, COOKIE_RIGHT, itself=True):
        yield Match(COOKIE_RULE, test, 0.65)


def _charged(scan: Scan, call: ast.Call) -> Iterator[Match]:
    for given in (*call.args, *(word.value for word in call.keywords)):
        if any(PRICE_FIELD.search(ast.unparse(part)) for part in inside(scan.flow, given) if _is_read(part)):
            yield Match(PRICE_RULE, call, 0.65)
            return


def _is_read(node: ast.expr) -> bool:
    """Whether an expression is one read of a request: the regular expressions look at one, never at a whole text."""
    text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript | ast.Attribute) else ""
    return "request" in text and not isinstance(getattr(node, "func", None), ast.Name)


def _mailed(scan: Scan, call: ast.Call) -> Iterator[Match]:
    scope = scan.module.scope_of(call)
    parts = [
        part for given in (*call.args, *(word.value for word in call.keywords)) for part in inside(scan.flow, given)
    ]
    if not any(_is_read(part) and HOST.search(ast.unparse(part)) for part in parts):
        return
    words = [scope.name] if isinstance(scope, Function) else []
    words += [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    if any(RESETTING.search(word) for word in words):
        yield Match(RESET_RULE, call, 0.7)
