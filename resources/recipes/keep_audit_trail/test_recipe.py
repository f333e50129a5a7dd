import fcntl
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from . import recipe
from .recipe import AuditError, keep_audit_trail, verify_audit_trail

KEY = b"k" * 32
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def append(path: Path, subject: str = "user/7", key: bytes = KEY, **details: str) -> tuple[int, str]:
    return keep_audit_trail(path, key, "alice", "grant", subject, details, NOON)


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    for number in range(5):
        append(path, f"user/{number}", role="admin")
    return path


def lines(trail: Path) -> list[bytes]:
    return trail.read_bytes().splitlines(keepends=True)


def test_a_trail_grows_and_is_whole(trail: Path) -> None:
    number, seal = append(trail, "Zo\u00eb\nfake line")
    assert number == 6
    assert verify_audit_trail(trail, KEY, {6: seal}) == 6
    record = json.loads(lines(trail)[0])
    assert (record["actor"], record["subject"], record["details"]) == ("alice", "user/0", {"role": "admin"})
    assert record["time"] == "2026-11-22T12:00:00+00:00"
    assert trail.stat().st_mode & 0o077 == 0


def test_an_empty_trail_is_whole(tmp_path: Path) -> None:
    (tmp_path / "audit").touch()
    assert verify_audit_trail(tmp_path / "audit", KEY, {}) == 0


def test_several_writers_make_one_chain(trail: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: append(trail), range(24)))
    assert verify_audit_trail(trail, KEY, {}) == 29


def test_attack_nothing_is_read_or_written_without_the_lock(trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trail.read_bytes()

    def busy(_: object, how: int) -> None:
        assert how == fcntl.LOCK_EX
        raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", busy)
    with pytest.raises(BlockingIOError):
        append(trail)
    assert trail.read_bytes() == before


@pytest.mark.parametrize("place", range(5))
def test_attack_a_changed_line_is_noticed(trail: Path, place: int) -> None:
    found = lines(trail)
    found[place] = found[place].replace(b"admin", b"guest")
    trail.write_bytes(b"".join(found))
    with pytest.raises(AuditError, match=f"line {place + 1} was changed"):
        verify_audit_trail(trail, KEY, {})


@pytest.mark.parametrize("order", [[1, 2, 3, 4], [0, 2, 3, 4], [0, 2, 1, 3, 4], [0, 0, 1, 2, 3, 4], [0, 1, 1, 2, 3, 4]])
def test_attack_removed_swapped_and_repeated_lines_are_noticed(trail: Path, order: list[int]) -> None:
    found = lines(trail)
    trail.write_bytes(b"".join(found[place] for place in order))
    with pytest.raises(AuditError, match="does not follow"):
        verify_audit_trail(trail, KEY, {})


def test_attack_a_line_of_another_trail_with_the_same_key_does_not_fit(trail: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    for _ in range(5):
        append(other, "somebody else")
    found = lines(trail)
    trail.write_bytes(b"".join([*found[:2], lines(other)[2], *found[3:]]))
    with pytest.raises(AuditError, match="line 3 does not follow"):
        verify_audit_trail(trail, KEY, {})


def test_attack_cutting_the_end_off_is_noticed_by_a_seal_kept_elsewhere(trail: Path) -> None:
    number, seal = append(trail)
    trail.write_bytes(b"".join(lines(trail)[:3]))
    with pytest.raises(AuditError, match="ends at line 3, and there were 6"):
        verify_audit_trail(trail, KEY, {number: seal})


def test_attack_a_trail_written_anew_is_noticed_even_with_the_key(trail: Path, tmp_path: Path) -> None:
    number, seal = append(trail)
    other = tmp_path / "other.jsonl"
    for _ in range(number):
        append(other, "nobody")
    with pytest.raises(AuditError, match="not the record that was there"):
        verify_audit_trail(other, KEY, {number: seal})


def test_attack_a_trail_made_without_the_key_is_refused(tmp_path: Path) -> None:
    append(tmp_path / "forged", key=b"m" * 32)
    with pytest.raises(AuditError, match="another key"):
        verify_audit_trail(tmp_path / "forged", KEY, {})
    with pytest.raises(AuditError, match="another key"):
        append(tmp_path / "forged")
    with pytest.raises(AuditError, match="fewer than 32"):
        append(tmp_path / "new", key=b"")


def test_attack_a_second_spelling_of_a_record_is_refused(trail: Path) -> None:
    found = lines(trail)
    found[0] = found[0].replace(b'"actor":"alice"', b'"actor":"mallory","actor":"alice"')
    trail.write_bytes(b"".join(found))
    with pytest.raises(AuditError, match="line 1 was changed"):
        verify_audit_trail(trail, KEY, {})


@pytest.mark.parametrize("rest", [b'{"n":6', b"[" * 15_000, b"null\n", b"\xff\n"])
def test_a_damaged_end_is_told_and_nothing_is_written_behind_it(trail: Path, rest: bytes) -> None:
    with trail.open("ab") as file:
        file.write(rest)
    size = trail.stat().st_size
    with pytest.raises(AuditError):
        append(trail)
    with pytest.raises(AuditError, match="line 6"):
        verify_audit_trail(trail, KEY, {})
    assert trail.stat().st_size == size


def test_a_record_that_is_too_long_is_refused(trail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AuditError, match="more than"):
        append(trail, text="x" * recipe.MAX_LINE)
    assert verify_audit_trail(trail, KEY, {}) == 5


def test_attack_a_link_in_the_place_of_the_trail_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("")
    (tmp_path / "audit").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="audit"):
        append(tmp_path / "audit")
