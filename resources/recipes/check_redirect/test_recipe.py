import pytest

from .recipe import HOME, redirect_target


@pytest.mark.parametrize("target", ["/account", "/a/b?next=/c&x=1#top", "/search?q=https://example.org/"])
def test_a_path_on_this_site_is_kept(target: str) -> None:
    assert redirect_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\/evil.example/",
        "/\t/evil.example/",
        "\t//evil.example",
        " https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_attack_a_target_on_another_host_leads_home(target: str) -> None:
    assert redirect_target(target) == HOME


def test_attack_a_line_break_cannot_add_a_header() -> None:
    assert redirect_target("/a\r\nSet-Cookie: session=evil") == HOME


def test_attack_what_no_header_can_hold_is_encoded() -> None:
    assert redirect_target("/\u00fcber?q=\u2028") == "/%C3%BCber?q=%E2%80%A8"
    assert redirect_target("/\ud800").isascii()
    assert redirect_target("/a%20b?x=%2F") == "/a%20b?x=%2F"
