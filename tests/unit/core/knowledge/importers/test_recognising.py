"""Files that are catalogues, reports or inventories are told from others by what they begin with."""

from pathlib import Path

from tests.unit.core.knowledge.importers.feeds import component, cve, cyclonedx, gzipped, nvd
from workbench.core.knowledge.importers.recognising import recognised


def test_catalogues_and_inventories_are_known_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "year.json.gz").write_bytes(gzipped(nvd(cve(1))))
    (tmp_path / "parts.json").write_bytes(cyclonedx(component("left-pad", "1.0")))
    (tmp_path / "package.json").write_text('{"name": "left-pad"}', "utf-8")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and nothing")
    (tmp_path / "notes.md").write_bytes(nvd(cve(1)))
    (tmp_path / "folder.json").mkdir()
    known = recognised([*sorted(tmp_path.iterdir()), tmp_path / "missing.json"])
    assert {path.name: kind for path, kind in known.items()} == {"year.json.gz": "nvd", "parts.json": "cyclonedx"}
