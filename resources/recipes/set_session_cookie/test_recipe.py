import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import CookieRefusedError, read_session_cookie, remove_session_cookie, set_session_cookie

IDENTIFIER = "k3" * 20
OTHER = "zz" * 20


def attributes(header: str) -> set[str]:
    return {part.strip() for part in header.split(";")[1:]}


def test_the_cookie_has_every_flag_and_no_domain() -> None:
    name, header = set_session_cookie(IDENTIFIER)
    assert name == "Set-Cookie"
    assert header.startswith(f"__Host-session={IDENTIFIER}; ")
    assert attributes(header) == {"Max-Age=43200", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"}


def test_removing_it_uses_the_same_attributes() -> None:
    _, header = remove_session_cookie()
    assert header.startswith("__Host-session=; Max-Age=0; ")
    assert {"Path=/", "Secure", "HttpOnly"} <= attributes(header)


@given(st.from_regex(r"[A-Za-z0-9_-]{32,128}", fullmatch=True).filter(str.isascii))
def test_what_was_set_is_read_back(identifier: str) -> None:
    _, header = set_session_cookie(identifier)
    sent = header.split(";")[0]
    assert read_session_cookie(sent) == identifier
    assert read_session_cookie(f"theme=dark; {sent}; lang=en") == identifier


def test_no_cookie_is_no_session() -> None:
    assert read_session_cookie("") is None
    assert read_session_cookie("theme=dark") is None


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "short",
        IDENTIFIER + "; Domain=example.com",
        IDENTIFIER + "\r\nSet-Cookie: admin=1",
        IDENTIFIER + "\n",
        "é" * 40,
        "a" * 129,
    ],
)
def test_attack_a_value_that_adds_attributes_or_headers_is_refused(identifier: str) -> None:
    with pytest.raises(CookieRefusedError):
        set_session_cookie(identifier)


def test_attack_a_second_cookie_planted_by_a_subdomain_ends_in_no_session() -> None:
    assert read_session_cookie(f"__Host-session={OTHER}; __Host-session={IDENTIFIER}") is None


@pytest.mark.parametrize("blank", ["\u2000", "\u00a0", "\x1c", "\x85", "\n"])
def test_attack_a_name_with_another_blank_before_it_is_another_cookie(blank: str) -> None:
    assert read_session_cookie(f"{blank}__Host-session={OTHER}") is None
    assert read_session_cookie(f"{blank}__Host-session={OTHER}; __Host-session={IDENTIFIER}") == IDENTIFIER


@pytest.mark.parametrize(
    "name", ["__host-session", "session", "__Host-session2", '"__Host-session"', "$__Host-session"]
)
def test_attack_a_similar_name_is_not_taken(name: str) -> None:
    assert read_session_cookie(f"{name}={OTHER}") is None
