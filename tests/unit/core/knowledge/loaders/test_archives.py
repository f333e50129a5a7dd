"""What is packed into a file: members of archives under their names, notes on the pages of a PDF."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks._hostile_files import member, pdf_of, tarred, zipped
from tests.unit.core.knowledge.doubles import pdf, word
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import LoadedDocument, LoadError
from workbench.core.knowledge.loaders.registry import load_file

MEMBERS = {
    "docs/a.md": b"# Title\n\nwords\n",
    "src/b.py": b"x = 1\n\n\ndef f():\n    pass\n",
    "p.pdf": pdf("on the page"),
    "w.docx": word([("Heading 1", "Head"), ("Normal", "in Word")]),
    "picture.png": b"\x89PNG",
    ".git/config": b"[core]\n",
    "empty.txt": b"",
}


def load(tmp_path: Path, name: str, data: bytes) -> LoadedDocument:
    (tmp_path / name).write_bytes(data)
    return load_file(tmp_path / name)[0]


def test_the_members_of_an_archive_stand_under_their_names_with_their_own_lines_and_pages(tmp_path: Path) -> None:
    document = load(tmp_path, "a.zip", zipped(MEMBERS))
    at = [(block.heading, block.text, block.line_start, block.page) for block in document.blocks]
    assert ("docs/a.md > Title", "words", 3, None) in at
    assert ("src/b.py > f", "def f():\n    pass", 4, None) in at
    assert ("p.pdf", "on the page", None, 1) in at
    assert ("w.docx > Head", "in Word", None, None) in at
    assert document.title == "a.zip"


def test_what_is_left_out_of_an_archive_is_said_with_the_reason(tmp_path: Path) -> None:
    notices = " | ".join(load(tmp_path, "a.zip", zipped(MEMBERS)).notices)
    assert "picture.png in a.zip: no loader reads such files" in notices
    assert ".git/config in a.zip: it is hidden" in notices
    assert "empty.txt in a.zip: empty.txt is empty" in notices


def test_an_archive_of_code_is_code(tmp_path: Path) -> None:
    assert load(tmp_path, "a.zip", zipped({"b.py": MEMBERS["src/b.py"]})).kind is PassageKind.CODE


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_read_however_it_is_packed_and_called(tmp_path: Path, mode: str) -> None:
    data = tarred((member("d/a.txt"), b"first"), (member("b.txt"), b"second"), mode=mode)
    for name in ("a.tar", f"a.tar.{mode[2:] or 'gz'}", "a"):
        document = load(tmp_path, name, data)
        assert [(block.heading, block.text) for block in document.blocks] == [("d/a.txt", "first"), ("b.txt", "second")]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_is_read_as_what_it_was(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    ending = {gzip.compress: "gz", bz2.compress: "bz2", lzma.compress: "xz"}[pack]
    document = load(tmp_path, f"notes.md.{ending}", pack(b"# Head\n\ntext\n"))
    assert [(block.heading, block.text) for block in document.blocks][1] == ("Head", "text")
    assert document.path == str(tmp_path / f"notes.md.{ending}")


def test_names_inside_an_archive_are_shown_without_folders_above_and_marks_of_direction(tmp_path: Path) -> None:
    names = ["../../up.txt", "/etc/root.txt", "C:\\dos.txt", "a\u202etxt.md"]
    document = load(tmp_path, "a.zip", zipped(dict.fromkeys(names, b"words")))
    assert [block.heading for block in document.blocks] == ["up.txt", "etc/root.txt", "C:/dos.txt", "a\ufffdtxt.md"]


def test_of_two_members_of_one_name_both_are_kept(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for text in (b"first", b"second"):
            info = member("a.txt")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    assert load(tmp_path, "a.tar", stream.getvalue()).text == "first\n\nsecond"


def test_a_member_that_no_parser_survives_ends_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("workbench.core.knowledge.loaders.markdown.load_markdown", fail)
    document = load(tmp_path, "a.zip", zipped({"a.md": b"x", "b.txt": b"kept"}))
    assert document.text == "kept"
    assert "a.md in a.zip: it cannot be read (RuntimeError)" in document.notices


def nested(count: int) -> bytes:
    """Archives in an archive, each with a thousand characters of text."""
    return zipped({f"{number}.zip": zipped({"a.txt": b"words and " * 100}) for number in range(count)})


def test_archives_in_an_archive_share_one_limit_of_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.core.knowledge.loaders.registry.MAX_TEXT_CHARS", 2_500)
    document = load(tmp_path, "a.zip", nested(4))
    assert {block.heading for block in document.blocks} == {"0.zip > a.txt", "1.zip > a.txt"}
    left_out = {notice.partition(":")[0] for notice in document.notices if "with that beside it" in notice}
    assert left_out == {"2.zip in a.zip", "3.zip in a.zip"}


def test_archives_in_an_archive_share_one_limit_of_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(zipped({"a.txt": b"words and " * 100})) + 1_000
    monkeypatch.setattr("workbench.core.knowledge.loaders.raw.MAX_UNPACKED_IN_ALL", 3 * size)
    assert len(load(tmp_path, "a.zip", nested(3)).blocks) == 3
    with pytest.raises(LoadError, match="all that is packed in it"):
        load(tmp_path, "a.zip", nested(5))


def test_an_archive_of_nothing_readable_says_why(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"a\.png in a\.zip: no loader reads such files, so nothing was taken"):
        load(tmp_path, "a.zip", zipped({"a.png": b"x"}))


NOTED = pdf_of(
    [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R 6 0 R] >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots [4 0 R 5 0 R 6 0 R] >>",
        b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (check this) >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /Rect [0 0 9 9] /T (name) /V (Ada) >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /T (box) /V /Off >>",
        b"<< /CreationDate (D:20240229120000+02'00') /Title (Noted) >>",
    ],
    b"/Root 1 0 R /Info 7 0 R",
)


def test_notes_on_the_pages_of_a_pdf_and_what_was_filled_in_are_read_with_its_date(tmp_path: Path) -> None:
    document = load(tmp_path, "a.pdf", NOTED)
    assert document.text == "check this\nname: Ada"
    assert document.dated == "2024-02-29T10:00:00+00:00"
    assert document.title == "Noted"
