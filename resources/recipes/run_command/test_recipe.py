import sys
from pathlib import Path

import pytest

from . import recipe
from .recipe import CommandError, run_command

ECHO = (sys.executable, "-I", "-c", "import sys; print('|'.join(sys.argv[1:])); print(sys.stdin.read())")


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "PROGRAM", ECHO)


def test_the_program_gets_operands_and_input() -> None:
    assert run_command(["a file.txt", "b"], "hello") == "--|a file.txt|b\nhello\n"


@pytest.mark.parametrize(
    "attack", ["x; touch pwned", "$(touch pwned)", "`touch pwned`", "x && touch pwned", "x\ntouch pwned"]
)
def test_attack_shell_syntax_reaches_the_program_as_plain_text(
    attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command([attack]).startswith(f"--|{attack}\n")
    assert not (tmp_path / "pwned").exists()


def test_attack_an_operand_that_looks_like_an_option_stands_after_the_end_of_options() -> None:
    assert run_command(["--output=/etc/passwd"]).startswith("--|--output=/etc/passwd")


def test_attack_secrets_in_the_environment_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "s3cret")
    monkeypatch.setattr(recipe, "PROGRAM", (sys.executable, "-I", "-c", "import os; print(dict(os.environ))"))
    assert "s3cret" not in run_command([])


def test_a_program_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "PROGRAM", (sys.executable, "-I", "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(recipe, "SECONDS", 0.2)
    with pytest.raises(CommandError, match="longer"):
        run_command([])


def test_failure_and_absence_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "PROGRAM", (sys.executable, "-I", "-c", "raise SystemExit(3)"))
    with pytest.raises(CommandError, match="status 3"):
        run_command([])
    monkeypatch.setattr(recipe, "PROGRAM", ("/nowhere/program",))
    with pytest.raises(CommandError, match="started"):
        run_command([])
    with pytest.raises(CommandError, match="started"):
        run_command(["a\0b"])
