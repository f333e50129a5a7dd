import re
from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from flask import Flask, request

from .recipe import HEADERS, NONCE, add_security_headers


def page(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Server", "x/1.2"), ("X-Powered-By", "Python/3.11")])
    return [f'<script nonce="{environ[NONCE]}">1</script>'.encode()]


def asked(app: Any, path: str = "/") -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and body, with both sides checked against PEP 3333."""
    answer: list[Any] = []
    environ: dict[str, Any] = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": ""}
    setup_testing_defaults(environ)

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        answer[:] = [status, headers]
        return lambda _: None

    result = validator(add_security_headers(app))(environ, start)
    try:
        body = b"".join(result)
    finally:
        result.close()
    return answer[0], answer[1], body


def header(headers: list[tuple[str, str]], name: str) -> str:
    values = [value for given, value in headers if given.lower() == name.lower()]
    assert len(values) == 1, f"{name}: {values}"
    return values[0]


def test_every_header_is_there_once() -> None:
    status, headers, _ = asked(page)
    assert status == "200 OK"
    for name, value in HEADERS.items():
        assert header(headers, name) == value
    assert header(headers, "Content-Type") == "text/html"


def test_a_view_that_sets_a_header_keeps_its_own() -> None:
    def own(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("content-security-policy", "sandbox"), ("Content-Type", "text/html")])
        return [b""]

    _, headers, _ = asked(own)
    assert header(headers, "Content-Security-Policy") == "sandbox"


def test_attack_only_scripts_with_the_nonce_of_this_answer_run() -> None:
    seen = set()
    for _ in range(20):
        _, headers, body = asked(page)
        policy = header(headers, "Content-Security-Policy")
        found = re.search(r"script-src 'nonce-([\w-]{22})' 'strict-dynamic'", policy)
        assert found
        assert f'nonce="{found[1]}"' in body.decode()
        assert "unsafe" not in policy
        assert "{" not in policy
        seen.add(found[1])
    assert len(seen) == 20


def test_attack_nobody_frames_the_page_or_changes_its_base() -> None:
    policy = header(asked(page)[1], "Content-Security-Policy")
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"):
        assert part in policy.split("; ")


def test_attack_the_version_is_not_told() -> None:
    names = {name.lower() for name, _ in asked(page)[1]}
    assert not names & {"server", "x-powered-by"}


@pytest.mark.parametrize(
    ("path", "status"), [("/", "200 OK"), ("/nothing", "404 NOT FOUND"), ("/broken", "500 INTERNAL SERVER ERROR")]
)
def test_attack_flasks_error_pages_have_them_too(path: str, status: str) -> None:
    flask = Flask(__name__)
    flask.logger.disabled = True

    @flask.route("/")
    def home() -> str:
        return str(request.environ[NONCE])

    @flask.route("/broken")
    def broken() -> str:
        raise KeyError

    told, headers, _ = asked(flask.wsgi_app, path)
    assert told == status
    assert header(headers, "X-Content-Type-Options") == "nosniff"
    assert "frame-ancestors 'none'" in header(headers, "Content-Security-Policy")
