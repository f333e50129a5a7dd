import io
import logging
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import HIDDEN, RedactingFilter, redact_logs

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger("recipes.redact_logs")
    found.propagate, found.level = False, logging.DEBUG
    found.addHandler(logging.StreamHandler(io.StringIO()))
    redact_logs(found, known=["s3cr3t value/1"])
    yield found
    found.handlers.clear()


def written(logger: logging.Logger) -> str:
    handler = logger.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    return str(handler.stream.getvalue())


def redact(text: str) -> str:
    return RedactingFilter().redact(text)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=hunter2", "hunter2"),
        ("user=bob&passwd=hunter2&x=1", "hunter2"),
        ("{'db_password': 'hunter 2, too', 'user': 'bob'}", "hunter 2"),
        ('{"apiKey": "abc123", "n": 1}', "abc123"),
        ("Authorization: Bearer abc.def-ghi", "abc.def"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcj"),
        ("sent bearer abcdef to host", "abcdef"),
        ("Cookie: lang=en; session=abc123", "abc123"),
        (f"got {JWT} from client", "eyJzdWIi"),
        ("postgresql://app:hunter2@db/x", "hunter2"),
        ("key AKIAABCDEFGHIJKLMNOP leaked", "AKIAABCD"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEcut", "MIIE"),
        (f"card {CARD} declined", "1111"),
        ("pan=4111111111111111", "1111111"),
        ("new_password => hunter2", "hunter2"),
    ],
)
def test_attack_a_secret_does_not_reach_the_log(text: str, secret: str) -> None:
    cleaned = redact(text)
    assert secret not in cleaned
    assert HIDDEN in cleaned


@pytest.mark.parametrize(
    "text",
    ["user bob logged in from 10.0.0.1", "order 4111111111111112 shipped", "took 12.5 s", "https://example.org/a?b=c"],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    once = redact("Cookie: a=b; c=d password='x y' token=abc Authorization: Bearer abc")
    assert redact(once) == once


def test_the_rest_of_a_line_stays_readable() -> None:
    assert redact("login user=bob password=x from=10.0.0.1") == f"login user=bob password={HIDDEN} from=10.0.0.1"
    assert redact("{'token': 'x', 'user': 'bob'}") == f"{{'token': {HIDDEN}, 'user': 'bob'}}"


def test_attack_arguments_are_redacted(logger: logging.Logger) -> None:
    logger.info("login with %s", {"password": "hunter2"})
    logger.info("token=%s for %d", "abc", 3)
    assert "hunter2" not in written(logger)
    assert "abc" not in written(logger)
    assert "for 3" in written(logger)


def test_attack_a_traceback_is_redacted_and_not_kept_for_other_handlers(logger: logging.Logger) -> None:
    seen: list[logging.LogRecord] = []
    logger.handlers[0].addFilter(lambda record: seen.append(record) or True)
    try:
        raise ValueError("cannot connect to postgresql://app:hunter2@db")
    except ValueError:
        logger.exception("it failed", stack_info=True)
    assert "hunter2" not in written(logger)
    assert "ValueError" in written(logger)
    assert seen[0].exc_info is None


def test_attack_known_secrets_are_hidden_wherever_they_are(logger: logging.Logger) -> None:
    logger.info("GET /?q=s3cr3t%20value%2F1 and s3cr3t value/1")
    assert written(logger) == f"GET /?q={HIDDEN} and {HIDDEN}\n"


def test_attack_a_child_logger_is_covered(logger: logging.Logger) -> None:
    logger.getChild("below").info("password=hunter2")
    assert "hunter2" not in written(logger)


def test_attack_extra_fields_are_redacted(logger: logging.Logger) -> None:
    seen: list[logging.LogRecord] = []
    logger.handlers[0].addFilter(lambda record: seen.append(record) or True)
    request = {"headers": ["Cookie: a=b; c=d"], "api_key": 5, "size": 1.5, "card": 4111111111111111}
    logger.info("x", extra={"password": "hunter2", "request": request})
    assert vars(seen[0])["password"] == HIDDEN
    hidden = {"headers": [f"Cookie: {HIDDEN}"], "api_key": HIDDEN, "size": 1.5, "card": HIDDEN}
    assert vars(seen[0])["request"] == hidden


def test_attack_arguments_that_do_not_fit_are_not_printed_by_the_handler(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.info("no place for it", "hunter2")
    assert "hunter2" not in written(logger) + capsys.readouterr().err
    assert "do not fit" in written(logger)


@pytest.mark.parametrize("text", ["a-" * 50_000, "://" * 30_000, "password" * 10_000, "1 " * 50_000, "'" * 90_000])
def test_attack_a_long_line_costs_little(text: str) -> None:
    begin = time.process_time()
    redact(text)
    assert time.process_time() - begin < 2


@given(st.text(alphabet="abcXYZ019", min_size=1, max_size=30))
def test_whatever_a_password_is_called_and_quoted_it_is_hidden(value: str) -> None:
    for text in (f"password={value}", f'"password": "{value}"', f"PASSWORD: {value}", f"'user_password':'{value}'"):
        assert redact(text).split("assword")[-1].lower().find(value.lower()) == -1 or value.lower() in HIDDEN


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('{"password": "ab\\"cdefgh"}', "cdefgh"),
        ("password='ab\\'cdefgh'", "cdefgh"),
        ("Authorization: Token abcdefgh", "abcdefgh"),
        ('Proxy-Authorization: Digest username="x", response="beefbeef"', "beefbeef"),
        ("postgres://u:p@ssword@host/db", "ssword"),
        ("AWS_ACCESS_KEY=abcdefgh", "abcdefgh"),
        ("credentials: abcdefgh", "abcdefgh"),
    ],
)
def test_attack_the_rest_of_a_secret_does_not_stay(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_attack_many_beginnings_of_a_token_take_no_time() -> None:
    begin = time.perf_counter()
    redact("-eyJ" * 10_000)
    assert time.perf_counter() - begin < 0.3
