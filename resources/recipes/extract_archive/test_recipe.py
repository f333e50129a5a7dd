import bz2
import gzip
import io
import lzma
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


def test_attack_members_that_are_no_files_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_FILES", 10)
    folders = []
    for number in range(20):
        folders.append(tarfile.TarInfo(f"f{number}"))
        folders[-1].type = tarfile.DIRTYPE
    archive = tarred(tmp_path / "a.tgz", *((folder, b"") for folder in folders))
    with pytest.raises(ArchiveRefusedError, match="more than 10"):
        extract_archive(archive, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for number in range(20):
            made.writestr(f"f{number}/", b"")
    with pytest.raises(ArchiveRefusedError, match="more than 10"):
        extract_archive(tmp_path / "a.zip", tmp_path / "out2")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", ""])
def test_attack_a_header_of_a_tar_cannot_hold_more_than_all_files_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: bytes, packing: str
) -> None:
    monkeypatch.setattr(recipe, "MAX_BYTES", 100_000)
    monkeypatch.setattr(recipe, "MAX_FILES", 10)
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 1_000_000
    small = tarfile.TarInfo("small")
    small.size = 0
    raw = header.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1_000_448 + small.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1024
    pack = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "": bytes}[packing]
    (tmp_path / "a").write_bytes(pack(raw))
    with pytest.raises(ArchiveRefusedError):
        extract_archive(tmp_path / "a", tmp_path / "out")


def test_tars_of_every_packing_are_unpacked(tmp_path: Path) -> None:
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        with tarfile.open(tmp_path / "a", mode) as made:
            info = tarfile.TarInfo("x/" + "n" * 150)
            info.size = 3
            made.addfile(info, io.BytesIO(b"abc"))
        assert [p.read_bytes() for p in extract_archive(tmp_path / "a", tmp_path / f"out{mode[2:]}")] == [b"abc"]


def test_attack_a_damaged_or_locked_archive_is_refused_with_our_error(tmp_path: Path) -> None:
    good = zipped(tmp_path / "a.zip", {"a.txt": b"hello hello hello"}).read_bytes()
    locked = bytearray(good)
    locked[6] |= 1  # encrypted, says the header of the file
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    torn = good.replace(good[30 + 5 : 30 + 9], b"\xff\xff\xff\xff", 1)
    tar = tarred(tmp_path / "a.tgz", (tarfile.TarInfo("a"), b"x" * 5000)).read_bytes()
    for number, content in enumerate((bytes(locked), torn, tar[:-30], tar[:20] + b"\xff\xff" + tar[22:])):
        (tmp_path / "b").write_bytes(content)
        with pytest.raises(ArchiveRefusedError):
            extract_archive(tmp_path / "b", tmp_path / f"out{number}")


@pytest.mark.parametrize("names", [["a", "a/b"], ["a", "a"], ["x" * 300]])
def test_attack_names_that_do_not_fit_together_are_refused(tmp_path: Path, names: list[str]) -> None:
    archive = tarred(tmp_path / "a.tgz", *((tarfile.TarInfo(name), b"x") for name in names))
    with pytest.raises(ArchiveRefusedError):
        extract_archive(archive, tmp_path / "out")


@pytest.mark.parametrize("name", [".. /evil", "a/.../evil", "a/ ./evil"])
def test_attack_a_part_of_dots_and_blanks_which_windows_may_trim_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArchiveRefusedError):
        extract_archive(zipped(tmp_path / "a.zip", {name: b"x"}), tmp_path / "out")
