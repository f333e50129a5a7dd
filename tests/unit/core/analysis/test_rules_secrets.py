"""Rules about secrets: how they are compared, kept in cookies, encrypted, sent and shown."""

import pytest

from tests.unit.core.analysis.looking import findings_of, rules_of
from workbench.core.evidence import Severity

FLASK = "from flask import request, session, abort\n"

REPORTED: dict[str, list[str]] = {
    "signature-compared-in-steps": [
        "import hmac\ndef f(k, b, s):\n    return hmac.new(k, b, 'sha256').hexdigest() == s",
        "import hmac\ndef f(k, b, s):\n    w = hmac.new(k, b, 'sha256')\n    if w.hexdigest() != s:\n        raise E",
        "import hmac\ndef f(k, b, s):\n    w = 'sha256=' + hmac.new(k, b, 'sha256').hexdigest()\n    return s == w",
        "import base64, hmac\nclass A:\n    async def f(self, b, s):\n"
        "        want = base64.b64encode(hmac.digest(self.key, b, 'sha1')).decode()\n        return want == s",
    ],
    "secret-compared-in-steps": [
        FLASK + "def f():\n    if request.headers.get('X-Api-Key') != API_KEY:\n        abort(401)",
        FLASK + "def f():\n    return request.form['csrf_token'] == session['csrf_token']",
        "import secrets\ndef f(api_key, known):\n    return api_key == known",
        FLASK + "def f(user):\n    given = request.args['token']\n    return user.reset_token == given",
    ],
    "cookie-read-by-scripts": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True)",
        "def f(r):\n    r.set_cookie(key='auth', value=new(), secure=True, httponly=False)",
        "NAME = 'sid'\ndef f(r):\n    r.set_cookie(NAME, new(), secure=True, samesite='Lax')",
        "SESSION_COOKIE_HTTPONLY = False",
        "app.config['SESSION_COOKIE_HTTPONLY'] = False",
        "app.config.update(SESSION_COOKIE_HTTPONLY=False)",
    ],
    "cookie-sent-across-sites": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True, samesite='None')",
        "SESSION_COOKIE_SAMESITE = 'None'",
        "app.config.from_mapping({'SESSION_COOKIE_SAMESITE': 'None'})",
    ],
    "cookie-not-protected": [
        "def f(r):\n    r.set_cookie('session_id', new())", "SESSION_COOKIE_SECURE = False",
    ],
}  # fmt: skip

NOT_REPORTED: dict[str, list[str]] = {
    "signature-compared-in-steps": [
        "import hmac\ndef f(k, b, s):\n    return hmac.compare_digest(hmac.new(k, b, 'sha256').hexdigest(), s)",
        "import hashlib\ndef f(b, s):\n    return hashlib.sha256(b).hexdigest() == s",
        "import hmac\ndef test_f():\n    assert hmac.new(b'k', b'b', 'sha256').hexdigest() == expected",
        "import hmac\ndef f(k):\n    return len(hmac.new(k).digest()) == 32",
        "x = x.y\ndef f(s):\n    return x.z == s",
    ],
    "secret-compared-in-steps": [
        FLASK + "def f():\n    return request.form['reset_token'] == ''",
        FLASK + "def f():\n    return request.form['password'] == request.form['password_again']",
        "import inspect\ndef f(signature, other):\n    return signature == other.signature",
        "def f(token):\n    return token == Token.NAME",
        "import hmac\ndef f(api_key, known):\n    return hmac.compare_digest(api_key, known)",
        FLASK + "def f():\n    return request.args['page'] == PAGE",
    ],
    "cookie-read-by-scripts": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True)",
        "def f(r):\n    r.set_cookie('theme', 'dark', secure=True)",
        "def f(r):\n    r.set_cookie('csrf_token', new(), secure=True)",
        "def f(r):\n    r.set_cookie('session_id', new(), **FLAGS)",
        "SESSION_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = False",
    ],
    "cookie-sent-across-sites": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True, httponly=True, samesite='Lax')",
        "def f(r):\n    r.set_cookie('widget', new(), secure=True, httponly=True, samesite='None')",
        "SESSION_COOKIE_SAMESITE = 'Lax'",
    ],
    "cookie-not-protected": [
        "def f(r):\n    r.set_cookie('session_id', new(), secure=True)", "SESSION_COOKIE_SECURE = not DEBUG",
    ],
}  # fmt: skip


def cases(examples: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(rule, code) for rule, codes in examples.items() for code in codes]


@pytest.mark.parametrize(("rule", "code"), cases(REPORTED))
def test_it_is_reported(rule: str, code: str) -> None:
    assert rule in rules_of(code)


@pytest.mark.parametrize(("rule", "code"), cases(NOT_REPORTED))
def test_the_safe_form_is_not(rule: str, code: str) -> None:
    assert rule not in rules_of(code)


def test_a_cookie_without_any_flag_is_told_once() -> None:
    (finding,) = findings_of("def f(r):\n    r.set_cookie('session_id', new())")
    assert finding.severity is Severity.LOW
