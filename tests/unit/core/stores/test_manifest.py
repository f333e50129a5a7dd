from pathlib import Path

from workbench.core.stores.manifest import Manifest

IDENTITY = {"library": "one"}


def test_a_manifest_tells_whether_its_files_are_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc")
    Manifest.of(tmp_path, IDENTITY, 3, 10, files=["data"]).write(tmp_path)
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert (manifest.epoch, manifest.count) == (3, 10)
    assert manifest.holds(tmp_path, IDENTITY)
    assert not manifest.holds(tmp_path, {"library": "two"})
    (tmp_path / "data").write_bytes(b"abd")
    assert not manifest.holds(tmp_path, IDENTITY)
    (tmp_path / "data").unlink()
    assert not manifest.holds(tmp_path, IDENTITY)


def test_what_cannot_be_read_is_no_manifest(tmp_path: Path) -> None:
    assert Manifest.read(tmp_path) is None
    for content in (b"", b"{", b"[]", b'{"epoch": 1}', b"\xff\xfe\x00"):
        (tmp_path / "manifest.json").write_bytes(content)
        assert Manifest.read(tmp_path) is None


def test_writing_leaves_no_other_file(tmp_path: Path) -> None:
    for epoch in (1, 2):
        Manifest.of(tmp_path, IDENTITY, epoch, 0, files=[]).write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
