import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import ForgedRequestError, check_csrf, issue_csrf_token

SECRET = b"s" * 32
OURS = "https://app.example.com"


@given(st.text(min_size=1))
def test_our_own_page_may_post(session: str) -> None:
    token = issue_csrf_token(session, SECRET)
    check_csrf("POST", OURS, session, token, SECRET)
    check_csrf("DELETE", None, session, token, SECRET)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_token(method: str) -> None:
    check_csrf(method, "https://evil.example", "", None, SECRET)


def test_every_token_looks_different() -> None:
    assert len({issue_csrf_token("session", SECRET) for _ in range(50)}) == 50


@pytest.mark.parametrize("token", [None, "", ".", "x", "a.b", "é.ü", "\ud800.\ud800", "0" * 10_000])
def test_attack_a_request_without_a_token_of_ours_is_refused(token: str | None) -> None:
    with pytest.raises(ForgedRequestError):
        check_csrf("POST", OURS, "session", token, SECRET)


def test_attack_the_token_of_the_attackers_own_session_does_not_fit_another() -> None:
    token = issue_csrf_token("attacker", SECRET)
    with pytest.raises(ForgedRequestError, match="this session"):
        check_csrf("POST", OURS, "victim", token, SECRET)


def test_attack_session_and_nonce_cannot_be_shifted_into_each_other() -> None:
    nonce, _, mac = issue_csrf_token("victim:1", SECRET).partition(".")
    with pytest.raises(ForgedRequestError):
        check_csrf("POST", OURS, "victim", f"1:{nonce}.{mac}", SECRET)


def test_attack_an_empty_session_has_no_token() -> None:
    token = issue_csrf_token("", SECRET)
    with pytest.raises(ForgedRequestError, match="no token"):
        check_csrf("POST", OURS, "", token, SECRET)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://app.example.com", "https://app.example.com.evil.example"],
)
def test_attack_another_origin_is_refused_even_with_the_token(origin: str) -> None:
    token = issue_csrf_token("session", SECRET)
    with pytest.raises(ForgedRequestError, match="another site"):
        check_csrf("POST", origin, "session", token, SECRET)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "get", "TRACE", "PURGE"])
def test_attack_every_method_that_is_not_known_to_be_safe_needs_a_token(method: str) -> None:
    with pytest.raises(ForgedRequestError):
        check_csrf(method, OURS, "session", None, SECRET)


def test_a_short_secret_is_a_mistake_of_the_server() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        issue_csrf_token("session", b"secret")
