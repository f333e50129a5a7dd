from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import ATTRIBUTES, MAX_CHARACTERS, TAGS, TextTooLongError, clean_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' \x01javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<p onclick=alert(1)>x</p>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<form action=/pay><input name=x></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<<script>script>alert(1)<</script>/script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<b/onmouseover=alert(1)>x",
    "<a href='//evil.example' id=x name=cookie class=admin>x</a>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
]


FORBIDDEN = {"script", "style", "img", "svg", "math", "iframe", "form", "input", "base", "meta", "object", "video"}


class Reader(HTMLParser):
    """Notes each tag and attribute as a browser would see it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Reader(html).found:
        assert tag in TAGS
        assert tag not in FORBIDDEN
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:"))


def test_formatting_is_kept() -> None:
    html = "<h2>Plan</h2><p>We <b>write</b> <em>it</em>.</p><ul><li>one</li></ul><pre><code>x &lt; 1</code></pre>"
    assert clean_html(html) == html
    assert clean_html('<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>').count("colspan") == 1


def test_a_link_is_kept_and_gets_no_hold_on_us() -> None:
    clean = clean_html('<a href="https://example.org/?a=1&amp;b=2" target="_blank">x</a>')
    assert clean == '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow ugc">x</a>'


def test_text_of_unknown_tags_stays_and_of_scripts_goes() -> None:
    assert clean_html("<blink>hello</blink><script>x</script><style>y</style><!-- z -->") == "hello"


@pytest.mark.parametrize("html", ATTACKS)
def test_attack_no_code_gets_through(html: str) -> None:
    clean = clean_html(html)
    assert_harmless(clean)
    assert_harmless(clean_html(f"<p>{html}</p><table>{html}"))


@pytest.mark.parametrize("href", ["/logout", "//evil.example", "?next=x", "#x", "ftp://example.org", "tel:123"])
def test_attack_links_into_our_own_site_or_to_other_schemes_lose_their_target(href: str) -> None:
    assert "href" not in clean_html(f'<a href="{href}">x</a>')


def test_attack_names_that_shadow_our_page_are_dropped() -> None:
    assert (
        clean_html('<a id="login" name="cookie" class="button">x</a>')
        == f'<a rel="{"noopener noreferrer nofollow ugc"}">x</a>'
    )


def test_attack_an_endless_or_deep_text_is_bounded() -> None:
    with pytest.raises(TextTooLongError):
        clean_html("x" * (MAX_CHARACTERS + 1))
    assert_harmless(clean_html("<b>" * 2_000))


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "<p>", "</p>", "<a href='", "'>", "<!--", "-->", "&lt;", "\ud800", "\0"])
        | st.text(max_size=5),
        max_size=6,
    )
)
def test_attack_any_mixture_is_harmless_and_cleaning_again_changes_nothing_dangerous(parts: list[str]) -> None:
    clean = clean_html("".join(parts))
    assert_harmless(clean)
    assert_harmless(clean_html(clean))


def test_attack_no_attribute_stays_that_is_not_listed_for_its_tag() -> None:
    assert clean_html("<p title='</noscript><img src=x>' lang=x>a</p>") == "<p>a</p>"
