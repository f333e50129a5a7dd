import json
import logging
import sqlite3

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from .recipe import TITLE, PublicError, hide_error

LOG = logging.getLogger("hide_error")


def failed(error: BaseException) -> tuple[int, dict[str, object]]:
    try:
        raise error
    except type(error) as raised:
        status, headers, body = hide_error(raised, LOG)
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    return status, json.loads(body)


def test_a_foreseen_error_is_told_in_its_own_words() -> None:
    status, body = failed(PublicError(404, "There is no such invoice."))
    assert (status, body["title"], body["status"]) == (404, "There is no such invoice.", 404)


def test_the_id_leads_to_the_details_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _, body = failed(KeyError("secret detail"))
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert str(body["id"]) in record.getMessage()
    assert "secret detail" in caplog.text
    assert "Traceback" in caplog.text


def test_a_foreseen_error_has_a_status_of_the_callers_fault() -> None:
    for status in (200, 302, 500):
        with pytest.raises(ValueError, match="400 to 499"):
            PublicError(status, "x")


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError('near "FROM": syntax error in SELECT password FROM users'),
        FileNotFoundError(2, "No such file", "/srv/app/config/secrets.yaml"),
        ValueError("postgresql://app:hunter2@10.0.0.5/db"),
        AssertionError("x"),
        UnicodeDecodeError("utf-8", b"hunter2", 0, 1, "bad"),
    ],
)
def test_attack_the_caller_learns_nothing_of_an_unforeseen_error(error: Exception) -> None:
    status, body = failed(error)
    assert (status, body["title"]) == (500, TITLE)
    assert set(body) == {"type", "title", "status", "id"}
    assert not any(word in json.dumps(body) for word in ("SELECT", "/srv", "hunter2", "Error", "line"))


def test_attack_the_cause_of_a_foreseen_error_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        try:
            try:
                raise KeyError("inner secret")
            except KeyError as cause:
                raise PublicError(400, "This is no valid order.") from cause
        except PublicError as error:
            _, _, body = hide_error(error, LOG)
    assert b"inner secret" not in body
    assert "inner secret" in caplog.text


def test_attack_an_error_that_cannot_be_printed_is_answered_too() -> None:
    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    assert failed(UnprintableError())[0] == 500


def test_attack_ids_cannot_be_guessed() -> None:
    ids = {str(failed(KeyError())[1]["id"]) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(identifier) == 16 for identifier in ids)


@given(st.text())
def test_attack_no_text_of_an_error_comes_out(text: str) -> None:
    secret = f"<<{text}>>"
    assert json.dumps(secret)[1:-1] not in json.dumps(failed(ValueError(secret))[1])


def test_attack_in_flask_nothing_gets_out_either() -> None:
    app = Flask(__name__)

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        status, headers, body = hide_error(error, LOG)
        return Response(body, status, headers)

    @app.route("/")
    def broken() -> str:
        raise ValueError("hunter2")

    reply = app.test_client().get("/")
    assert reply.status_code == 500
    assert "hunter2" not in reply.text
    assert reply.json is not None
    assert reply.json["title"] == TITLE
