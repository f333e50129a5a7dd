"""Files on their way through the importer child into the spool, also those made to hurt."""

import gzip
import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.core.knowledge.importers.feeds import (
    CYCLONEDX_XML,
    GHSA,
    SPDX_TAGS,
    as_json,
    component,
    cve,
    cyclonedx,
    ghsa_rest,
    gzipped,
    nvd,
    osv,
    packed,
    sarif,
    sarif_result,
    spdx,
    spdx_package,
)
from workbench.core.knowledge.documents import LoadError
from workbench.core.knowledge.importers.child import answer
from workbench.core.knowledge.importers.reading import ImportReader, Read
from workbench.core.knowledge.importers.registry import recognise
from workbench.core.knowledge.importers.spool import Head, Spool
from workbench.core.knowledge.loaders.process import CHILD as LOADERS
from workbench.core.knowledge.loaders.process import start_child


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool")
    yield made
    made.close()


def read(path: Path, spool: Spool, kind: str = "") -> Read:
    return ImportReader(deadline=60).read(path, kind, spool)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("nvd", nvd(cve())),
        ("osv", as_json(osv())),
        ("ghsa", as_json(osv(GHSA))),
        ("ghsa", as_json([ghsa_rest()])),
        ("sarif", sarif(sarif_result())),
        ("cyclonedx", cyclonedx(component())),
        ("cyclonedx", CYCLONEDX_XML),
        ("spdx", spdx(spdx_package())),
        ("spdx", SPDX_TAGS),
    ],
)
def test_each_format_is_recognised_by_its_content(kind: str, data: bytes) -> None:
    assert recognise(data) == kind


@pytest.mark.parametrize("data", [b"", b"{}", b"[1, 2]", b"\xff\xfe\x00", b"<html/>", b"id,modified,affected", b'"id"'])
def test_other_content_is_not_recognised(data: bytes) -> None:
    assert recognise(data) is None


def test_an_archive_of_osv_holds_all_databases_github_among_them(tmp_path: Path, spool: Spool) -> None:
    exported = osv(GHSA)
    exported["affected"][0]["database_specific"] = {"source": "https://github.com/github/advisory-database/blob/x.json"}
    path = tmp_path / "all.zip"
    path.write_bytes(
        packed({f"{GHSA}.json": as_json(exported), "PYSEC-2099-1.json": as_json(osv()), "notes.txt": b"x"})
    )
    assert read(path, spool).kind == "osv"
    assert set(spool.heads) == {f"osv/{GHSA}", "osv/PYSEC-2099-1"}


def test_what_is_read_comes_back_whole_from_the_disk(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "year.json.gz"
    path.write_bytes(gzipped(nvd(cve(1, "Grüße 🚀 \ud83d"), cve(2), stamp="2099-03-01T00:00:00.000")))
    result = read(path, spool)
    assert (result.kind, result.version, result.whole) == ("nvd", "2099-03-01T00:00:00.000", True)
    document = spool.load("nvd/CVE-2099-0001")
    assert document.blocks[0].text == "Grüße 🚀 ?"
    assert document.content_hash == spool.heads["nvd/CVE-2099-0001"].hash
    assert document.records[0].data["affected"]


def test_a_folder_is_one_import_and_what_is_no_advisory_in_it_is_told(tmp_path: Path, spool: Spool) -> None:
    for number in (1, 2):
        folder = tmp_path / "advisories" / str(number)
        folder.mkdir(parents=True)
        (folder / "a.json").write_bytes(as_json(osv(f"PYSEC-2099-{number}", modified=f"2099-02-0{number}T00:00:00Z")))
    whole = read(tmp_path / "advisories", spool)
    assert (whole.kind, whole.version, whole.whole) == ("osv", "2099-02-02T00:00:00Z", True)
    (tmp_path / "advisories" / "package.json").write_bytes(b'{"name": "x"}')
    again = read(tmp_path / "advisories", spool)
    assert not again.whole
    assert "1 files of advisories were left out" in again.notices[0]
    assert set(spool.heads) == {"osv/PYSEC-2099-1", "osv/PYSEC-2099-2"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_links_and_pipes_in_a_folder_are_not_opened(tmp_path: Path, spool: Spool) -> None:
    (tmp_path / "elsewhere.json").write_bytes(as_json(osv()))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "elsewhere.json")
    os.mkfifo(folder / "pipe.json")
    with pytest.raises(LoadError, match="no file in this folder"):
        ImportReader(deadline=5).read(folder, "", spool)


def test_of_two_entries_with_one_id_the_later_counts_in_any_order(tmp_path: Path) -> None:
    heads = [Head("a", "1", 1, "2099-01-01", "old"), Head("a", "2", 1, "2099-02-01", "new")]
    for order in (heads, heads[::-1]):
        spool = Spool(tmp_path)
        for head in order:
            spool.add(head, b"{}\n")
        assert spool.heads["a"].title == "new"
        assert spool.twice == 1
        spool.close()


DEEP = b"[" * 200_000
BOMB = gzip.compress(b"{" + b" " * 60_000_000, 9)
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component><name>&b;</name></component></components></bom>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component><name>&x;</name></component></components></bom>"""
DEEP_NVD = b'{"format": "NVD_CVE", "timestamp": "x", "vulnerabilities": [' + b'{"cve":' * 100_000
DEEP_BOM = b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": ' + b'[{"components":' * 50_000


@pytest.mark.parametrize(
    ("name", "kind", "data", "said"),
    [
        ("deep.json", "osv", DEEP, "nested too deeply"),
        ("deep.json", "nvd", DEEP_NVD, "nested too deeply"),
        ("deep.json", "cyclonedx", DEEP_BOM, "nested too deeply"),
        ("bomb.gz", "nvd", BOMB, "200 times its size"),
        ("bomb.zip", "osv", packed({"a.json": b" " * 60_000_000}), "200 times its size"),
        ("entities.xml", "cyclonedx", ENTITIES, "declares a document type"),
        ("outside.xml", "cyclonedx", OUTSIDE, "declares a document type"),
        ("cut.json.gz", "nvd", gzipped(nvd(cve()))[:-20], "cannot be unpacked"),
        ("cut.json", "nvd", nvd(cve())[:-20], "no valid JSON"),
        ("types.json", "nvd", as_json({"format": "NVD_CVE", "vulnerabilities": {"a": 1}, "timestamp": 5}), ""),
        ("types.json", "osv", as_json({"id": 5, "modified": [], "affected": {}}), "no file of OSV"),
        ("types.json", "ghsa", as_json([{"ghsa_id": 7}]), "no file of GitHub advisories"),
        ("types.json", "sarif", as_json({"version": "2.1.0", "runs": [{"tool": 3}]}), "damaged"),
        ("types.json", "spdx", as_json({"spdxVersion": "SPDX-2.3", "creationInfo": []}), "damaged"),
        ("number.json", "osv", b'{"id": ' + b"9" * 6_000 + b"}", "no valid JSON"),
        ("empty.json", "", b"", "no importer recognises it"),
        ("empty.json", "osv", b"", "no valid JSON"),
        ("not.zip", "", b"PK\x03\x04 but no archive", "cannot be unpacked"),
        ("other.json", "", b'{"a": 1}', "no importer recognises it"),
    ],
)
def test_hostile_files_end_in_a_sentence_and_leave_nothing(
    tmp_path: Path, name: str, kind: str, data: bytes, said: str
) -> None:
    path, channel = tmp_path / name, io.BytesIO()
    path.write_bytes(data)
    answer(path, kind, channel, all_first=False)
    *before, last = [json.loads(line) for line in channel.getvalue().splitlines()]
    assert all(line.keys() == {"kind"} for line in before), "no document came"
    if said:
        assert last["error"].startswith(f"{name}: ")
        assert said in last["error"]
    else:
        assert "end" in last


def test_an_encrypted_archive_is_refused(tmp_path: Path, spool: Spool) -> None:
    data = bytearray(packed({"a.json": as_json(osv())}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path = tmp_path / "secret.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(LoadError, match="encrypted"):
        read(path, spool)


def test_a_path_in_an_archive_is_a_name_and_nothing_is_written(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../slipped.json", json.dumps(osv()))
    assert read(path, spool).kind == "osv"
    assert not list(tmp_path.parent.rglob("slipped.json"))


def test_what_kills_the_reader_ends_in_a_sentence(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.core.knowledge.importers.reading.start_child", lambda _: start_child(LOADERS))
    path = tmp_path / "bom.json"
    path.write_bytes(cyclonedx(component()))
    with pytest.raises(LoadError, match="made its reader crash"):
        read(path, spool)


def test_reading_can_be_stopped_and_has_a_deadline(tmp_path: Path, spool: Spool) -> None:
    path = tmp_path / "long.json"
    path.write_bytes(nvd(*(cve(number) for number in range(1, 4_000))))
    reader = ImportReader()
    threading.Timer(0.2, reader.stop).start()
    with pytest.raises(LoadError, match="stopped"):
        reader.read(path, "nvd", spool)
    with pytest.raises(LoadError, match="took longer than"):
        ImportReader(deadline=0.1).read(path, "nvd", spool)
