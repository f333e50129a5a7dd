import time
from pathlib import Path

import pytest

from . import recipe
from .recipe import LimitedError, run_limited

SHELL = "/bin/sh"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "SECONDS", 5)
    monkeypatch.setattr(recipe, "MAX_OUTPUT", 100_000)


def run(script: str, data: bytes = b"") -> bytes:
    return run_limited([SHELL, "-c", script], data)


def test_a_program_gets_its_input_and_its_output_comes_back() -> None:
    assert run_limited(["/bin/cat", "--"], b"content") == b"content"


def test_a_program_that_fails_or_is_not_there_is_told() -> None:
    with pytest.raises(LimitedError, match="status 3"):
        run("exit 3")
    with pytest.raises(LimitedError, match="status 1"):
        run_limited(["/no/such/program"])


def test_attack_the_environment_of_ours_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    found = run_limited(["/usr/bin/env"]).decode()
    assert "hunter2" not in found
    assert {line.partition("=")[0] for line in found.split()} <= {"PATH", "LANG", "PWD", "SHLVL", "_", "LC_CTYPE"}


def test_attack_a_program_is_not_searched_for() -> None:
    for name in ("sh", "./sh", ""):
        with pytest.raises(ValueError, match="full path"):
            run_limited([name])


def test_attack_an_operand_is_not_read_by_a_shell() -> None:
    assert run_limited(["/bin/echo", "$(id); rm *"]) == b"$(id); rm *\n"


def test_attack_endless_output_is_cut_off() -> None:
    with pytest.raises(LimitedError, match="printed too much"):
        run("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done")


def test_attack_every_limit_is_set_in_the_program() -> None:
    found = run("ulimit -t; ulimit -v; ulimit -c; ulimit -n; ulimit -f").split()
    assert found[:4] == [b"10", str(recipe.MEMORY // 1024).encode(), b"0", b"64"]
    assert int(found[4]) in (100_000 // 512, 100_000 // 1024)


def test_attack_a_program_that_never_ends_is_killed_with_its_children(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recipe, "SECONDS", 0.1)
    sign = tmp_path / "alive"
    begin = time.monotonic()
    with pytest.raises(LimitedError, match="longer than"):
        run(f"(sleep 20; touch {sign}) & echo $! > {tmp_path}/pid; sleep 20")
    assert time.monotonic() - begin < 3
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 2
    while running(child) and time.monotonic() < deadline:
        pass
    assert not running(child)


def running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


def test_attack_a_child_left_behind_by_a_program_that_ends_is_killed(tmp_path: Path) -> None:
    run(f"sleep 20 & echo $! > {tmp_path}/pid")
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 2
    while running(child) and time.monotonic() < deadline:
        pass
    assert not running(child)


def test_attack_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MEMORY", 200_000_000)
    with pytest.raises(LimitedError):
        run("exec tail /dev/zero")


def test_it_works_in_an_empty_folder_that_vanishes() -> None:
    folder = run("pwd; ls -A").decode().split("\n")
    assert folder[1:] == [""]
    assert not Path(folder[0]).exists()
