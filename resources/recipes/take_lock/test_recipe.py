import fcntl
import os
from pathlib import Path

import pytest

from .recipe import LockedError, take_lock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.lock"


class Clock:
    """Time that passes by sleeping only. `at_pause` is done at a pause of that number."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses += 1


def taken(path: Path, seconds: float = 0) -> bool:
    clock = Clock()
    try:
        with take_lock(path, seconds, lambda: clock.now, clock.sleep):
            return False
    except LockedError:
        return True


def test_a_lock_is_held_for_the_length_of_the_block_and_free_after(path: Path) -> None:
    with take_lock(path):
        assert taken(path)
        assert path.read_text() == f"{os.getpid()}\n"
    assert not taken(path)
    assert path.stat().st_mode & 0o077 == 0


def test_it_is_free_after_an_error(path: Path) -> None:
    with pytest.raises(RuntimeError), take_lock(path):
        raise RuntimeError
    assert not taken(path)


def test_attack_two_never_hold_it_and_the_wait_ends(path: Path) -> None:
    clock = Clock()
    with take_lock(path):
        second = take_lock(path, 2, lambda: clock.now, clock.sleep)
        with pytest.raises(LockedError, match=f"process {os.getpid()}"), second:
            pass
        assert clock.now == pytest.approx(2, abs=0.1)


def test_who_waits_gets_it_when_it_becomes_free(path: Path) -> None:
    first = take_lock(path)
    first.__enter__()
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if clock.pauses == 3:
            first.__exit__(None, None, None)

    with take_lock(path, 5, lambda: clock.now, sleep):
        assert clock.pauses == 3


def test_attack_the_file_of_a_dead_process_blocks_nobody(path: Path) -> None:
    path.write_text("1\n")  # a process that lives, even
    assert not taken(path)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert taken(path)
    os.close(descriptor)  # what the kernel does when a process dies
    assert not taken(path)


def test_attack_a_lock_on_a_removed_file_is_not_taken_for_the_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, removed = fcntl.flock, []

    def flock(descriptor: int, how: int) -> None:
        if not removed:
            removed.append(path.unlink())
            path.touch()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    clock = Clock()
    with take_lock(path, 1, lambda: clock.now, clock.sleep):
        assert clock.pauses == 1
        assert taken(path)


def test_attack_a_link_in_its_place_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    victim.write_text("content")
    path.symlink_to(victim)
    with pytest.raises(OSError, match=r"job\.lock"), take_lock(path):
        pass
    assert victim.read_text() == "content"


def test_a_garbled_file_is_no_trouble(path: Path) -> None:
    path.write_bytes(b"\xff\n<script>")
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert taken(path)
    os.close(descriptor)
