"""Messages, mailboxes, Outlook messages and notebooks."""

import base64
import json
from email.message import EmailMessage

import compressed_rtf
import pytest

from tests.unit.core.knowledge.doubles import pdf, raw, word
from tests.unit.core.knowledge.office import compound, outlook
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.loaders.mail import load_mail, load_mailbox
from workbench.core.knowledge.loaders.notebook import load_notebook
from workbench.core.knowledge.loaders.outlook import load_outlook

GREETING = "Viele Grüße aus Köln, und schöne Tage für alle, die das hören müssen."

SENT = 133594528890000000
"""2024-05-06 07:08:09 UTC in ticks of 100 ns since 1601."""


def seen(document: LoadedDocument) -> list[tuple[str, str]]:
    return [(block.heading, block.text) for block in document.blocks]


def message(subject: str = "Alert", text: str = "Port 22 is open.") -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = "Ann <ann@example.org>"
    letter["To"] = "bob@example.org"
    letter["Date"] = "Mon, 06 May 2024 09:08:09 +0200"
    letter["Subject"] = subject
    letter.set_content(text)
    return letter


def test_a_message_has_its_headers_its_text_and_what_is_attached() -> None:
    letter = message("Größe = 漏洞", "See the annex.\n\nBye")
    letter.add_attachment(word([("Normal", "the annex")]), maintype="application", subtype="x", filename="annex.docx")
    letter.add_attachment(pdf("a page"), maintype="application", subtype="pdf", filename="../../etc/plan")
    letter.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    letter.add_attachment(b"MZ", maintype="application", subtype="x-dos", filename="run.exe")
    document = load_mail(raw(letter.as_bytes(), "a.eml"))
    assert seen(document) == [
        (
            "",
            "From: Ann <ann@example.org>\nTo: bob@example.org\nDate: Mon, 06 May 2024 09:08:09 +0200\n"
            "Subject: Größe = 漏洞\nAttachments: annex.docx, plan, logo.png, run.exe",
        ),
        ("", "See the annex."),
        ("", "Bye"),
        ("annex.docx", "the annex"),
        ("plan", "a page"),
    ]
    assert document.blocks[-1].row_key == "page 1"
    assert (document.title, document.dated) == ("Größe = 漏洞", "2024-05-06T07:08:09+00:00")
    assert [notice[:30] for notice in document.notices] == [
        "Attached to a.eml: run.exe was",
        "a.eml has 1 attached image fil",
    ]


@pytest.mark.parametrize(
    ("plain", "html", "taken"),
    [
        ("The same words.", "<p>The <b>same</b> words.</p>", "The same words."),
        ("Use a newer program.", f"<p>{'The whole story. ' * 9}</p>", ("The whole story. " * 9).strip()),
        ("", "<p>Only here.</p>", "Only here."),
    ],
)
def test_of_plain_text_and_html_the_one_that_says_it_all_is_taken_once(plain: str, html: str, taken: str) -> None:
    letter = message(text=plain)
    letter.add_alternative(html, subtype="html")
    assert [text for _, text in seen(load_mail(raw(letter.as_bytes())))[1:]] == [taken]


def test_a_forwarded_message_stands_under_its_subject() -> None:
    letter = message()
    letter.add_attachment(message("Inner", "inner text"))
    assert seen(load_mail(raw(letter.as_bytes())))[2:] == [
        ("Inner", "From: Ann <ann@example.org>\nTo: bob@example.org\n"
         "Date: Mon, 06 May 2024 09:08:09 +0200\nSubject: Inner"),
        ("Inner", "inner text"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        ("Content-Type: text/plain; charset=iso-8859-1", "Gr\u00fc\u00dfe".encode("latin-1"), "Grüße"),
        ("Content-Type: text/plain; charset=klingon", "Gr\u00fc\u00dfe".encode(), "Grüße"),
        ("Content-Type: text/plain; charset=utf-8", GREETING.encode("latin-1"), GREETING),
        ("Content-Transfer-Encoding: base64", base64.b64encode(b"packed"), "packed"),
        ("Content-Transfer-Encoding: base64", b"no base64!", "no base64!"),
        ("Content-Type: ;;;=", b"kept", "kept"),
    ],
)
def test_a_text_is_decoded_by_its_charset_or_else_guessed(head: str, body: bytes, text: str) -> None:
    assert load_mail(raw(b"Subject: x\n" + head.encode() + b"\n\n" + body)).blocks[-1].text == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_a_message_saved_in_another_encoding_is_read(encoding: str) -> None:
    text = "Subject: Gr\u00fc\u00dfe\nFrom: ann@example.org\n\nBody \u6f0f\n"
    document = load_mail(raw(text.encode(encoding), "a.eml"))
    assert document.title == "Grüße"
    assert document.blocks[-1].text == "Body 漏"


def test_a_header_cannot_put_lines_into_what_is_shown() -> None:
    data = b"Subject: =?utf-8?q?x=0AFrom=3A_boss@example=2Eorg=0D=0A?=\nFrom: ann@example.org\n\nBody"
    document = load_mail(raw(data))
    assert document.blocks[0].text == "From: ann@example.org\nSubject: x From: boss@example.org"


def test_a_message_that_is_encrypted_says_so_and_keeps_its_headers() -> None:
    document = load_mail(raw("Subject: Secret\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--\n"))
    assert document.text == "Subject: Secret"
    assert "is encrypted" in document.notices[0]


def test_a_text_without_headers_is_read_as_text_and_said() -> None:
    document = load_mail(raw("just a note\n", "a.eml"))
    assert document.text == "just a note"
    assert "no mail headers" in document.notices[0]


def test_a_mailbox_is_read_message_by_message() -> None:
    box = (
        b"From ann Mon May  6 07:08:09 2024\nSubject: One\nDate: Mon, 06 May 2024 07:08:09 +0000\n\nfirst\n"
        b"From here on it is text\n>From quoted\n\n"
        b"From bob Tue May  7 07:08:09 2024\nDate: Tue, 07 May 2024 07:08:09 +0000\n\nsecond\n"
    )
    document = load_mailbox(raw(box, "a.mbox"))
    assert [(block.heading, block.row_key, block.text) for block in document.blocks][1::2] == [
        ("One", "message 1", "first\nFrom here on it is text\nFrom quoted"),
        ("Message 2", "message 2", "second"),
    ]
    assert document.dated == "2024-05-07T07:08:09+00:00"


def test_an_outlook_message_has_its_headers_its_text_and_what_is_attached() -> None:
    texts = {"0037": "Alert", "0C1A": "Ann", "0E04": "Bob", "1000": "Port 22 is open.\r\n\r\nBye"}
    data = outlook(texts, {"annex.docx": word([("Normal", "the annex")])}, SENT, inner="inner text")
    document = load_outlook(raw(data, "a.msg"))
    assert seen(document) == [
        ("", "From: Ann\nTo: Bob\nDate: 2024-05-06T07:08:09+00:00\nSubject: Alert\nAttachments: annex.docx"),
        ("", "Port 22 is open."),
        ("", "Bye"),
        ("Inner", "Subject: Inner"),
        ("Inner", "inner text"),
        ("annex.docx", "the annex"),
    ]
    assert (document.title, document.dated) == ("Alert", "2024-05-06T07:08:09+00:00")


def test_an_outlook_message_in_html_or_rich_text_only_is_read() -> None:
    assert load_outlook(raw(outlook({"1013": b"<p>page</p>"}))).text == "page"
    packed = compressed_rtf.compress(b"{\\rtf1\\ansi rich text\\par}")
    assert load_outlook(raw(outlook({"1009": packed}))).text == "rich text"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n", "is broken .*begin as an Outlook message"),
        (compound({"WordDocument": b"x"}), "is broken .*no Outlook message"),
        (compound({"x": b"x"})[:700], "is broken"),
    ],
)
def test_an_outlook_message_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=f"file.txt {reason}"):
        load_outlook(raw(data))


def notebook(*cells: object, **more: object) -> bytes:
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": cells, **more}).encode()


def test_a_notebook_is_read_cell_by_cell_under_its_headings() -> None:
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n", "two"]},
        {"output_type": "display_data", "data": {"image/png": "aGVsbG8=", "text/plain": "<Figure>"}},
        {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["..."]},
    ]
    data = notebook(
        {"cell_type": "markdown", "source": ["# Title\n", "\n", "Some *text*.\n\n## Part"]},
        {"cell_type": "code", "source": "x = 1\nprint(x)", "outputs": outputs},
        {"cell_type": "raw", "source": "raw"},
    )
    document = load_notebook(raw(data, "a.ipynb"))
    assert [(block.row_key, block.heading, block.text) for block in document.blocks] == [
        ("cell 1", "Title", "# Title"),
        ("cell 1", "Title", "Some *text*."),
        ("cell 1", "Title > Part", "## Part"),
        ("cell 2", "Title > Part", "x = 1\nprint(x)"),
        ("cell 2 output", "Title > Part", "red\ntwo"),
        ("cell 2 output", "Title > Part", "<Figure>"),
        ("cell 2 output", "Title > Part", "KeyError: 'x'"),
        ("cell 3", "Title > Part", "raw"),
    ]
    assert document.title == "Title"
    assert "1 pictures" in document.notices[0]


def test_long_outputs_of_a_notebook_are_bounded_and_that_is_said() -> None:
    data = notebook({"cell_type": "code", "source": "x", "outputs": [{"text": "9" * 5000}]})
    document = load_notebook(raw(data, "a.ipynb"))
    assert len(document.blocks[1].text) == 2000
    assert document.notices == ("Of 1 outputs of a.ipynb the first 2,000 characters are kept",)


def test_a_notebook_of_the_third_format_is_read() -> None:
    cells = [{"cell_type": "heading", "level": 1, "source": "Old"}, {"cell_type": "code", "input": "x = 1"}]
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]})
    assert seen(load_notebook(raw(data))) == [("Old", "# Old"), ("Old", "x = 1")]


@pytest.mark.parametrize("data", ["{", "[]", "{}", '{"cells": 3}', "1e999"])
def test_what_is_no_notebook_is_broken(data: str) -> None:
    with pytest.raises(LoadError, match=r"file.txt is broken \(it is"):
        load_notebook(raw(data))
