import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import XPathRefusedError, query_xpath, read_document

DOCUMENT = read_document(
    b"""<users>
    <user name="alice" active="true"><mail>alice@example.org</mail><password>secret</password></user>
    <user name="bob" active="false"><mail>bob@example.org</mail></user>
    <user name="o'neil &quot;x&quot;" active="true"><mail>neil@example.org</mail></user>
    <user name="" active="true"><mail>nobody@example.org</mail></user>
    </users>"""
)


def test_a_user_is_found_by_the_exact_name() -> None:
    assert query_xpath(DOCUMENT, "alice") == ["alice@example.org"]
    assert query_xpath(DOCUMENT, "bob") == []
    assert query_xpath(DOCUMENT, 'o\'neil "x"') == ["neil@example.org"]


@pytest.mark.parametrize(
    "name",
    [
        "' or '1'='1",
        "' or 1=1 or 'a'='a",
        "alice' and string-length(../password)>3 or '",
        "'] | //password/text() | /users/user[@name='",
        '" or "1"="1',
        "$name",
        "//user",
        "*",
    ],
)
def test_attack_a_name_cannot_change_the_question(name: str) -> None:
    assert query_xpath(DOCUMENT, name) == []


@given(st.text(max_size=20))
def test_whatever_the_name_only_that_user_is_found(name: str) -> None:
    try:
        found = query_xpath(DOCUMENT, name)
    except XPathRefusedError:
        return
    assert found == {"alice": ["alice@example.org"], "": ["nobody@example.org"]}.get(name, [])


@pytest.mark.parametrize("name", [True, 1, None, ["alice"], DOCUMENT])
def test_attack_a_value_that_is_no_text_is_refused(name: object) -> None:
    with pytest.raises(XPathRefusedError, match="text"):
        query_xpath(DOCUMENT, name)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a" * 201, "a\0b", "\x1b", "\ud800"])
def test_attack_long_and_impossible_values_are_refused(name: str) -> None:
    with pytest.raises(XPathRefusedError):
        query_xpath(DOCUMENT, name)


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><users><user>&x;</user></users>',
        b"<!DOCTYPE u><users/>",
        b"<users>",
        b"",
    ],
)
def test_attack_a_document_with_a_type_or_errors_is_refused(document: bytes) -> None:
    with pytest.raises(XPathRefusedError):
        read_document(document)


def test_no_more_is_given_back_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_RESULTS", 2)
    many = read_document(b"<users>" + b"<user name='a' active='true'><mail>m</mail></user>" * 5 + b"</users>")
    assert query_xpath(many, "a") == ["m", "m"]
    monkeypatch.setattr(recipe, "MAX_BYTES", 3)
    with pytest.raises(XPathRefusedError, match="more than 3"):
        read_document(b"<a/>")
