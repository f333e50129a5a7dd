from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import HOSTS, WrongHostError, check_host, link_for_mail


def test_our_own_names_are_taken() -> None:
    assert check_host(["app.example.com"]) == "app.example.com"
    assert check_host(["APP.Example.com "]) == "app.example.com"
    assert check_host(["kiosk.example.com:8443"]) == "kiosk.example.com:8443"
    assert check_host(["other.example"], {"other.example"}) == "other.example"


def test_a_link_leads_to_us_with_its_token() -> None:
    link = link_for_mail("app.example.com", "/reset", token="a+b&c=d#e")
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "app.example.com", "/reset")
    assert parse_qs(parts.query) == {"token": ["a+b&c=d#e"]}
    assert link_for_mail("app.example.com", "/help") == "https://app.example.com/help"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "app.example.com.evil.example",
        "app.example.com.",
        "app.example.com:443@evil.example",
        "app.example.com@evil.example",
        "evil.example#app.example.com",
        "evil.example/app.example.com",
        "app.example.com:8443",
        "kiosk.example.com",
        "app.example.com, evil.example",
        "app.example.com evil.example",
        "app.example.com\r\nX: y",
        "sub.app.example.com",
        "127.0.0.1",
        "",
    ],
)
def test_attack_another_host_is_refused(host: str) -> None:
    with pytest.raises(WrongHostError, match="another host"):
        check_host([host])


@pytest.mark.parametrize("named", [[], ["app.example.com", "evil.example"], ["evil.example", "app.example.com"]])
def test_attack_no_or_two_hosts_are_refused(named: list[str]) -> None:
    with pytest.raises(WrongHostError, match="exactly one"):
        check_host(named)


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "@evil.example", ".evil.example", "/\\evil.example", "\\\\evil", ""]
)
def test_attack_a_path_cannot_change_the_host(path: str) -> None:
    with pytest.raises(WrongHostError, match="path"):
        link_for_mail("app.example.com", path, token="x")


@given(st.text(), st.text())
def test_every_link_leads_to_us(host: str, token: str) -> None:
    try:
        checked = check_host([host])
    except WrongHostError:
        checked = "app.example.com"
    token = token.encode("utf-8", "replace").decode()
    assert urlsplit(link_for_mail(checked, "/reset", token=token)).netloc in HOSTS


@pytest.mark.parametrize("host", ["", "example.com", "a"])
def test_attack_a_list_given_as_one_text_takes_no_part_of_it(host: str) -> None:
    with pytest.raises((WrongHostError, TypeError)):
        check_host([host], "app.example.com")
