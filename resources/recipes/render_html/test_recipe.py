from html.parser import HTMLParser

import jinja2
import pytest

from .recipe import render_page, web_address


class Seen(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def comment(text: str = "hello", link: str = "https://example.org/", author: str = "Ann") -> dict[str, str]:
    return {"text": text, "link": link, "author": author}


def test_text_is_shown_as_it_was_written() -> None:
    seen = Seen(render_page("5 < 6 & 7", [comment(text='"quoted" <b>')]))
    assert "5 < 6 & 7" in seen.text
    assert '"quoted" <b>' in seen.text
    assert seen.links == ["https://example.org/"]


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>']
)
def test_attack_markup_in_any_value_stays_text(attack: str) -> None:
    plain = Seen(render_page("t", [comment()], data="d"))
    seen = Seen(render_page(attack, [comment(text=attack, author=attack)], data=attack))
    assert seen.tags == plain.tags
    assert seen.attributes == plain.attributes


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "//evil",
        "http:",
        "http://[",
    ],
)
def test_attack_a_link_that_runs_script_leads_nowhere(link: str) -> None:
    assert Seen(render_page("t", [comment(link=link)])).links == ["#"]


def test_attack_a_quote_in_a_link_opens_no_new_attribute() -> None:
    seen = Seen(render_page("t", [comment(link='https://example.org/" onclick="alert(1)')]))
    assert "onclick" not in seen.attributes


def test_attack_data_cannot_end_the_script_element() -> None:
    page = render_page("t", [], data={"name": "</script><script>alert(1)</script>"})
    assert page.count("</script>") == 1


def test_attack_template_syntax_in_a_value_is_not_run() -> None:
    assert "{{ 7 * 7 }}" in Seen(render_page("{{ 7 * 7 }}", [])).text


def test_a_comment_with_a_part_missing_is_an_error_not_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_page("t", [{"text": "x", "author": "y"}])


def test_plain_web_addresses_are_kept() -> None:
    assert web_address(" https://example.org/a?b=c ") == "https://example.org/a?b=c"
