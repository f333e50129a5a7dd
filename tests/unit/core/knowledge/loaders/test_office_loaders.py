"""Presentations, workbooks, OpenDocument, RTF, Word before 2007, and what is embedded in them."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import pdf, raw, with_part, word
from tests.unit.core.knowledge.office import (
    compound,
    encrypted_zip,
    old_word,
    open_document,
    package,
    relations,
    shape,
    slide,
    slides,
    workbook,
)  # fmt: skip
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.loaders.old_word import load_old_word
from workbench.core.knowledge.loaders.open_document import load_open_document
from workbench.core.knowledge.loaders.properties import sound_date
from workbench.core.knowledge.loaders.registry import load_bytes
from workbench.core.knowledge.loaders.rtf import load_rtf
from workbench.core.knowledge.loaders.slides import load_slides
from workbench.core.knowledge.loaders.word import load_word
from workbench.core.knowledge.loaders.workbook import load_workbook

TABLE = (
    "<p:graphicFrame><p:nvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><a:graphic><a:graphicData><a:tbl>"
    "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>host</a:t></a:r></a:p></a:txBody></a:tc>"
    "<a:tc><a:txBody><a:p><a:r><a:t>db1</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
    "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
)


def seen(document: LoadedDocument) -> list[tuple[str, str]]:
    return [(block.heading, block.text) for block in document.blocks]


def test_slides_come_in_the_order_shown_with_titles_tables_and_notes() -> None:
    data = slides(
        slide(shape("Second\nline"), shape("Findings", "title"), shape("7", "sldNum"), TABLE),
        slide(shape("only text"), attributes='show="0"'),
        more={
            "ppt/slides/_rels/slide1.xml.rels": relations({"rId1": ("notesSlide", "../notesSlides/notesSlide1.xml")}),
            "ppt/notesSlides/notesSlide1.xml": slide(shape("say this", "body"), shape("7", "sldNum")),
        },
        modified="2024-05-06T07:08:09Z",
    )
    document = load_slides(raw(data, "a.pptx"))
    assert [(block.page, block.heading, block.text) for block in document.blocks] == [
        (1, "Findings", "Findings"),
        (1, "Findings", "Second\nline"),
        (1, "Findings", "host | db1"),
        (1, "Findings > Notes", "say this"),
        (2, "Slide 2 (hidden)", "only text"),
    ]
    assert document.title == "Findings"
    assert document.dated == "2024-05-06T07:08:09+00:00"


def test_slides_are_ordered_by_the_presentation_and_not_by_their_names() -> None:
    first_last = relations({"rId1": ("slide", "slides/slide2.xml"), "rId2": ("slide", "slides/slide1.xml")})
    data = slides(slide(shape("one")), slide(shape("two")), more={"ppt/_rels/presentation.xml.rels": first_last})
    assert [block.text for block in load_slides(raw(data)).blocks] == ["two", "one"]


def test_a_slide_that_is_missing_or_damaged_is_said_and_the_others_are_read() -> None:
    data = slides(slide(shape("one")), slide(shape("two")), more={"ppt/slides/slide1.xml": "no xml"})
    document = load_slides(raw(data))
    assert [(block.page, block.text) for block in document.blocks] == [(2, "two")]
    assert any("Slide 1" in notice for notice in document.notices)


def test_text_on_masters_and_footers_is_taken_once() -> None:
    footer = shape("Confidential", "ftr")
    data = slides(
        slide(shape("a"), footer),
        slide(shape("b"), footer),
        more={"ppt/slideMasters/slideMaster1.xml": slide(shape("Click to edit", "title"), shape("Company motto"))},
    )
    document = load_slides(raw(data))
    assert seen(document)[2:] == [("Footer", "Confidential"), ("Master", "Company motto")]


def test_a_workbook_names_sheet_rows_and_columns() -> None:
    data = workbook(
        {
            "Hosts": [["Inventory of May"], [], ["host", "port", "open"], ["db1", 5432, True], ["web", 443.5, None]],
            "Numbers": [[1, 2], [3, 4]],
            "Old": [["when", "what"], [date(2024, 5, 6), "moved"]],
        },
        hidden=["Old"],
    )
    document = load_workbook(raw(data, "a.xlsx"))
    assert [(block.heading, block.row_key, block.text) for block in document.blocks] == [
        ("Hosts", "Hosts!rows 1-5", "Inventory of May\nhost: db1; port: 5432; open: TRUE\nhost: web; port: 443.5"),
        ("Numbers", "Numbers!rows 1-2", "1 | 2\n3 | 4"),
        ("Old (hidden)", "Old!row 2", "when: 2024-05-06; what: moved"),
    ]


def test_a_workbook_of_open_document_is_read_with_its_title_and_refused_when_encrypted() -> None:
    def cells(*texts: str) -> str:
        return "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
        )

    rows = "".join(f"<table:table-row>{cells(*row)}</table:table-row>" for row in (("host", "port"), ("db1", "ssh")))
    body = f'<table:table table:name="Hosts">{rows}</table:table>'
    meta = "<dc:title>Ports</dc:title><dc:date>2024-05-06T07:08:09</dc:date>"
    document = load_workbook(raw(open_document(body, "spreadsheet", meta), "a.ods"))
    assert seen(document) == [("Hosts", "host: db1; port: ssh")]
    assert (document.title, document.dated) == ("Ports", "2024-05-06T07:08:09+00:00")
    locked = open_document(body, "spreadsheet", manifest="<manifest:encryption-data/>")
    with pytest.raises(LoadError, match="is encrypted"):
        load_workbook(raw(locked, "a.ods"))


def test_rows_are_grouped_and_each_group_says_which_rows_it_has() -> None:
    rows = [["id", "text"], *([number, "word " * 60] for number in range(1, 10))]
    blocks = load_workbook(raw(workbook({"S": rows}), "a.xlsx")).blocks
    assert [block.row_key for block in blocks] == ["S!rows 2-4", "S!rows 5-7", "S!rows 8-10"]


def test_a_formula_shows_its_last_value_and_a_header_alone_is_kept() -> None:
    plain = workbook({"S": [["name", "sum"], ["a", 12345]]})
    part = "xl/worksheets/sheet1.xml"
    sheet = zipfile.ZipFile(io.BytesIO(plain)).read(part).replace(b"<v>12345</v>", b"<f>SUM(A1)</f><v>12345</v>")
    assert load_workbook(raw(with_part(plain, part, sheet), "a.xlsx")).text == "name: a; sum: 12345"
    assert load_workbook(raw(workbook({"S": [["name", "sum"]]}), "a.xlsx")).text == "name | sum"


def test_comments_and_text_boxes_of_a_workbook_are_read() -> None:
    comments = "<comments><comment><text><r><t>ask </t></r><r><t>Ann</t></r></text></comment></comments>"
    data = with_part(workbook({"S": [["a", "b"]]}), "xl/comments1.xml", comments.encode())
    assert seen(load_workbook(raw(data, "a.xlsx")))[1:] == [("Comments", "ask Ann")]


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx"])
def test_a_page_or_a_table_under_a_workbooks_name_is_read_as_what_it_is(name: str) -> None:
    page = "<html><table><tr><td>host</td><td>db1</td></tr></table></html>"
    assert load_workbook(raw(page, name)).text == "host | db1"
    assert load_workbook(raw("host,port\ndb1,5432\n", name)).text == "host: db1; port: 5432"


def test_an_open_document_is_read_by_heading_with_lists_tables_notes_and_comments() -> None:
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="1">Report</text:h><text:p>One<text:s text:c="2"/>two<text:note><text:note-body>'
        "<text:p>see annex</text:p></text:note-body></text:note>, three.</text:p>"
        '<text:h text:outline-level="2">Detail</text:h>'
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>host</text:p></table:table-cell><table:table-cell>"
        "<text:p>db1</text:p></table:table-cell></table:table-row></table:table>"
    )
    meta = "<dc:title>My report</dc:title><dc:date>2024-05-06T07:08:09.123456789</dc:date>"
    document = load_open_document(raw(open_document(body, meta=meta), "a.odt"))
    assert seen(document) == [
        ("Report", "Report"),
        ("Report", "One  two, three."),
        ("Report > Detail", "Detail"),
        ("Report > Detail", "item"),
        ("Report > Detail", "host | db1"),
        ("Notes", "see annex"),
    ]
    assert document.title == "My report"


def test_slides_of_an_open_document_are_numbered() -> None:
    body = (
        "<draw:page><draw:frame><draw:text-box><text:p>One</text:p></draw:text-box></draw:frame></draw:page>"
        "<draw:page><draw:frame><draw:text-box><text:p>Two</text:p></draw:text-box></draw:frame>"
        "<presentation:notes><draw:frame><draw:text-box><text:p>say</text:p></draw:text-box></draw:frame>"
        "</presentation:notes></draw:page>"
    )
    document = load_open_document(raw(open_document(body, "presentation"), "a.odp"))
    assert [(block.page, block.heading, block.text) for block in document.blocks] == [
        (1, "Slide 1", "One"),
        (2, "Slide 2", "Two"),
        (2, "Slide 2 > Notes", "say"),
    ]


def test_rich_text_is_read_with_its_code_pages_and_says_what_it_leaves_out() -> None:
    text = (
        r"{\rtf1\ansi\ansicpg1250{\info{\title My title}{\revtim\yr2024\mo5\dy6}}{\fonttbl{\f0 Arial;}}"
        r"Z\'fcrich \u28431?\par host\cell db1\cell\row{\*\footnote see annex}{\shptxt box}{\pict\bin5 }{}}}}after\par}"
    )
    document = load_rtf(raw(text, "a.rtf"))
    assert [block.text for block in document.blocks] == ["Zürich 漏", "host|db1|", "see annexafter"]
    assert (document.title, document.dated) == ("My title", "2024-05-06")
    assert "text boxes" in document.notices[0]


def test_japanese_with_ascii_second_bytes_is_read() -> None:
    text = r"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 Gothic;}}\f0\'83e\'83X\'83g\par}"
    assert load_rtf(raw(text)).text == "テスト"


def test_a_document_before_2007_has_its_text_its_notes_and_its_tables() -> None:
    main = 'Heading\rSee \x13 HYPERLINK "x" \x14the page\x15.\rhost\x07db1\x07\x07'
    footnote = "\x02 a note\r"
    data = old_word(main + footnote, [len(main), len(footnote)])
    assert seen(load_old_word(raw(data, "a.doc"))) == [
        ("", "Heading"),
        ("", "See the page."),
        ("", "host | db1"),
        ("Footnotes", "a note"),
    ]
    assert load_old_word(raw(old_word("Gr\u00fc\u00dfe\r", one_byte=True))).text == "Grüße"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"{\\rtf1 rich\\par}", "rich"),
        (word([("Normal", "packed")]), "packed"),
        (b"<html><p>page</p></html>", "page"),
        (b"plain words", "plain words"),
    ],
)
def test_what_only_has_the_name_of_an_old_document_is_read_as_what_it_is(data: bytes, text: str) -> None:
    assert load_old_word(raw(data, "a.doc")).text == text


def test_an_old_document_under_a_new_name_is_read() -> None:
    assert load_word(raw(old_word("old text\r"), "a.docx")).text == "old text"


def test_word_documents_with_macros_headers_notes_and_comments_are_read() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def part(name: str, inner: str) -> str:
        return f"<w:{name} {space}>{inner}</w:{name}>"

    paragraph = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format
    data = package(
        {
            "_rels/.rels": relations({"a": ("officeDocument", "/word/document.xml")}),
            "word/document.xml": part(
                "document",
                f"<w:body>{paragraph('body')}<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p></w:body>",
            ),
            "word/_rels/document.xml.rels": relations(
                {
                    "a": ("header", "header1.xml"),
                    "b": ("header", "header2.xml"),
                    "c": ("footnotes", "footnotes.xml"),
                    "d": ("comments", "comments.xml"),
                }
            ),
            "word/header1.xml": part("hdr", paragraph("top")),
            "word/header2.xml": part("hdr", paragraph("top")),
            "word/footnotes.xml": part("footnotes", f"<w:footnote>{paragraph('note')}</w:footnote>"),
            "word/comments.xml": part("comments", f"<w:comment>{paragraph('really?')}</w:comment>"),
        }
    )
    assert seen(load_word(raw(data, "a.docm"))) == [
        ("", "body"),
        ("Header", "top"),
        ("Footnotes", "note"),
        ("Comments", "really?"),
    ]


def test_documents_of_the_strict_kind_are_read() -> None:
    data = package(
        {
            "_rels/.rels": relations({}).replace(
                "</Relationships>",
                '<Relationship Id="a" Target="word/document.xml" '
                'Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"/></Relationships>',
            ),
            "word/document.xml": '<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main">'
            "<w:body><w:p><w:r><w:t>strict</w:t></w:r></w:p></w:body></w:document>",
        }
    )
    assert load_word(raw(data)).text == "strict"


def test_embedded_documents_are_read_under_their_names() -> None:
    native = b"\0\0\0\0\x02\0note.txt\0C:\\note.txt\0\0\0\x03\0" + b"\x04\0\0\0tmp\0" + b"\x05\0\0\0hello"
    data = word([("Normal", "outer")])
    data = with_part(data, "word/embeddings/inner.docx", word([("Normal", "inner")]))
    data = with_part(data, "word/embeddings/oleObject1.bin", compound({"\x01Ole10Native": native}))
    data = with_part(data, "word/embeddings/oleObject2.bin", compound({"CONTENTS": pdf("a page")}))
    data = with_part(data, "word/embeddings/oleObject3.bin", compound({"Equation Native": b"x"}))
    document = load_word(raw(data, "a.docx"))
    assert seen(document) == [("", "outer"), ("inner.docx", "inner"), ("note.txt", "hello"), ("object.pdf", "a page")]
    assert document.notices == (
        "a.docx embeds 1 objects of other programs, whose text is not read; ingest them by themselves",
    )


def test_a_sound_document_with_nothing_but_an_unreadable_object_is_not_called_broken() -> None:
    data = with_part(word([]), "word/embeddings/oleObject1.bin", compound({"Equation Native": b"x"}))
    with pytest.raises(LoadError, match=r"a.docx has no text that can be read \(a.docx embeds 1 objects") as told:
        load_bytes(Path("a.docx"), data)
    assert "broken" not in str(told.value)


@pytest.mark.parametrize(
    ("load", "data", "reason"),
    [
        (load_slides, b"", "is empty"),
        (load_slides, b"no zip", "is broken .*no Office package"),
        (load_slides, compound({"PowerPoint Document": b"x"}), "is broken .*before 2007"),
        (load_slides, word([("Normal", "x")]), "is broken .*no presentation"),
        (load_slides, slides(slide(shape("x")))[:500], "is broken"),
        (load_slides, encrypted_zip(slides(slide(shape("x")))), "is encrypted"),
        (load_workbook, b"", "is empty"),
        (load_workbook, b"\0\1\2\3", "is broken"),
        (load_workbook, word([("Normal", "x")]), "is broken .*calamine"),
        (load_workbook, compound({"EncryptedPackage": b"x"}), "is encrypted"),
        (load_workbook, compound({"Nothing": b"x"}), "is broken"),
        (load_open_document, b"", "is empty"),
        (load_open_document, package({"mimetype": "x"}), "is broken .*no text of an OpenDocument"),
        (load_open_document, open_document("", manifest="<manifest:encryption-data/>"), "is encrypted"),
        (load_rtf, b"", "is empty"),
        (load_rtf, b"plain", "is broken .*begin as RTF"),
        (load_old_word, b"", "is empty"),
        (load_old_word, old_word("x", flags=0x100), "is encrypted"),
        (load_old_word, compound({"Workbook": b"x"}), "is broken .*no Word document"),
        (load_old_word, compound({"WordDocument": b"\xec\xa5"}), "is broken .*pieces is missing"),
    ],
)
def test_an_office_file_that_cannot_be_read_says_why(load, data: bytes, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LoadError, match=f"file.txt {reason}"):
        load(raw(data))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09+00:00"),
        ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09+00:00"),
        ("2024-05-06", "2024-05-06T00:00:00+00:00"),
        ("1601-01-01T00:00:00Z", ""),
        ("9999-12-31T23:59:59-14:00", ""),
        ("2013-12-23T23:15:00Z", ""),
        ("yesterday", ""),
    ],
)
def test_a_date_is_kept_only_where_a_document_can_be_from_it(text: str, kept: str) -> None:
    assert sound_date(text) == kept
