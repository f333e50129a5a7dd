"""Office files and mail made to hurt: each ends in its text or in a sentence, in time, through the real loader child."""

import base64
import io
import json
import re
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import pdf, with_part, word
from tests.unit.core.knowledge.office import (
    compound,
    encrypted_zip,
    old_word,
    open_document,
    outlook,
    package,
    relations,
    shape,
    slide,
    slides,
    workbook,
)
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.loaders.process import LoaderProcess

SECONDS = 20.0
"""Deadline of each file here; the real one is longer, and none of these comes near it."""

SECRET = "SECRET-OF-ANOTHER-FILE"

WORD_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture(scope="module")
def loader() -> Iterator[LoaderProcess]:
    with LoaderProcess(deadline=SECONDS) as process:
        yield process


def document(body: str, doctype: str = "") -> bytes:
    """A DOCX of hand-made XML."""
    xml = f"<?xml version='1.0'?>{doctype}<w:document {WORD_SPACE}><w:body>{body}</w:body></w:document>"
    return with_part(word([("Normal", "x")]), "word/document.xml", xml.encode())


def laughs(name: str) -> str:
    """A document type whose last entity is a billion times its first."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {name} [<!ENTITY l0 "lol">{entities}]>'


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def lying_zip() -> bytes:
    """A DOCX whose directory says that its part is small while it unpacks to 5 MB."""
    data = bytearray(with_part(word([("Normal", "x")]), "word/document.xml", b" " * 5_000_000))
    place = data.rfind(b"word/document.xml") - 46
    struct.pack_into("<I", data, place + 24, 1000)
    return bytes(data)


def many_parts() -> bytes:
    return package({f"word/p{number}.xml": "" for number in range(20_001)})


def outside_names() -> bytes:
    """A DOCX with parts that are named to land elsewhere, and one that asks for a file of the system."""
    data = word([("Normal", "inside")])
    for name in ("../../../tmp/evil.xml", "/etc/evil.xml", "C:\\evil.xml"):
        data = with_part(data, name, b"<x/>")
    return with_part(data, "word/_rels/document.xml.rels", relations(
        {"a": ("comments", "file:///etc/passwd"), "b": ("header", "../../../../etc/passwd"), "c": ("footer", "/etc/passwd")}
    ).encode())  # fmt: skip


def circle_of_slides() -> bytes:
    """Slides whose notes are the slide itself, and a presentation that lists each a thousand times."""
    themselves = relations({f"r{n}": ("notesSlide", "slide1.xml") for n in range(50)})
    ids = "".join(f'<p:sldId r:id="rId1" id="{n}"/>' for n in range(1000))
    spaces = slide().split("<p:cSld>")[0].removeprefix("<p:sld ").rstrip("> ")
    return slides(
        slide(shape("once")),
        more={
            "ppt/slides/_rels/slide1.xml.rels": themselves,
            "ppt/presentation.xml": f"<p:presentation {spaces}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        },
    )


def nested_documents(depth: int) -> bytes:
    data = word([("Normal", "innermost")])
    for level in range(depth):
        data = with_part(word([("Normal", f"level {level}")]), "word/embeddings/inner.docx", data)
    return data


def quine() -> bytes:
    """A zip whose parts are each a DOCX with hundreds of copies of another."""
    data = word([("Normal", "x")])
    for _ in range(2):
        copies = word([("Normal", "y")])
        stream = io.BytesIO(copies)
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
            for number in range(6):
                archive.writestr(f"word/embeddings/{number}.docx", data)
        data = stream.getvalue()
    return data


def sparse_workbook() -> bytes:
    """Two cells, one in the first and one in the last place of a sheet: 17 billion cells between them."""
    part = "xl/worksheets/sheet1.xml"
    rows = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        "</sheetData></worksheet>"
    )
    return with_part(workbook({"S": [["x"]]}), part, rows.encode())


def declared_sheets() -> bytes:
    """A workbook that lists its one sheet ten thousand times."""
    data = workbook({"S": [["x"]]})
    book = zipfile.ZipFile(io.BytesIO(data)).read("xl/workbook.xml").decode()
    found = re.search(r"<sheet [^>]*/>", book)
    assert found is not None
    sheets = "".join(found.group().replace('name="S"', f'name="S{number}"') for number in range(10_000))
    return with_part(data, "xl/workbook.xml", book.replace(found.group(), sheets).encode())


def formulas() -> bytes:
    """Formulas that would start programs or ask other machines, if anybody calculated them."""
    return workbook({"S": [["name", "call"], ["x", '=cmd|" /C calc"!A0'], ["y", '=WEBSERVICE("http://127.0.0.1:9/")']]})


def deep_mail(depth: int) -> bytes:
    head = b"Subject: deep\n"
    for level in range(depth):
        head += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
    return head + b"\ntext"


def mails_in_mails(depth: int) -> bytes:
    data = b"Subject: innermost\n\ninnermost text"
    for level in range(depth):
        data = b"Subject: level %d\nContent-Type: message/rfc822\n\n" % level + data
    return data


def attached(data: bytes, name: str) -> bytes:
    return (
        b'Subject: x\nContent-Type: application/octet-stream; name="%s"\nContent-Transfer-Encoding: base64\n\n'
        % name.encode()
    ) + base64.encodebytes(data)


def circular_compound() -> bytes:
    """A compound file whose streams' sectors follow each other in a circle."""
    data = bytearray(old_word("round and round\r"))
    fat = data.rfind(struct.pack("<I", 0xFFFFFFFD)) // 512 * 512
    for index in range(2, 20):
        struct.pack_into("<I", data, fat + 4 * index, 2)
    return bytes(data)


def circular_directory() -> bytes:
    """A compound file whose first entry is its own child and sibling."""
    data = bytearray(old_word("x\r"))
    for entry in range(1, 4):
        struct.pack_into("<3I", data, 512 + 128 * entry + 68, 1, 1, 1)
    return bytes(data)


def lying_pieces() -> bytes:
    """A DOC whose table of pieces claims four billion characters."""
    piece = struct.pack("<HIH", 0, 0x600, 0)
    return old_word("x" * 100).replace(struct.pack("<2I", 0, 100) + piece, struct.pack("<2I", 0, 0xFFFFFFF0) + piece)


# ruff: noqa: E501
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    # name: what makes it, what its text holds (or ""), what its sentence says (or "")
    "ratio.docx": (lambda: with_part(word([("Normal", "x")]), "word/document.xml", b" " * 5_000_000), "", "too large"),
    "parts.docx": (many_parts, "", "too large"),
    "lying.docx": (lying_zip, "", "is broken"),
    "ratio.pptx": (lambda: slides(slide(), more={"ppt/media/a.bin": bytes(5_000_000)}), "", "too large"),
    "ratio.xlsx": (lambda: with_part(workbook({"S": [["x"]]}), "xl/sharedStrings.xml", bytes(5_000_000)), "", "too large"),
    "ratio.odt": (lambda: with_part(open_document("<text:p>x</text:p>"), "content.xml", b" " * 5_000_000), "", "too large"),
    "laughs.docx": (lambda: document(paragraph("before &l9; after"), laughs("w:document")), "before", ""),
    "laughs.pptx": (lambda: slides(laughs("p:sld") + slide(shape("before &l9;"))), "before", ""),
    "laughs.odt": (lambda: with_part(open_document(""), "content.xml", (laughs("x") + "<x>&l9;</x>").encode()), "", "broken"),
    "laughs.xlsx": (lambda: with_part(workbook({"S": [["x"]]}), "xl/workbook.xml", (laughs("x") + "<x>&l9;</x>").encode()), "", ""),
    "attribute.docx": (lambda: document(f"{paragraph('kept')}<w:p w:x='&l9;'/>", laughs("w:document")), "kept", ""),
    "deep.docx": (lambda: document("<w:sdt>" * 100_000 + paragraph("deep")), "", "is (broken|empty)|no text"),
    "deep.odt": (lambda: open_document("<text:section>" * 60_000), "", "is (broken|empty)|no text"),
    "deep_tables.docx": (lambda: document("<w:tbl><w:tr><w:tc>" * 70 + paragraph("deep") + "</w:tc></w:tr></w:tbl>" * 70), "deep", ""),
    "outside.docx": (outside_names, "inside", ""),
    "circle.pptx": (circle_of_slides, "once", ""),
    "nested.docx": (lambda: nested_documents(12), "level 8", ""),
    "quine.docx": (quine, "y", ""),
    "locked_zip.pptx": (lambda: encrypted_zip(slides(slide(shape("x")))), "", "encrypted"),
    "locked.xlsx": (lambda: compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"x"}), "", "encrypted"),
    "half.pptx": (lambda: slides(slide(shape("x")))[:-60], "", "broken"),
    "half.xls": (lambda: compound({"Workbook": b"\x09\x08\x10\0\0\x06\x05\0" + bytes(99)})[:3000], "", "broken"),
    "picture.xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(300), "", "broken"),
    "pdf.docx": (lambda: pdf("really a PDF"), "really a PDF", ""),
    "declared.xlsx": (declared_sheets, "x", ""),
    "sheets.xlsx": (lambda: workbook({f"S{number}": [[f"cell {number}"]] for number in range(100)}), "cell 99", ""),
    "sparse.xlsx": (sparse_workbook, "", "spans 17,179,869,184 cells"),
    "formulas.xlsx": (formulas, "name", ""),
    "spaces.odt": (lambda: open_document('<text:p>a<text:s text:c="999999999"/>b</text:p>' * 50), "a", ""),
    "circle.doc": (circular_compound, "", ""),
    "directory.doc": (circular_directory, "", "broken"),
    "pieces.doc": (lying_pieces, "", "too large|broken"),
    "braces.rtf": (lambda: b"{\\rtf1 " + b"{" * 200_000 + b"text", "text", ""),
    "closing.rtf": (lambda: b"{\\rtf1 text" + b"}" * 200_000, "text", ""),
    "binary.rtf": (lambda: b"{\\rtf1 text\\par\\bin999999999 x}", "text", ""),
    "numbers.rtf": (lambda: b"{\\rtf1\\ansicpg99999 \\u9999999999? text\\uc99999999}", "", ""),
    "fields.rtf": (lambda: b"{\\rtf1 " + b'{\\field{\\*\\fldinst{HYPERLINK "x"' * 3000 + b" text}", "", ""),
    "deep.eml": (lambda: deep_mail(5000), "", ""),
    "mails.eml": (lambda: mails_in_mails(50), "level 45", ""),
    "header.eml": (lambda: b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\ntext", "text", ""),
    "comments.eml": (lambda: b"From: " + b"(" * 300_000 + b"\nSubject: x\n\ntext", "text", ""),
    "boundary.eml": (lambda: b"Content-Type: multipart/mixed; boundary=\"\"\n\n" + b"--\n" * 100_000 + b"text", "", ""),
    "bomb.eml": (lambda: attached(with_part(word([("Normal", "x")]), "a", bytes(5_000_000)), "a.docx"), "a.docx", ""),
    "path.eml": (lambda: attached(b"harmless", "../../../../tmp/evil.txt"), "harmless", ""),
    "many.eml": (lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain; name=a.txt\n\nx\n" * 3000, "a.txt", ""),
    "froms.mbox": (lambda: b"From \n\n" * 10_000, "", ""),
    "circle.msg": (lambda: outlook({"1000": "text"})[:-512] + struct.pack("<128I", *[1] * 128), "", ""),
    "deep.ipynb": (lambda: b'{"cells": ' + b"[" * 200_000, "", "nested|broken"),
    "outputs.ipynb": (lambda: json.dumps({"cells": [{"cell_type": "code", "source": "x", "outputs": [{"text": "9" * 5_000_000}]}]}).encode(), "x", ""),
    "wrong.ipynb": (lambda: b'{"cells": [1, null, {"cell_type": [], "source": {"a": 1}, "outputs": {"b": 2}}]}', "", "empty|no text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_its_text_or_in_a_sentence(loader: LoaderProcess, tmp_path: Path, name: str) -> None:
    make, text, reason = HOSTILE[name]
    (tmp_path / name).write_bytes(make())
    began = time.monotonic()
    try:
        loaded, _ = loader.load(tmp_path / name)
    except LoadError as error:
        outcome, said = "", str(error)
    else:
        outcome, said = loaded.text, ""
    assert text in outcome, said
    assert bool(outcome) is not bool(said)
    assert not said or said.startswith(name)
    assert not (text or reason) or bool(said) is bool(reason), outcome[:200]
    assert re.search(reason, said), said
    assert "given up" not in said
    assert not any(mark in outcome for mark in ("lollol", "root:"))
    assert len(outcome) < 2_000_000
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("space", ["", "% "])
def test_no_file_of_the_system_comes_into_a_document(loader: LoaderProcess, tmp_path: Path, space: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    doctype = f'<!DOCTYPE x [<!ENTITY {space}e SYSTEM "{secret.as_uri()}"> {"%e;" if space else ""}]>'
    use = "" if space else "&e;"
    files = {
        "a.docx": document(paragraph(f"before {use} after"), doctype),
        "a.pptx": slides(doctype + slide(shape(f"before {use} after"))),
        "a.odt": with_part(
            open_document(""),
            "content.xml",
            (doctype + zipfile.ZipFile(io.BytesIO(open_document(f"<text:p>before {use}</text:p>"))).read("content.xml").decode()).encode(),
        ),
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        loaded, _ = loader.load(tmp_path / name)
        assert "before" in loaded.text
        assert SECRET not in loaded.text
