"""HTML, XML, PDF and DOCX."""

from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import pdf, raw, with_part, word
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.html import load_html, load_xml
from workbench.core.knowledge.loaders.pdf import load_pdf
from workbench.core.knowledge.loaders.word import load_word

PAGE = """<!DOCTYPE html>
<html><head><title>Advisory &amp; fix</title><style>p {color: red}</style>
<script>alert("secret script")</script></head>
<body><h1>Log4Shell</h1>
<p>A <b>remote</b> attacker<br>may run code.
<h2>Fix &gt; now</h2><ul><li>Update<li>Or remove</ul>
<table><tr><th>version<th>state</tr><tr><td>2.14<td>bad</tr></table>
<pre>
  $ mvn
    -q
</pre><noscript>unseen</noscript> tail &unknown; &eacute;
</body></html>"""


def test_html_is_read_in_paragraphs_under_headings_without_scripts_and_styles() -> None:
    document = load_html(raw(PAGE, "a.html"))
    assert document.title == "Advisory & fix"
    assert [(block.heading, block.text) for block in document.blocks] == [
        ("Log4Shell", "Log4Shell"),
        ("Log4Shell", "A remote attacker\nmay run code."),
        ("Log4Shell > Fix > now", "Fix > now"),
        ("Log4Shell > Fix > now", "Update"),
        ("Log4Shell > Fix > now", "Or remove"),
        ("Log4Shell > Fix > now", "version | state"),
        ("Log4Shell > Fix > now", "2.14 | bad"),
        ("Log4Shell > Fix > now", "  $ mvn\n    -q"),
        ("Log4Shell > Fix > now", "tail &unknown; é"),
    ]
    assert [block.line_start for block in document.blocks][:3] == [4, 5, 6]


@pytest.mark.parametrize("text", ["<script>x</script>", "<html></html>", "<p> &nbsp; </p>"])
def test_a_page_without_text_has_no_blocks(text: str) -> None:
    assert load_html(raw(text, "a.html")).blocks == ()


def test_a_page_without_elements_is_broken() -> None:
    with pytest.raises(LoadError, match="is broken"):
        load_html(raw("<!-- only a comment -->", "a.html"))


def test_html_nested_without_end_is_read_and_does_not_overflow() -> None:
    document = load_html(raw("<div>" * 50_000 + "deep" + "</div>" * 50_000, "a.html"))
    assert len(document.text) < 100


def test_xml_says_which_element_each_text_stands_in() -> None:
    document = load_xml(raw("<feed><entry id='CVE-2021-44228'><name>Log4Shell</name> rest</entry></feed>", "a.xml"))
    assert [(block.heading, block.text) for block in document.blocks] == [
        ("feed > entry", "id: CVE-2021-44228"),
        ("feed > entry > name", "Log4Shell"),
        ("feed > entry", "rest"),
    ]


def test_entities_of_xml_are_neither_expanded_nor_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET", encoding="utf-8")
    entities = f'<!ENTITY inside "expanded"><!ENTITY file SYSTEM "{secret.as_uri()}">'
    document = load_xml(raw(f"<!DOCTYPE x [{entities}]><x>before &file; middle &inside; after</x>", "a.xml"))
    assert document.blocks[0].text == "before &file; middle &inside; after"


def test_a_billion_laughs_stay_one() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document = load_xml(raw(f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><x>before &l9; after</x>', "a.xml"))
    assert document.text.startswith("before")
    assert "lollol" not in document.text


def test_damaged_xml_is_read_as_far_as_it_goes_and_that_is_said() -> None:
    document = load_xml(raw("<a><b>one</b><c>two", "a.xml"))
    assert [block.text for block in document.blocks] == ["one", "two"]
    assert "not well-formed" in document.notices[0]


def test_a_pdf_has_a_block_for_each_page_with_text() -> None:
    document = load_pdf(raw(pdf("First page", "", "Third page"), "a.pdf"))
    assert [(block.page, block.text) for block in document.blocks] == [(1, "First page"), (3, "Third page")]
    assert document.title == "a.pdf"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"no pdf at all", "is broken .*does not begin as a PDF"),
        (b"%PDF-1.7\ngarbage", "is broken"),
        (pdf("secret", encrypted=True), "is encrypted"),
        (pdf("", ""), "no text on any of its pages"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=f"file.txt {reason}|file.txt has {reason}"):
        load_pdf(raw(data))


def test_a_word_document_is_read_by_heading_with_its_tables() -> None:
    data = word(
        [("Title", "Report"), ("Heading 1", "Findings"), ("Normal", "A weak password."), ("Heading 2", "Detail")],
        table=[["host", "port"], ["db1", "5432"]],
    )
    document = load_word(raw(data, "a.docx"))
    assert document.title == "Report"
    assert [(block.heading, block.text) for block in document.blocks] == [
        ("Report", "Report"),
        ("Report > Findings", "Findings"),
        ("Report > Findings", "A weak password."),
        ("Report > Findings > Detail", "Detail"),
        ("Report > Findings > Detail", "host | port\ndb1 | 5432"),
    ]


def test_an_entity_in_a_word_document_is_not_loaded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET", encoding="utf-8")
    xml = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>before &e; after</w:t></w:r></w:p></w:body></w:document>"
    )
    data = with_part(word([("Normal", "x")]), "word/document.xml", xml.encode())
    assert "TOPSECRET" not in load_word(raw(data)).text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 and nothing more", "is broken .*no Office package"),
        (word([("Normal", "x")])[:2000], "is broken"),
        (with_part(word([("Normal", "x")]), "word/document.xml", b"<not xml"), "is broken"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "is broken .*compound file"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "is encrypted",
        ),
    ],
)
def test_a_word_document_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=f"file.txt {reason}"):
        load_word(raw(data))


def test_a_word_document_that_unpacks_without_bound_is_refused_before_it_is_unpacked() -> None:
    bomb = with_part(word([("Normal", "x")]), "word/media/image1.png", bytes(40_000_000))
    assert len(bomb) < 200_000
    with pytest.raises(LoadError, match=r"too large \(it unpacks to 4\d MB"):
        load_word(raw(bomb))
