"""Secrets compared with `==`, which takes the longer the more of the guess is right (CWE-208)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.flow import strongest
from workbench.core.analysis.follow import last_word, values
from workbench.core.analysis.module import Function
from workbench.core.analysis.origins import Origin
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "comparison"

MAC_RULE = Rule(
    "signature-compared-in-steps", "CWE-208", "Signature is compared with ==", Severity.MEDIUM,
    "The comparison stops at the first byte that differs; who measures the time finds the right value byte by byte.",
    "Compare with hmac.compare_digest().",
)  # fmt: skip
SECRET_RULE = Rule(
    "secret-compared-in-steps", "CWE-208", "Secret is compared with ==", Severity.LOW,
    "The comparison stops at the first byte that differs, so its time tells how much of a guess is right.",
    "Compare with hmac.compare_digest() (or secrets.compare_digest()).",
)  # fmt: skip

MAC_CALLS = frozenset({"hmac.new", "hmac.digest", "hmac.HMAC", "cryptography.hazmat.primitives.hmac.HMAC"})
MAX_FORMS = 12
"""Changes of form followed from a value to the call that made it."""

SECRET_NAME = re.compile(
    r"(?i)(?:^|_)(?:hmac|signature|api_?key|api_?secret|client_?secret|shared_?secret|webhook_?secret|otp|"
    r"password_?hash|(?:access|auth|csrf|xsrf|session|reset|bearer|refresh|api|verification|webhook|admin)_?token)$"
)
SECURITY_MODULES = frozenset({
    "hmac", "secrets", "hashlib", "jwt", "flask", "django", "fastapi", "starlette", "aiohttp", "tornado", "bottle",
    "sanic", "quart", "falcon", "pyramid", "cryptography", "rest_framework",
})  # fmt: skip
"""Modules of which one is imported, or a request read, where a word such as `signature` means a secret."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Comparisons of two values of which one is a secret."""
    for node in ast.walk(scan.module.tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq) or len(node.ops) > 1:
            continue
        sides = (node.left, node.comparators[0])
        if any(_is_fixed(side) for side in sides) or _is_no_check(scan, node):
            continue
        if any(_is_mac(scan, side) for side in sides):
            yield Match(MAC_RULE, node, 0.85)
        else:
            yield from _named(scan, node, sides)


def _named(scan: Scan, node: ast.Compare, sides: tuple[ast.expr, ast.expr]) -> Iterator[Match]:
    """A value named as a secret against another one; two that the client sent are no secret to him."""
    word = next((last_word(side) for side in sides if SECRET_NAME.search(last_word(side))), "")
    if not word:
        return
    origins = [strongest(scan.flow.atoms(side)) for side in sides]
    outside = origins.count(Origin.REQUEST)
    given = outside == 1 or (outside == 0 and Origin.PARAMETER in origins and scan.module.imported & SECURITY_MODULES)
    if given:
        yield Match(SECRET_RULE, node, 0.6 if outside else 0.45, f"`{word}` is compared")


def _is_no_check(scan: Scan, node: ast.Compare) -> bool:
    """Whether a test of the program itself compares, or an object with another of its kind."""
    scope = scan.module.scope_of(node)
    equality = isinstance(scope, Function) and scope.name in {"__eq__", "__ne__"}
    return equality or isinstance(scan.module.statement_of(node), ast.Assert)


def _is_fixed(node: ast.expr) -> bool:
    """Whether one side is a literal, or a member of an enumeration: a parser's token, not a secret."""
    if isinstance(node, ast.Attribute) and node.attr.isupper():
        return isinstance(node.value, ast.Name) and node.value.id[:1].isupper() and not node.value.id.isupper()
    return isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set)


def _is_mac(scan: Scan, node: ast.expr) -> bool:
    """Whether a value is what a keyed hash gives, through names and through changes of its form."""
    for value in values(scan.flow, node):
        inner: ast.expr = value
        for _ in range(MAX_FORMS):
            if not isinstance(inner, ast.Call | ast.Attribute | ast.BinOp):
                break
            if isinstance(inner, ast.Call) and scan.module.dotted(inner) in MAC_CALLS:
                return True
            inner = _within(scan, inner)
    return False


def _within(scan: Scan, node: ast.Call | ast.Attribute | ast.BinOp) -> ast.expr:
    """What a form of a value was made from: the receiver of a method, the argument of an encoder, the right side."""
    if isinstance(node, ast.BinOp):
        return node.right
    if isinstance(node, ast.Attribute):
        return values(scan.flow, node.value)[0]
    last = scan.module.dotted(node).rsplit(".", 1)[-1]
    if last in {"b64encode", "urlsafe_b64encode", "hexlify", "str", "bytes"} and node.args:
        return values(scan.flow, node.args[0])[0]
    return node.func
