import json
import shutil
from pathlib import Path

import pytest

from workbench.core.demo.reading import FOLDER, DemoError, read_demo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "demo"
    shutil.copytree(FOLDER, copied, ignore=shutil.ignore_patterns("__pycache__"))
    return copied


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "software.csv").unlink()
    with pytest.raises(DemoError, match=r"lack software\.csv"):
        read_demo(folder)


def test_a_mistake_in_a_table_is_told_by_line_and_column(folder: Path) -> None:
    table = folder / "assets.csv"
    table.write_text(table.read_text("utf-8").replace(",internet,high,", ",everywhere,high,", 1), "utf-8")
    with pytest.raises(DemoError, match=r"assets\.csv, line 2: exposure"):
        read_demo(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"updated": "2024-12-31"}, "must follow each other"),
        ({"cves": ["CVE-24-1"]}, "cves.0"),
        ({"assets": []}, "assets"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_mistake_in_a_ticket_is_told_by_line_and_field(folder: Path, change: dict[str, object], told: str) -> None:
    path = folder / "tickets.jsonl"
    first, *others = path.read_text("utf-8").splitlines()
    path.write_text("\n".join((json.dumps({**json.loads(first), **change}), *others)), "utf-8")
    with pytest.raises(DemoError, match=rf"tickets\.jsonl, line 1.*{told}"):
        read_demo(folder)


def test_a_line_that_is_no_json_is_told(folder: Path) -> None:
    with (folder / "tickets.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("{broken\n")
    with pytest.raises(DemoError, match="line 153 is no JSON"):
        read_demo(folder)


def test_a_threat_document_without_its_head_is_told(folder: Path) -> None:
    (folder / "threats" / "glass-heron.md").write_text("# Glass Heron\n", "utf-8")
    with pytest.raises(DemoError, match=r"glass-heron\.md does not begin with YAML"):
        read_demo(folder)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("organisation.json", b"{", r"organisation\.json is no JSON"),
        ("services/payment-client/sbom.cdx.json", b"[]", r"sbom\.cdx\.json lacks components"),
        ("services/payment-client/sbom.cdx.json", b"nothing", r"sbom\.cdx\.json is no JSON"),
        ("assets.csv", b'id,host\n"open', r"assets\.csv, line 2 is no CSV"),
        ("software.csv", b"\xff\xfe", r"software\.csv is no UTF-8"),
        ("threats/glass-heron.md", b"---\na: [\n---\nbody", r"glass-heron\.md has YAML that cannot be read"),
        ("threats/glass-heron.md", b"---\njust words\n---\nbody", r"glass-heron\.md has no fields in its YAML"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_told_in_one_sentence(
    folder: Path, name: str, content: bytes, told: str
) -> None:
    assert (folder / name).is_file()
    (folder / name).write_bytes(content)
    with pytest.raises(DemoError, match=rf"{told}.*; install the program again$"):
        read_demo(folder)


def test_a_missing_folder_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "services")
    with pytest.raises(DemoError, match="lack services"):
        read_demo(folder)
