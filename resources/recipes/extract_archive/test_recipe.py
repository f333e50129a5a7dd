import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from . import recipe
from .recipe import ArchiveRefusedError, extract_archive


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_plain_files_are_unpacked_from_both_kinds(tmp_path: Path) -> None:
    zip_file = zipped(tmp_path / "a.zip", {"readme.txt": b"hello", "src/main.py": b"print()"})
    tar_file = tarred(tmp_path / "a.tar.gz", (tarfile.TarInfo("src/main.py"), b"print()"))
    assert [path.name for path in extract_archive(zip_file, tmp_path / "one")] == ["readme.txt", "main.py"]
    extract_archive(tar_file, tmp_path / "two")
    assert (tmp_path / "two" / "src" / "main.py").read_bytes() == b"print()"


@pytest.mark.parametrize("name", ["../evil.sh", "a/../../evil.sh", "/tmp/evil.sh", "..\\evil.sh", "C:evil.sh"])
def test_attack_a_name_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveRefusedError, match="outside"):
        extract_archive(zipped(tmp_path / "a.zip", {name: b"x"}), tmp_path / "out")
    with pytest.raises(ArchiveRefusedError, match="outside"):
        extract_archive(tarred(tmp_path / "a.tgz", (tarfile.TarInfo(name), b"x")), tmp_path / "out2")
    assert not (tmp_path / "evil.sh").exists()


def test_attack_a_link_in_a_tar_is_not_made_so_nothing_is_written_through_it(tmp_path: Path) -> None:
    link = tarfile.TarInfo("door")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
    archive = tarred(tmp_path / "a.tgz", (link, b""), (tarfile.TarInfo("door/evil.sh"), b"x"))
    extract_archive(archive, tmp_path / "out")
    assert not (tmp_path / "evil.sh").exists()
    assert not (tmp_path / "out" / "door").is_symlink()


def test_attack_a_zip_bomb_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 1_000_000)
    bomb = zipped(tmp_path / "bomb.zip", {"a": b"\0" * 900_000, "b": b"\0" * 900_000})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(ArchiveRefusedError, match="bytes"):
        extract_archive(bomb, tmp_path / "out")
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 1_000_000


def test_attack_a_flood_of_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_FILES", 3)
    with pytest.raises(ArchiveRefusedError, match="more than 3"):
        extract_archive(zipped(tmp_path / "a.zip", {str(i): b"" for i in range(4)}), tmp_path / "out")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK but not really")
    with pytest.raises(ArchiveRefusedError, match="neither"):
        extract_archive(tmp_path / "a.zip", tmp_path / "out")
