import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import ORIGINS, OriginsError, allow_origin, answer_preflight

OURS = "https://app.example.com"
REFUSED = [
    "null",
    "*",
    "",
    "http://app.example.com",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "https://app-example.com",
    "https://appxexample.com",
    "https://app.example.com:8443",
    "https://app.example.com/",
    "https://APP.example.com",
    "https://app.example.com https://evil.example",
    "https://app.example.com\r\nSet-Cookie: a=b",
    "https://sub.app.example.com",
    "https://example.com",
]


def test_an_origin_in_the_list_may_read() -> None:
    assert allow_origin(OURS) == [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", OURS),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    assert dict(allow_origin("https://admin.example.com:8443"))["Vary"] == "Origin"


def test_without_credentials_none_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "CREDENTIALS", False)
    assert "Access-Control-Allow-Credentials" not in dict(allow_origin(OURS))


def test_a_question_beforehand_is_answered() -> None:
    status, headers = answer_preflight(OURS, "PUT", "Content-Type, X-CSRF-Token")
    assert status == 204
    told = dict(headers)
    assert told["Access-Control-Allow-Origin"] == OURS
    assert "PUT" in told["Access-Control-Allow-Methods"]
    assert told["Access-Control-Max-Age"] == "600"
    assert answer_preflight(OURS, "GET", "")[0] == 204


@pytest.mark.parametrize("origin", [None, *REFUSED])
def test_attack_any_other_origin_gets_nothing_but_vary(origin: str | None) -> None:
    assert allow_origin(origin) == [("Vary", "Origin")]
    assert answer_preflight(origin, "PUT", "") == (403, [("Vary", "Origin")])


@given(
    st.text() | st.sampled_from(sorted(ORIGINS)).flatmap(lambda ours: st.text(max_size=3).map(lambda more: ours + more))
)
def test_attack_what_is_allowed_is_in_the_list_letter_by_letter(origin: str) -> None:
    allowed = dict(allow_origin(origin)).get("Access-Control-Allow-Origin")
    assert allowed == (origin if origin in ORIGINS else None)


@pytest.mark.parametrize(
    ("method", "asked"), [("PATCH", ""), ("put", ""), ("GET", "x-admin"), ("GET", "content-type,x-y")]
)
def test_attack_a_method_or_header_that_is_not_listed_is_refused(method: str, asked: str) -> None:
    assert answer_preflight(OURS, method, asked) == (403, [("Vary", "Origin")])


@pytest.mark.parametrize(
    "entry", ["*", "null", "https://*.example.com", "https://a.com/", "a.com", "https://A.com", ""]
)
def test_attack_a_list_that_lets_everybody_in_is_a_mistake(entry: str) -> None:
    with pytest.raises(OriginsError, match="no origin"):
        allow_origin(entry, [OURS, entry])


def test_attack_an_origin_in_clear_is_not_for_the_list_but_this_machine_is() -> None:
    with pytest.raises(OriginsError):
        allow_origin("http://intranet.example.com", {"http://intranet.example.com"})
    assert len(allow_origin("http://localhost:3000", {"http://localhost:3000"})) > 1
