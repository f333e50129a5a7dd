"""Session cookies without their flags: Secure, HttpOnly, SameSite (CWE-614, CWE-1004, CWE-1275)."""

import ast
import re
from collections.abc import Iterator

from workbench.core.analysis.base import Examined
from workbench.core.analysis.follow import values
from workbench.core.analysis.module import argument, constant, keyword
from workbench.core.analysis.rules import Match, Rule, Scan
from workbench.core.evidence import Severity

TOPIC = "cookies"

SECURE_RULE = Rule(
    "cookie-not-protected", "CWE-614", "Session cookie without the secure flag", Severity.LOW,
    "The browser also sends it over plain HTTP, where it can be read.",
    "Set secure=True, httponly=True and samesite='Lax'.",
)  # fmt: skip
SCRIPT_RULE = Rule(
    "cookie-read-by-scripts", "CWE-1004", "Session cookie that scripts can read", Severity.LOW,
    "A script that gets into the page (XSS) sends it elsewhere, and the session with it.",
    "Set httponly=True.",
)  # fmt: skip
SITE_RULE = Rule(
    "cookie-sent-across-sites", "CWE-1275", "Session cookie is sent with requests from other sites", Severity.LOW,
    "Requests that another site makes in the user's browser carry the session.",
    "Set samesite='Lax', or 'Strict'; keep 'None' for cookies that must work in foreign frames.",
)  # fmt: skip

SESSION_NAME = re.compile(r"(?i)session|token|auth|jwt|remember|(?:^|[-_.])sid$|sessid")
FOR_SCRIPTS = re.compile(r"(?i)csrf|xsrf")
"""A token against forged requests is read by the page's own script, by design."""

SETTINGS: dict[str, tuple[Rule, tuple[object, ...]]] = {
    "SESSION_COOKIE_SECURE": (SECURE_RULE, (False,)),
    "REMEMBER_COOKIE_SECURE": (SECURE_RULE, (False,)),
    "SESSION_COOKIE_HTTPONLY": (SCRIPT_RULE, (False,)),
    "REMEMBER_COOKIE_HTTPONLY": (SCRIPT_RULE, (False,)),
    "SESSION_COOKIE_SAMESITE": (SITE_RULE, ("None", "none")),
}
"""Settings of Flask, Flask-Login and Django by name, with the rule and the values that break it."""


def find(scan: Scan) -> Iterator[Match | Examined]:
    """Cookies set by hand, and the settings that say how a framework sets its own."""
    for call in scan.module.calls:
        if scan.module.dotted(call).rsplit(".", 1)[-1] == "set_cookie":
            yield from _set(scan, call)
        for word in call.keywords:
            yield from _setting(word.arg or "", word.value)
    for node in ast.walk(scan.module.tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _setting(_key(target), node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                yield from _setting(str(constant(key)), value)


def _key(target: ast.expr) -> str:
    return str(constant(target.slice)) if isinstance(target, ast.Subscript) else ast.unparse(target).rsplit(".", 1)[-1]


def _setting(name: str, value: ast.expr) -> Iterator[Match]:
    if name in SETTINGS:
        rule, bad = SETTINGS[name]
        if constant(value) in bad:
            yield Match(rule, value, 0.6)


def _set(scan: Scan, call: ast.Call) -> Iterator[Match]:
    """One finding for a cookie, of the first flag that it lacks; flags handed on with ** are not known."""
    if any(word.arg is None for word in call.keywords):
        return
    secure, httponly, samesite = (constant(keyword(call, flag)) for flag in ("secure", "httponly", "samesite"))
    session, for_scripts = _is_session(scan, call)
    if secure is False:
        yield Match(SECURE_RULE, call, 0.7, severity=Severity.MEDIUM)
    elif keyword(call, "secure") is None and session:
        yield Match(SECURE_RULE, call, 0.5)
    elif httponly is False and session and not for_scripts:
        yield Match(SCRIPT_RULE, call, 0.75, severity=Severity.MEDIUM)
    elif keyword(call, "httponly") is None and session and not for_scripts:
        yield Match(SCRIPT_RULE, call, 0.6)
    elif str(samesite).lower() == "none" and samesite is not None and session:
        yield Match(SITE_RULE, call, 0.5)


def _is_session(scan: Scan, call: ast.Call) -> tuple[bool, bool]:
    """Whether the cookie's name is one of a session, and one of a token that scripts must read."""
    given = argument(call, 0, "key", "name")
    names = [str(constant(value)) for value in values(scan.flow, given)] if given is not None else []
    return any(SESSION_NAME.search(name) for name in names), any(FOR_SCRIPTS.search(name) for name in names)
